// @ts-check
/**
 * One virtual machine: boots it, finds it again, ends it.
 *
 * Owns QEMU's process and the state folder's record of it. Callers hold the machine's lock
 * (index.mjs), so that nothing here races with another process. Must never end a process that it
 * cannot prove to be its QEMU.
 */

import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { chooseAccelerator } from './accel.mjs';
import { consoleTail, hasLostTimer } from './console.mjs';
import { VmError } from './errors.mjs';
import { TOKEN_SIZE } from './frames.mjs';
import { elapsed } from './progress.mjs';
import { QEMU, qemuArguments } from './qemu.mjs';
import { Session } from './session.mjs';
import { setupHost } from './setup.mjs';
import { files, makeStateFolder, processStart, readRecord, writeRecord } from './state.mjs';

/** @typedef {import("./state.mjs").MachineRecord} MachineRecord */

/**
 * @typedef {object} MachineOptions
 * @property {string} folder the state folder
 * @property {string} checkout absolute
 * @property {import("./image.mjs").Image} image
 * @property {number} memoryMiB
 * @property {number} cpus
 * @property {number} idleSeconds
 * @property {import("./progress.mjs").Log} log
 */

/** Seven seconds where this was measured; a busy CI machine may take much longer. */
const BOOT_DEADLINE_MS = 240_000;
/** For a machine that is up already. */
const ATTACH_DEADLINE_MS = 20_000;
/** How often a boot that takes long is looked at. */
const BOOT_LOOK_MS = 5_000;
/** Emulated guests sometimes lose a processor's timer early in their boot (about one in thirty under load). */
const BOOT_TRIES = 3;
const POWER_OFF_DEADLINE_MS = 10_000;

/**
 * A machine of another likeness is out of date: other image, other hardware, or packages installed
 * since, by apt or npm (the guest keeps names and pages of the host's root and of node_modules).
 * @param {MachineOptions} options
 * @param {string} accel
 * @returns {Promise<string>}
 */
async function likenessOf({ checkout, image, memoryMiB, cpus, idleSeconds }, accel) {
  const recipe = await readFile(fileURLToPath(new URL('qemu.mjs', import.meta.url)));
  const stamp = (/** @type {string} */ path) =>
    stat(path).then(
      ({ mtimeMs, size }) => `${mtimeMs} ${size}`,
      () => '',
    );
  const parts = [image.hash, memoryMiB, cpus, idleSeconds, accel, process.execPath];
  // npm writes the second at the end of each install.
  const kept = ['/var/lib/dpkg/status', join(checkout, 'node_modules/.package-lock.json'), process.execPath];
  const hostState = await Promise.all(kept.map(stamp));
  return createHash('sha256')
    .update(recipe)
    .update([...parts, ...hostState].join('\0'))
    .digest('hex')
    .slice(0, 16);
}

/**
 * Finds the machine or boots it; replaces one that is out of date or does not answer.
 * @param {MachineOptions} options
 * @returns {Promise<{ session: Session, record: MachineRecord, booted: boolean, release: () => void }>} a
 *   machine that was booted ends with this process, whatever ends it but SIGKILL, until `release` is called
 * @throws {VmError} BOOT; SETUP if the host lacks what it takes
 */
export async function attachOrBoot(options) {
  const { folder, image, log } = options;
  const accel = await chooseAccelerator({ image, log });
  const likeness = await likenessOf(options, accel);
  const record = await readRecord(folder);
  if (record && record.likeness === likeness) {
    const { socket } = files(folder);
    const session = await Session.open({ socket, token: record.token, deadlineMs: ATTACH_DEADLINE_MS });
    if (session) return { session, record, booted: false, release: () => {} };
    log('the machine that is up does not answer: replacing it');
  } else if (record) {
    log('the machine that is up is out of date: replacing it');
  }
  if (record) await end(folder, record);
  await setupHost({ log });
  for (let tries = 1; ; tries++) {
    const machine = await boot(options, accel, likeness, tries === BOOT_TRIES);
    if (machine) return { ...machine, booted: true };
  }
}

