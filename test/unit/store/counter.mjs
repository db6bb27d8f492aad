/**
 * A process that counts up by compare-and-swap: node counter.mjs SOURCES STORE COUNT. It watches the key as well, and
 * prints the number of conflicts and of loaded lmdb modules before opening.
 */
import { pathToFileURL } from 'node:url';

const [sources = '', path, count] = process.argv.slice(2);
const { openLmdbStore } = await import(pathToFileURL(`${sources}/store/lmdb-store.js`).href);
const { readFileSync } = await import('node:fs');
const loadedEarly = readFileSync('/proc/self/maps', 'utf8').includes('lmdb');
const store = await openLmdbStore(path);
let conflicts = 0;
for (let done = 0; done < Number(count);) {
  const entry = await store.get('n');
  // Gives the other process its turn between reading and writing.
  await new Promise((resolve) => setImmediate(resolve));
  try {
    const guards = [{ key: 'n', revision: entry?.revision ?? 0 }];
    await store.commit({ guards, changes: [{ key: 'n', value: (entry?.value ?? 0) + 1 }] });
    done++;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'SRIOV_CONFLICT') throw error;
    conflicts++;
  }
}
// A watch that is still open must not keep the process after close().
void store.watch('')[Symbol.asyncIterator]().next();
await store.close();
process.stdout.write(JSON.stringify({ conflicts, loadedEarly }));
