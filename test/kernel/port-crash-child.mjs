/**
 * Work on ports, in copies of a process that may die of it (test/faults/zygote.mjs).
 *
 * node port-crash-child.mjs ADDON STORE: each piece of work is `{ host, call, argument }`, a call of `Ports`.
 */
import { serveCopies } from '../faults/zygote.mjs';

const [addon = '', path = ''] = process.argv.slice(2);
const dist = new URL('../../dist/', import.meta.url);
const { createLinuxHost, openLmdbStore, openPorts } = await import(new URL('binding-api.js', dist).href);
// Only in use is it loaded; each copy would do that anew.
await import('lmdb');
await import(new URL('index.js', dist).href).then(({ isSupported }) => isSupported());

await serveCopies(addon, async ({ host, call, argument }) => {
  const store = await openLmdbStore(path);
  try {
    return await openPorts({ store, host: createLinuxHost({ name: host }) })[call](argument);
  } finally {
    await store.close();
  }
});
