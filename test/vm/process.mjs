// @ts-check
/**
 * Child processes of the set-up: run one to its end and keep what it said.
 *
 * Owns no policy. Must never go through a shell: arguments are passed as they are.
 */

import { spawn } from 'node:child_process';
import { VmError } from './errors.mjs';

/**
 * @typedef {object} ProcessResult
 * @property {number} status exit status, 128 + signal if it was killed, 127 if there is no such program
 * @property {string} stdout
 * @property {string} stderr
 */

/**
 * Runs a program to its end with empty standard input.
 * @param {string[]} argv
 * @param {{ cwd?: string, env?: Record<string, string | undefined> }} [options]
 * @returns {Promise<ProcessResult>} whatever the exit status is
 */
export function capture(argv, options = {}) {
  return new Promise((resolve) => {
    const [program, ...args] = argv;
    if (program === undefined) throw new TypeError('no program to run');
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, LC_ALL: 'C', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.on('error', (error) => resolve({ status: 127, stdout, stderr: String(error) }));
    child.on('close', (code) => resolve({ status: code ?? 128, stdout, stderr }));
  });
}

/**
 * Runs a program that has to succeed.
 * @param {string[]} argv
 * @param {Parameters<typeof capture>[1]} [options]
 * @returns {Promise<string>} its standard output
 * @throws {VmError} BUILD, with the last lines of what the program said
 */
export async function must(argv, options) {
  const result = await capture(argv, options);
  if (result.status !== 0) {
    const said = (result.stdout + result.stderr).trim().split('\n').slice(-25).join('\n');
    throw new VmError('BUILD', `${argv.join(' ')}: exit status ${result.status}\n${said}`);
  }
  return result.stdout;
}

/**
 * @param {string} program a bare name
 * @returns {Promise<boolean>} whether a shell would find it, also where only root's PATH looks
 */
export async function hasProgram(program) {
  const path = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;
  return (
    (await capture(['sh', '-c', 'command -v "$1"', 'sh', program], { env: { PATH: path } })).status === 0
  );
}
