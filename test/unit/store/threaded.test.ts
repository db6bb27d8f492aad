/** The store on two threads keeps the contract of every store, and errors cross as what they are. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InvalidConfigError } from '../../../src/errors.ts';
import { StoreConflictError, StoreError } from '../../../src/store/errors.ts';
import { isStuck } from '../../../src/store/threaded/open.ts';
import { type CompiledSources, compileSources } from '../../faults/compiled.ts';
import { storeContract } from './contract.ts';
import { testDirectory } from './directory.ts';
import { openThreaded } from './threaded-directory.ts';

const MINUTES = 3 * 60_000;

let sources: CompiledSources;
beforeAll(() => {
  sources = compileSources();
}, MINUTES);
afterAll(() => sources.remove());

storeContract('the threaded store', async () => {
  const { path, remove } = testDirectory();
  return {
    store: await openThreaded(sources, path),
    reopen: () => openThreaded(sources, path),
    remove: async () => remove(),
  };
});

test('errors of the other thread have their class, code, key and revision', async () => {
  const { path, remove } = testDirectory();
  const store = await openThreaded(sources, path);
  await store.commit({ changes: [{ key: 'a', value: 1 }] });
  const guards = [{ key: 'a', revision: 7 }];
  const conflict: unknown = await store.commit({ guards, changes: [] }).catch((error: unknown) => error);
  expect(conflict).toBeInstanceOf(StoreConflictError);
  expect(conflict).toMatchObject({
    code: 'SRIOV_CONFLICT',
    key: 'a',
    revision: 1,
    name: 'StoreConflictError',
  });
  // A guard's key is looked at by the other thread alone.
  const invalid = store.commit({ guards: [{ key: '', revision: 0 }], changes: [] });
  await expect(invalid).rejects.toBeInstanceOf(InvalidConfigError);
  await store.close();
  await expect(store.commit({ changes: [] })).rejects.toBeInstanceOf(StoreError);
  await expect(openThreaded(sources, '/dev/null/store')).rejects.toMatchObject({
    name: 'StoreError',
    code: 'ENOTDIR',
  });
  expect(isStuck()).toBe(false);
  remove();
});

test(
  'reads go on while commits make the database grow, and see whole commits only',
  async () => {
    const { path, remove } = testDirectory();
    const store = await openThreaded(sources, path);
    const writing = (async () => {
      // Past the size that the library maps at first, several times over.
      for (let n = 0; n < 40; n++) {
        const changes = Array.from({ length: 20 }, (_, at) => ({
          key: `k/${n}/${at}`,
          value: 'x'.repeat(3000),
        }));
        await store.commit({ changes });
      }
    })();
    let reads = 0;
    for (let seen = 0; seen < 40;) {
      const { entries, revision } = await store.range('k/');
      expect(entries).toHaveLength(revision * 20);
      seen = revision;
      reads++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writing;
    expect(reads).toBeGreaterThan(10);
    await store.close();
    remove();
  },
  MINUTES,
);
