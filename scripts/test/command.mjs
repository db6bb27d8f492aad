/**
 * Runs one command of a test stage, shows its output as it comes, and keeps the lines to count from.
 *
 * Owns the child process: it ends with this one. Must never judge what the command printed.
 */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { ROOT } from '../lib/paths.mjs';
import { isTallyLine } from './tally.mjs';

/** @typedef {{ lines: string[], end: string }} Outcome `end` is `0`, `exit N`, a signal's name or why it did not start */

/**
 * @param {readonly string[]} argv
 * @param {Record<string, string>} [env] added to this process's
 * @returns {Promise<Outcome>} never rejects: a command that cannot be started is an outcome
 */
export async function runCommand([program = '', ...args], env = {}) {
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const forward = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
  process.on('SIGINT', forward).on('SIGTERM', forward);
  /** @type {string[]} */
  const lines = [];
  for (const [stream, show] of /** @type {const} */ ([
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ])) {
    createInterface({ input: stream }).on('line', (line) => {
      if (stream === child.stdout) lines.push(line);
      if (!isTallyLine(line)) show.write(`${line}\n`);
    });
  }
  const end = await new Promise((/** @type {(end: string) => void} */ resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (status, signal) => resolve(signal ?? (status === 0 ? '0' : `exit ${status}`)));
  });
  process.off('SIGINT', forward).off('SIGTERM', forward);
  return { lines, end };
}
