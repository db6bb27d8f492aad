// @ts-check
/**
 * Locks between processes of one user on one host.
 *
 * Owns the lock's nature: a listening socket in Linux's abstract namespace (unix(7)), which the
 * kernel lets go when its holder ends, however it ends; so there is no stale lock to judge. Who
 * connects is told who holds it, and learns of the release by the end of the connection.
 */

import { connect, createServer } from 'node:net';
import { VmError } from './errors.mjs';

/** @typedef {import("./progress.mjs").Log} Log */

/**
 * Runs a body while holding a lock; waits for it as long as it takes.
 * @template T
 * @param {string} name
 * @param {{ log: Log, what: string }} options `what` the holder is doing, told to those who wait
 * @param {() => Promise<T>} body
 * @returns {Promise<T>}
 */
export async function withLock(name, options, body) {
  const release = await acquire(name, options);
  try {
    return await body();
  } finally {
    release();
  }
}

/**
 * @param {string} name
 * @param {{ log: Log, what: string }} options
 * @returns {Promise<() => void>} lets go of the lock
 */
export async function acquire(name, { log, what }) {
  const address = `\0sriov-vm-${process.getuid?.() ?? 0}-${name}`;
  let told = false;
  for (;;) {
    const release = await tryListen(address, what);
    if (release) return release;
    await holderGone(address, (holder) => {
      if (!told) log(`waiting for process ${holder}`);
      told = true;
    });
  }
}

/**
 * @param {string} address
 * @param {string} what
 * @returns {Promise<(() => void) | null>} null if another process holds it
 */
function tryListen(address, what) {
  return new Promise((resolve, reject) => {
    /** @type {Set<import("node:net").Socket>} */
    const waiting = new Set();
    const server = createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => {}).on('close', () => waiting.delete(socket));
      socket.unref();
      socket.write(`${process.pid}: ${what}\n`);
    });
    server.once('error', (error) => {
      if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EADDRINUSE') resolve(null);
      else reject(new VmError('SETUP', `cannot lock: ${error.message}`, { cause: error }));
    });
    server.listen(address, () => {
      server.unref();
      resolve(() => {
        server.close();
        for (const socket of waiting) socket.destroy();
      });
    });
  });
}

/**
 * @param {string} address
 * @param {(holder: string) => void} tell
 * @returns {Promise<void>} when the holder has let go
 */
function holderGone(address, tell) {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.setEncoding('utf8').on('data', (text) => tell(String(text).trim()));
    socket.on('error', () => {}).on('close', () => setTimeout(resolve, 20));
  });
}
