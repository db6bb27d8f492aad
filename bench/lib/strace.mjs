/**
 * How many system calls a script makes, as strace -c counts them.
 *
 * Owns the counting. Must trace the main thread alone: the others of Node's make calls when it suits them.
 */

import { spawnSync } from 'node:child_process';

/**
 * @param {readonly string[]} argv for this Node
 * @returns {Map<string, number> | null} calls by name, of the main thread; null without strace, or where it may
 *   not trace
 */
export function countSystemCalls(argv) {
  const options = ['-c', '-U', 'calls,name'];
  const { status, stderr } = spawnSync('strace', [...options, process.execPath, ...argv], {
    encoding: 'utf8',
  });
  if (status !== 0) return null;
  const lines = stderr.matchAll(/^\s*(\d+)\s+(\w+)$/gm);
  return new Map([...lines].map(([, count, name]) => [name ?? '', Number(count)]));
}
