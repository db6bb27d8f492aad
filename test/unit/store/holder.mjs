/**
 * A process that takes a store's write lock and stops: node holder.mjs SOURCES STORE. Once continued it commits key
 * `holder` and ends.
 */
import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [sources = '', path] = process.argv.slice(2);
const { openLmdbWriter } = await import(pathToFileURL(`${sources}/store/lmdb-store.js`).href);
let armed = false;
const store = await openLmdbWriter(path, () => {
  if (!armed) return;
  writeSync(1, 'held\n');
  process.kill(process.pid, 'SIGSTOP');
});
armed = true;
await store.commit({ changes: [{ key: 'holder', value: true }] });
await store.close();
