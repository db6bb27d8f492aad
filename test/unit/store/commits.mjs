/**
 * A process that makes commits, for what must not be done to the process of the tests: dying and failing disks.
 *
 * node commits.mjs SOURCES STORE COUNT TRIES: prints a line of JSON for the opening and for each commit, as soon as
 * its promise has settled. What failed is tried again, TRIES times in all; what the store holds after a failure is
 * printed with it.
 */
import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [sources = '', path, count, tries] = process.argv.slice(2);
const { openLmdbStore } = await import(pathToFileURL(`${sources}/store/lmdb-store.js`).href);

/** @param {object} line */
const say = (line) => writeSync(1, `${JSON.stringify(line)}\n`);

/**
 * @param {string | number} what
 * @param {() => Promise<any>} work
 * @param {() => Promise<any>} [after]
 */
async function attempt(what, work, after) {
  for (let left = Number(tries); ; left--) {
    try {
      const result = await work();
      say({ done: what });
      return result;
    } catch (error) {
      const { code, message } = /** @type {Error & { code?: string }} */ (error);
      say({ failed: what, code, message, holds: left > 0 ? await after?.().catch(String) : undefined });
      if (left <= 1) process.exit(1);
    }
  }
}

const store = await attempt('open', () => openLmdbStore(path));
for (let number = 1; number <= Number(count); number++) {
  const changes = [
    { key: 'last', value: number },
    // Of one page, of several, and deleted again, so that pages are used anew.
    { key: `k/${number}`, value: 'x'.repeat((number % 3) * 4000) },
    { key: `k/${number - 3}`, value: undefined },
  ];
  await attempt(
    number,
    () => store.commit({ changes }),
    async () => (await store.range('')).revision,
  );
}
await store.close();
