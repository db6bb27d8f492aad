// @ts-check
/**
 * The harness as its users have it: vm.mjs as a process, and a script in the guest.
 *
 * Owns the name of the machine that the checks use, which nobody else does.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { machineStatus, withMachine } from '../index.mjs';
import { logToStderr } from '../progress.mjs';

const CLI = fileURLToPath(new URL('../vm.mjs', import.meta.url));
export const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
export const NAME = `harness-${process.pid}`;
export const MACHINE = { name: NAME, keep: true, log: logToStderr };

/**
 * @typedef {object} CliResult
 * @property {number | null} status
 * @property {string} stdout
 * @property {string} stderr
 * @property {number} ms
 */

/** @typedef {import("node:child_process").ChildProcess} ChildProcess */

/**
 * @typedef {object} CliOptions
 * @property {string} [input] standard input, which ends after it; absent: none
 * @property {Record<string, string>} [env]
 * @property {(child: ChildProcess, stdout: string, stderr: string) => void} [onOutput] with all that came so far
 */

/**
 * `vm.mjs VERB --name NAME WORDS...` to its end.
 * @param {string} verb
 * @param {string[]} [words]
 * @param {CliOptions} [options]
 * @returns {Promise<CliResult>}
 */
export function cli(verb, words = [], { input, env, onOutput = () => {} } = {}) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [CLI, verb, '--name', NAME, ...words], {
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdin?.on('error', () => {}).end(input);
  child.stdout?.on('data', (bytes) => {
    stdout += bytes;
    onOutput(child, stdout, stderr);
  });
  child.stderr?.on('data', (bytes) => {
    stderr += bytes;
    onOutput(child, stdout, stderr);
  });
  return new Promise((resolve) => {
    child.on('close', (status) => resolve({ status, stdout, stderr, ms: performance.now() - startedAt }));
  });
}

/**
 * A command in a machine that stays up.
 * @param {string[]} words
 * @param {CliOptions} [options]
 * @returns {Promise<CliResult>}
 */
export const run = (words, options) => cli('run', ['--keep', ...words], options);

/**
 * Runs a shell script in the guest that has to succeed.
 * @param {string} script
 * @param {import("../run.mjs").RunOptions} [options]
 * @returns {Promise<string>} its output
 */
export const sh = (script, options) =>
  withMachine(MACHINE, async (vm) => {
    const { status, stdout, stderr } = await vm.run(['sh', '-ec', script], options);
    assert.equal(status, 0, `${script}\n${stderr}`);
    return stdout.toString('utf8').trim();
  });

/** @returns {Promise<string>} the state folder of the checks' machine; it may not be there */
export const stateFolder = async () => (await machineStatus(MACHINE)).folder;

/** @returns {Promise<number[]>} the process ids of the checks' machine, by its socket on QEMU's command line */
export async function qemuProcesses() {
  const folder = await stateFolder();
  /** @type {number[]} */
  const found = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.startsWith('qemu-system') && line.includes(folder)) found.push(Number(pid));
  }
  return found;
}
