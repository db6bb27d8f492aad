// @ts-check
/**
 * The virtual machine for scripts: `withMachine` and `ensureImage`.
 *
 * Owns the order of things: image, lock, machine, commands, end. Everyone who wants a command run
 * in the guest comes through here, the command line included.
 */

import { realpath, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { causeOfDeath, consoleComplaints, consoleSize, consoleTail } from './console.mjs';
import { VmError } from './errors.mjs';
import { ensureImage } from './image.mjs';
import { acquire } from './lock.mjs';
import { attachOrBoot, end, gone } from './machine.mjs';
import { logToStderr } from './progress.mjs';
import { runCommand } from './run.mjs';
import { files, readRecord, stateFolder } from './state.mjs';

export { ensureImage, VmError };

/** @typedef {import("./run.mjs").RunOptions} RunOptions */
/** @typedef {import("./run.mjs").RunResult} RunResult */

/**
 * @typedef {object} VmOptions
 * @property {string} [checkout] folder that is mounted writable at its own path and is the commands' cwd; default this repository
 * @property {string} [name] tells several machines of one checkout apart; default empty
 * @property {boolean} [keep] leave the machine up; one that was up before is left up anyway
 * @property {number} [memoryMiB] default 2560, at most MEMORY_MAX_MIB of qemu.mjs
 * @property {number} [cpus] default 2
 * @property {number} [idleSeconds] an unused machine ends by itself after that; default 1800
 * @property {import("./progress.mjs").Log} [log] default: to stderr
 */

/**
 * @typedef {object} Vm
 * @property {(argv: string[], options?: RunOptions) => Promise<RunResult>} run a command; one at a time
 * @property {string} checkout
 * @property {string} accel `kvm` or `tcg`
 * @property {boolean} booted whether this call booted it, rather than finding it up
 * @property {string} consoleLog path of what the guest's kernel says
 */

const DEFAULTS = { name: '', keep: false, memoryMiB: 2560, cpus: 2, idleSeconds: 1800, log: logToStderr };

/**
 * @param {VmOptions} options
 */
async function complete(options) {
  const repository = fileURLToPath(new URL('../..', import.meta.url));
  const checkout = await realpath(options.checkout ?? repository);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const all = { ...DEFAULTS, ...given, checkout };
  return { ...all, folder: stateFolder(checkout, all.name) };
}

/** @param {string} folder @param {import("./progress.mjs").Log} log */
const lockMachine = (folder, log) => acquire(folder, { log, what: process.argv.slice(2).join(' ') });

/**
 * Runs a body with a machine that is up, alone: others who want the same machine wait.
 * @template T
 * @param {VmOptions} options
 * @param {(vm: Vm) => Promise<T>} body
 * @returns {Promise<T>} what the body returns
 * @throws {VmError} SETUP, BUILD, BOOT; from `vm.run` GUEST_DIED with the console's tail
 */
export async function withMachine(options, body) {
  const { folder, keep, log, ...rest } = await complete(options);
  const image = await ensureImage({ log });
  const release = await lockMachine(folder, log);
  try {
    const { session, record, booted, release: letGo } = await attachOrBoot({ ...rest, folder, image, log });
    if (keep) letGo();
    const { consoleLog } = files(folder);
    const kill = () => process.kill(record.pid, 'SIGKILL');
    /** @type {Vm["run"]} */
    const run = async (argv, runOptions = {}) => {
      const from = await consoleSize(consoleLog);
      try {
        return await runCommand({ session, checkout: rest.checkout, kill, log }, argv, runOptions);
      } catch (error) {
        if (!(error instanceof VmError) || error.code !== 'GUEST_DIED') throw error;
        await gone(record, 5_000);
        const tail = await consoleTail(consoleLog);
        const cause = await causeOfDeath(consoleLog, from);
        throw new VmError('GUEST_DIED', `${cause} while the command ran\n${tail}\nall of it: ${consoleLog}`);
      } finally {
        for (const line of await consoleComplaints(consoleLog, from)) log(`the guest's kernel says: ${line}`);
      }
    };
    let failed = true;
    try {
      const result = await body({ run, checkout: rest.checkout, accel: record.accel, booted, consoleLog });
      failed = false;
      return result;
    } finally {
      if (booted && !keep) {
        await end(folder, record, session);
        letGo();
        // The logs of a failure stay to be read.
        if (!failed) await rm(folder, { recursive: true, force: true });
      } else {
        session.close();
      }
    }
  } finally {
    release();
  }
}

/**
 * Ends the machine, if it is up, and removes its state folder, logs included.
 * @param {VmOptions} options
 * @returns {Promise<boolean>} whether it was up
 */
export async function endMachine(options) {
  const { folder, log } = await complete(options);
  const release = await lockMachine(folder, log);
  try {
    const record = await readRecord(folder);
    // No session: a machine that hangs has to end as well, and there is nothing on it to save.
    if (record) await end(folder, record);
    await rm(folder, { recursive: true, force: true });
    return record !== null;
  } finally {
    release();
  }
}

/**
 * @param {VmOptions} options
 * @returns {Promise<{ folder: string, record: import("./state.mjs").MachineRecord | null }>}
 */
export async function machineStatus(options) {
  const { folder } = await complete(options);
  return { folder, record: await readRecord(folder) };
}