/**
 * @param {MachineOptions} options
 * @param {"kvm" | "tcg"} accel
 * @param {string} likeness
 * @param {boolean} last whether a stalled boot is an error
 * @returns {Promise<{ session: Session, record: MachineRecord, release: () => void } | null>} null if it stalled
 */
async function boot({ folder, checkout, image, memoryMiB, cpus, idleSeconds, log }, accel, likeness, last) {
  const startedAt = performance.now();
  const { socket, consoleLog, qemuLog } = files(folder);
  await makeStateFolder(folder);
  log(`booting Linux ${image.kernel.release} (${accel === 'kvm' ? 'KVM' : 'software emulation'}) ...`);
  for (const path of [socket, consoleLog, qemuLog]) await rm(path, { force: true });
  const token = randomBytes(TOKEN_SIZE).toString('hex');
  const hardware = { memoryMiB, cpus, accel };
  const shape = { hardware, imageFolder: image.folder, checkout, token, idleSeconds, consoleLog, socket };
  const output = await open(qemuLog, 'w', 0o600);
  // A session of its own: a Ctrl-C on our terminal is for the command, not for the machine.
  const child = spawn(QEMU, qemuArguments(shape), {
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
  });
  await Promise.race([once(child, 'spawn'), once(child, 'error')]);
  await output.close();
  const { pid } = child;
  if (pid === undefined) throw new VmError('BOOT', `cannot run ${QEMU}`);
  child.unref();
  const onExit = () => {
    child.kill('SIGKILL');
  };
  process.on('exit', onExit);
  const release = () => {
    process.off('exit', onExit);
  };
  const record = { pid, startedAt: (await processStart(pid)) ?? '', token, likeness, checkout, accel };
  await writeRecord(folder, record);

  while (
    performance.now() - startedAt < BOOT_DEADLINE_MS &&
    child.exitCode === null &&
    child.signalCode === null
  ) {
    const session = await Session.open({ socket, token, deadlineMs: BOOT_LOOK_MS });
    if (session) {
      log(`booted in ${elapsed(startedAt)}`);
      return { session, record, release };
    }
    if (!last && (await hasLostTimer(consoleLog))) {
      log(`the guest lost a timer after ${elapsed(startedAt)} of its boot: trying again`);
      await end(folder, record);
      release();
      return null;
    }
    await sleep(20);
  }
  await end(folder, record);
  release();
  const said = (await readFile(qemuLog, 'utf8')).trim();
  const tail = await consoleTail(consoleLog);
  throw new VmError(
    'BOOT',
    `the machine did not boot (gave up after ${elapsed(startedAt)})\n${said}\n${tail}\nall of it: ${consoleLog}`,
  );
}

/**
 * Asks the machine to power off, and sees to it that it does.
 * @param {string} folder
 * @param {MachineRecord} record
 * @param {Session} [session] if there is one
 * @returns {Promise<void>}
 */
export async function end(folder, record, session) {
  session?.powerOff();
  if (!session || !(await gone(record, POWER_OFF_DEADLINE_MS))) {
    if ((await processStart(record.pid)) === record.startedAt) process.kill(record.pid, 'SIGKILL');
    await gone(record, POWER_OFF_DEADLINE_MS);
  }
  session?.close();
  const { record: path, socket } = files(folder);
  await rm(path, { force: true });
  await rm(socket, { force: true });
}

/**
 * @param {MachineRecord} record
 * @param {number} deadlineMs
 * @returns {Promise<boolean>} whether QEMU is gone by then
 */
export async function gone(record, deadlineMs) {
  const until = performance.now() + deadlineMs;
  while ((await processStart(record.pid)) === record.startedAt) {
    if (performance.now() > until) return false;
    await sleep(20);
  }
  return true;
}
