#!/usr/bin/env node
// @ts-check
/**
 * The command line: one verb, then the end.
 *
 * Owns exit statuses, signals and the terminal of the process. Must never write to stdout during
 * `run`: that is the guest's command's.
 */

import { HELP, parseArguments } from './arguments.mjs';
import { cleanCache } from './clean.mjs';
import { VmError, endMachine, ensureImage, machineStatus, withMachine } from './index.mjs';
import { logToStderr, silent } from './progress.mjs';
import { attachTerminal, forwardSignals } from './terminal.mjs';

/** sysexits.h: wrong usage; internal software error. */
const EX_USAGE = 64;
const EX_SOFTWARE = 70;

/**
 * @param {import("./arguments.mjs").Arguments} args
 * @returns {Promise<number>} exit status
 */
async function main(args) {
  const log = args.quiet ? silent : logToStderr;
  const options = { ...args.machine, log };
  const signals = forwardSignals();
  switch (args.verb) {
    case 'run':
      return withMachine(options, (vm) => run(vm, args, signals));
    case 'up':
      return withMachine({ ...options, keep: true }, async () => 0);
    case 'down':
      log((await endMachine(options)) ? 'ended' : 'not up');
      return 0;
    case 'status': {
      const { record, folder } = await machineStatus(options);
      const text = record ? `up (process ${record.pid}, ${record.accel}), state in ${folder}` : 'down';
      process.stdout.write(`${text}\n`);
      return record ? 0 : 1;
    }
    case 'setup': {
      const image = await ensureImage({ log, refresh: args.refresh });
      process.stdout.write(`${image.folder}\n`);
      return 0;
    }
    case 'clean':
      await cleanCache({ log });
      return 0;
    default:
      process.stdout.write(HELP);
      return 0;
  }
}

/**
 * @param {import("./index.mjs").Vm} vm
 * @param {import("./arguments.mjs").Arguments} args
 * @param {ReturnType<typeof forwardSignals>} signals
 * @returns {Promise<number>}
 */
async function run(vm, { command, run: { tty, ...options } }, signals) {
  const shell = command.length === 0;
  const { stdin, stdout, stderr } = process;
  if (!(tty ?? (shell && stdin.isTTY && stdout.isTTY))) {
    const streams = { stdin, stdout, stderr, onStart: signals.onStart };
    return (await vm.run(shell ? ['bash'] : command, { ...options, ...streams })).status;
  }
  const terminal = attachTerminal();
  const onStart = (/** @type {import("./run.mjs").Control} */ control) => {
    signals.onStart(control);
    terminal.onStart(control);
  };
  try {
    const streams = { stdin, stdout, tty: terminal.size, onStart };
    // Whatever the user's own start-up files do, it is not for this machine, and slow in it.
    const argv = shell ? ['bash', '--norc', '-i'] : command;
    const env = { PS1: '\\h:\\w\\$ ', ...options.env };
    return (await vm.run(argv, { ...options, ...streams, env })).status;
  } finally {
    terminal.detach();
  }
}

try {
  process.exitCode = await main(parseArguments(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof VmError)) throw error;
  process.stderr.write(`vm: ${error.message}\n`);
  if (error.code === 'USAGE') process.stderr.write('vm: try --help\n');
  process.exitCode = error.code === 'USAGE' ? EX_USAGE : EX_SOFTWARE;
}
// What is left is an open stdin that nobody reads any more.
process.stdin.destroy();
