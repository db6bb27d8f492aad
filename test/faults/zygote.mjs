/**
 * The other end of zygote.ts: takes lines of work and does each in a copy of this process.
 *
 * Owns the loop. What it is given must have been loaded before, and must have started no thread of an addon.
 */
import { readSync, writeFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';

/**
 * @param {string} addon built from zygote.c
 * @param {(work: any) => Promise<unknown>} doWork what it gives, or what it throws, must be JSON or an Error
 */
export async function serveCopies(addon, doWork) {
  const { fork, leave, pid } = createRequire(import.meta.url)(addon);
  for (let line = readLine(); line !== undefined; line = readLine()) {
    const { env, work, result } = JSON.parse(line);
    Object.assign(process.env, env);
    const status = fork();
    if (status !== -1) {
      writeSync(1, `${status}\n`);
      continue;
    }
    Object.defineProperty(process, 'pid', { value: pid() });
    const answer = await doWork(work).then(
      (value) => ({ value }),
      ({ name, code, message }) => ({ error: { name, code, message } }),
    );
    writeFileSync(result, JSON.stringify(answer));
    leave();
  }
  leave();
}

/** Blocks: the event loop of the original never runs while it serves. */
function readLine() {
  /** @type {number[]} */
  const bytes = [];
  const buffer = Buffer.alloc(1);
  while (readSync(0, buffer) === 1) {
    const byte = buffer.readUInt8();
    if (byte === 10) return Buffer.from(bytes).toString();
    bytes.push(byte);
  }
  return undefined;
}
