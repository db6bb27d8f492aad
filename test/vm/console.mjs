// @ts-check
/**
 * The guest's console log: what its kernel said.
 *
 * Owns the reading of it, for messages about a guest that died or complained. Must never stand
 * between a command and its output: that travels elsewhere.
 */

import { readFile, stat } from 'node:fs/promises';

const TAIL_LINES = 60;

/** How the kernel begins a complaint that does not end it (with oops=panic the others do). */
const COMPLAINT =
  /(WARNING: CPU: \d+|BUG: |INFO: task .* blocked|rcu: INFO|soft lockup|KASAN|UBSAN|unregister_netdevice: waiting)/;

/** @param {string} path @returns {Promise<string>} empty if there is none */
const read = (path) => readFile(path, 'utf8').catch(() => '');

/** @param {string} path @param {number} from @returns {Promise<string>} */
const readFrom = async (path, from) =>
  (await readFile(path).catch(() => Buffer.alloc(0))).subarray(from).toString('utf8');

/**
 * @param {string} path
 * @returns {Promise<string>} its last lines, each marked as the console's
 */
export async function consoleTail(path) {
  const lines = (await read(path)).replaceAll('\r', '').trimEnd().split('\n').slice(-TAIL_LINES);
  return lines.map((line) => `console| ${line}`).join('\n');
}

/**
 * @param {string} path
 * @param {number} from a size that `consoleSize` gave
 * @returns {Promise<string>} how the machine ended, as the beginning of a sentence
 */
export async function causeOfDeath(path, from) {
  const text = await readFrom(path, from);
  if (/Kernel panic/.test(text)) return "the guest's kernel panicked";
  if (/reboot: |sysrq: (Power Off|Resetting)/.test(text)) return 'the guest shut down';
  return 'QEMU ended or was killed';
}

/**
 * @param {string} path
 * @returns {Promise<boolean>} whether a processor sleeps for good: RCU's own diagnosis (kernel/rcu/tree_stall.h)
 */
export const hasLostTimer = async (path) =>
  (await read(path)).includes("rcu_preempt kthread timer wakeup didn't happen");

/** @param {string} path @returns {Promise<number>} its size in bytes, 0 if there is none */
export const consoleSize = (path) =>
  stat(path).then(
    (info) => info.size,
    () => 0,
  );

/**
 * @param {string} path
 * @param {number} from a size that `consoleSize` gave
 * @returns {Promise<string[]>} complaints of the kernel since then
 */
export async function consoleComplaints(path, from) {
  const text = await readFrom(path, from);
  return text
    .replaceAll('\r', '')
    .split('\n')
    .filter((line) => COMPLAINT.test(line));
}
