// @ts-check
/**
 * The command line of vm.mjs, from words to options.
 *
 * Owns the syntax and the help text. Must never do anything.
 */

import { VmError } from './errors.mjs';
import { MEMORY_MAX_MIB } from './qemu.mjs';

export const HELP = `usage: node test/vm/vm.mjs VERB [OPTION...] [-- COMMAND [ARGUMENT...]]

A virtual machine with a kernel that has VFs: netdevsim, and igb on an emulated Intel 82576.

  run [-- COMMAND...]  run a command in the guest, in this checkout; with none, a shell.
                       Boots a machine when none is up. Exit status: the command's;
                       128 + signal; 124 on timeout; 70 if the machine failed
  up                   boot it and leave it up, so that the next run takes no boot
  down                 end it
  status               say whether it is up
  setup                install what is missing and make the image, no more
  clean                remove images that are not in use

  --keep               (run) leave the machine up afterwards
  --timeout SECONDS    (run) kill the command after that
  --env NAME=VALUE     (run) set a variable; CI, FORCE_COLOR, NO_COLOR, TERM and PATH are passed anyway
  --cwd FOLDER         (run) start there instead of in the checkout
  --tty, --no-tty      (run) give the command a terminal or not; default: a shell on a terminal only
  --checkout FOLDER    mount this folder writable instead of the one that vm.mjs is in
  --name NAME          a machine of its own, beside the checkout's usual one
  --memory MIB         default 2560, at most ${MEMORY_MAX_MIB}
  --cpus N             default 2
  --idle SECONDS       an unused machine ends by itself after that; default 1800
  --refresh            (setup) ask apt for a newer kernel
  --quiet              no progress lines
`;

/**
 * @typedef {object} Arguments
 * @property {string} verb
 * @property {string[]} command
 * @property {{ checkout?: string, name?: string, memoryMiB?: number, cpus?: number, idleSeconds?: number, keep: boolean }} machine
 * @property {{ timeoutMs: number, env: Record<string, string>, cwd?: string, tty?: boolean }} run
 * @property {boolean} quiet
 * @property {boolean} refresh
 */

const VERBS = ['run', 'up', 'down', 'status', 'setup', 'clean', 'help'];

/** @param {number} mebibytes @returns {number} @throws {VmError} USAGE */
function memory(mebibytes) {
  if (mebibytes > MEMORY_MAX_MIB) {
    throw new VmError('USAGE', `--memory: at most ${MEMORY_MAX_MIB}: with more, QEMU's VFs are out of reach`);
  }
  return Math.round(mebibytes);
}

/**
 * @param {string[]} words without the program's name
 * @returns {Arguments}
 * @throws {VmError} USAGE
 */
export function parseArguments(words) {
  const rest = [...words];
  const verb = rest.shift() ?? 'help';
  /** @type {Arguments} */
  const parsed = {
    verb: verb === '--help' || verb === '-h' ? 'help' : verb,
    command: [],
    machine: { keep: false },
    run: { timeoutMs: 0, env: {} },
    quiet: false,
    refresh: false,
  };
  if (!VERBS.includes(parsed.verb)) throw new VmError('USAGE', `no such verb: ${verb}`);
  const value = (/** @type {string} */ option) => {
    const word = rest.shift();
    if (word === undefined) throw new VmError('USAGE', `${option} needs a value`);
    return word;
  };
  const number = (/** @type {string} */ option) => {
    const word = value(option);
    if (!/^\d+(\.\d+)?$/.test(word) || Number(word) === 0)
      throw new VmError('USAGE', `${option} needs a number above 0, not ${word}`);
    return Number(word);
  };
  while (rest.length > 0 && parsed.command.length === 0) {
    const word = /** @type {string} */ (rest.shift());
    if (word === '--') parsed.command = rest.splice(0);
    else if (!word.startsWith('-')) parsed.command = [word, ...rest.splice(0)];
    else if (word === '--keep') parsed.machine.keep = true;
    else if (word === '--timeout') parsed.run.timeoutMs = number(word) * 1000;
    else if (word === '--env') {
      const [, key, text] = /^([^=]+)=(.*)$/s.exec(value(word)) ?? [];
      if (key === undefined || text === undefined) throw new VmError('USAGE', '--env needs NAME=VALUE');
      parsed.run.env[key] = text;
    } else if (word === '--cwd') parsed.run.cwd = value(word);
    else if (word === '--tty' || word === '--no-tty') parsed.run.tty = word === '--tty';
    else if (word === '--checkout') parsed.machine.checkout = value(word);
    else if (word === '--name') parsed.machine.name = value(word);
    else if (word === '--memory') parsed.machine.memoryMiB = memory(number(word));
    else if (word === '--cpus') parsed.machine.cpus = Math.round(number(word));
    else if (word === '--idle') parsed.machine.idleSeconds = Math.round(number(word));
    else if (word === '--refresh') parsed.refresh = true;
    else if (word === '--quiet') parsed.quiet = true;
    else if (word === '--help' || word === '-h') parsed.verb = 'help';
    else throw new VmError('USAGE', `no such option: ${word}`);
  }
  if (parsed.command.length > 0 && parsed.verb !== 'run')
    throw new VmError('USAGE', `${parsed.verb} takes no command`);
  return parsed;
}
