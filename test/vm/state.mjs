// @ts-check
/**
 * What is known on the host of a machine that is up: one small folder per checkout and name.
 *
 * Owns the folder's place and its files (machine.json, agent.sock, console.log, qemu.log). It lives
 * in memory where it can ($XDG_RUNTIME_DIR), and its path is short, as a socket's has to be (108
 * bytes, unix(7)). Must never believe machine.json alone: a process id is checked against its start
 * time, so that a number used again is not taken for QEMU's.
 */

import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VmError } from './errors.mjs';

/**
 * @typedef {object} MachineRecord
 * @property {number} pid QEMU's
 * @property {string} startedAt its start time, from /proc/PID/stat
 * @property {string} token
 * @property {string} likeness what the machine was made from and for; another one means it is out of date
 * @property {string} checkout
 * @property {string} accel
 */

/**
 * @param {string} checkout absolute path
 * @param {string} name tells several machines of one checkout apart
 * @returns {string} the folder; it may not be there
 * @throws {VmError} SETUP if another user made it
 */
export function stateFolder(checkout, name) {
  const uid = process.getuid?.() ?? 0;
  const key = createHash('sha256').update(`${checkout}\0${name}`).digest('hex').slice(0, 12);
  const top = process.env.XDG_RUNTIME_DIR
    ? join(process.env.XDG_RUNTIME_DIR, 'sriov-vm')
    : `/tmp/sriov-vm-${uid}`;
  // Anyone may make a folder in /tmp; only our own is used.
  const stat = lstatSync(top, { throwIfNoEntry: false });
  if (stat && (!stat.isDirectory() || stat.uid !== uid || (stat.mode & 0o022) !== 0)) {
    throw new VmError('SETUP', `${top} belongs to someone else or is open to others; please remove it`);
  }
  return join(top, key);
}

/**
 * @param {string} folder
 * @returns {Promise<void>} when it is there, closed to other users
 */
export async function makeStateFolder(folder) {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

/** @param {string} folder */
export const files = (folder) => ({
  record: join(folder, 'machine.json'),
  socket: join(folder, 'agent.sock'),
  consoleLog: join(folder, 'console.log'),
  qemuLog: join(folder, 'qemu.log'),
});

/**
 * @param {number} pid
 * @returns {Promise<string | null>} when the process started, in clock ticks since boot; null if there is none
 */
export async function processStart(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // proc(5): field 22, and field 2 may hold blanks and parentheses. A zombie (field 3) is gone.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? null : (fields[19] ?? null);
}

/**
 * @param {string} folder
 * @returns {Promise<MachineRecord | null>} the machine that runs now; null if there is none
 */
export async function readRecord(folder) {
  const text = await readFile(files(folder).record, 'utf8').catch(() => null);
  if (text === null) return null;
  /** @type {MachineRecord} */
  let record;
  try {
    record = JSON.parse(text);
  } catch {
    return null; // written by no one of ours: a record appears by rename
  }
  return (await processStart(record.pid)) === record.startedAt ? record : null;
}

/**
 * @param {string} folder
 * @param {MachineRecord} record
 * @returns {Promise<void>}
 */
export async function writeRecord(folder, record) {
  const { record: path } = files(folder);
  await writeFile(`${path}.new`, `${JSON.stringify(record, null, '\t')}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
