/**
 * The pyroute2 model (poll_model.py) as a process that polls when told to, and the Debian package that it needs.
 *
 * Owns the process and the package. Debian's own Python is the one that has Debian's pyroute2: another that comes
 * first on the PATH does not.
 */

import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PYTHON = '/usr/bin/python3';
const PACKAGE = 'python3-pyroute2';
const SCRIPT = fileURLToPath(new URL('poll_model.py', import.meta.url));

/** @typedef {import('./poll-model.mjs').PollWork & { messages: number, answered: number, cpuNs: number, wallNs: number }} PythonWork */

/** @returns {string | null} version of pyroute2; null without it */
export function pyroute2Version() {
  const code = 'from importlib.metadata import version; import pyroute2; print(version("pyroute2"))';
  const { status, stdout } = spawnSync(PYTHON, ['-c', code], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

/**
 * Installs pyroute2 where it is missing, as the set-up of the test machine does with what it needs.
 *
 * @param {(line: string) => void} log
 * @throws VmError - not root, or apt failed; it says which command to run
 */
export async function installPyroute2(log) {
  if (pyroute2Version() !== null) return;
  const { VmError } = await import('../../test/vm/errors.mjs');
  if (process.getuid?.() !== 0) {
    throw new VmError(
      'SETUP',
      `pyroute2 is missing. Please run: sudo apt-get install --no-install-recommends ${PACKAGE}`,
    );
  }
  const { aptInstall, aptUpdate } = await import('../../test/vm/apt.mjs');
  await aptUpdate({ log });
  await aptInstall([PACKAGE], { log });
}

/**
 * @param {string} pf
 * @param {number} vfs
 * @param {'fresh' | 'kept'} sockets
 * @returns {string[]}
 */
export const pythonModel = (pf, vfs, sockets) => [PYTHON, SCRIPT, pf, String(vfs), sockets];

/**
 * @param {string} pf
 * @param {number} vfs
 * @param {'fresh' | 'kept'} sockets
 * @returns {{ poll: () => Promise<PythonWork>, close: () => void }}
 */
export function startPythonPoller(pf, vfs, sockets) {
  const [program = '', ...args] = pythonModel(pf, vfs, sockets);
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    poll: async () => {
      child.stdin.write('\n');
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`${program} ${SCRIPT} ended`);
      return JSON.parse(value);
    },
    close: () => child.stdin.end(),
  };
}
