/**
 * What a program sends to and takes from rtnetlink, as strace sees it: a witness that knows nothing of the program.
 *
 * Owns starting strace and reading its lines.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * @typedef {object} NetlinkTrace
 * @property {number} sends
 * @property {number} sent bytes
 * @property {number} receives
 * @property {number} received bytes
 * @property {number} stats calls of stat(2) and its like below /sys/class/net
 */

/** A program that stats this says: what I have done so far does not count. */
export const TRACE_FROM_HERE = '/trace-from-here';

/** What strace must be told so that {@link readTrace} understands it. */
export const TRACE_OPTIONS = [
  '-f',
  '-qq',
  '-yy',
  '-s',
  '0',
  '-e',
  'trace=sendto,sendmsg,recvfrom,recvmsg,%%stat',
];

/**
 * Runs a program to its end.
 *
 * @param {readonly string[]} argv
 * @param {string} [input]
 * @returns {NetlinkTrace | null} null without strace
 */
export function traceNetlink(argv, input = '') {
  const folder = mkdtempSync(path.join(tmpdir(), 'sriov-trace-'));
  try {
    const output = path.join(folder, 'trace');
    const words = [...TRACE_OPTIONS, '-o', output, '--', ...argv];
    const { error, status, stderr } = spawnSync('strace', words, { input, encoding: 'utf8' });
    if (error !== undefined && 'code' in error && error.code === 'ENOENT') return null;
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(`${argv.join(' ')} under strace: exit status ${status}\n${stderr}`);
    return readTrace(readFileSync(output, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const CALL = /^(?:\[pid +)?(\d*)\]? *(?:<\.\.\. )?([a-z0-9]+)[ (]/;
const RTNETLINK = /<NETLINK:\[(?:ROUTE:)?\d+\]>/;

/** @param {string} text of strace @returns {NetlinkTrace} */
export function readTrace(text) {
  const from = text.lastIndexOf(`"${TRACE_FROM_HERE}"`);
  const trace = { sends: 0, sent: 0, receives: 0, received: 0, stats: 0 };
  /** @type {Map<string, string>} first halves of calls during which another thread did something */
  const halves = new Map();
  for (const part of text.slice(Math.max(from, 0)).split('\n')) {
    const [, thread = '', call = ''] = CALL.exec(part) ?? [];
    if (part.endsWith('<unfinished ...>')) {
      halves.set(thread, part);
      continue;
    }
    const line = part.includes(' resumed>') ? `${halves.get(thread) ?? ''}${part}` : part;
    const result = Number(/ = (-?\d+)(?: |$)/.exec(line)?.[1] ?? Number.NaN);
    if (call.includes('stat')) {
      if (line.includes('"/sys/class/net/')) trace.stats += 1;
    } else if (RTNETLINK.test(line) && result >= 0) {
      if (call.startsWith('send')) {
        trace.sends += 1;
        trace.sent += result;
      } else if (call.startsWith('recv') && !line.includes('MSG_PEEK')) {
        trace.receives += 1;
        trace.received += result;
      }
    }
  }
  return trace;
}
