/** A store whose directory is taken away or replaced while it is open: no commit may go where nobody finds it. */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openLmdbStore } from '../../../src/store/lmdb-store.ts';
import type { ThreadedStore } from '../../../src/store/threaded/open.ts';
import { type CompiledSources, compileSources } from '../../faults/compiled.ts';
import { type TestDirectory, testDirectory } from './directory.ts';
import { openThreaded } from './threaded-directory.ts';

const MINUTES = 3 * 60_000;

let sources: CompiledSources;
let directory: TestDirectory;
let path: string;
let store: ThreadedStore;
beforeAll(() => {
  sources = compileSources();
}, MINUTES);
afterAll(() => sources.remove());
beforeEach(async () => {
  directory = testDirectory();
  path = join(directory.path, 'store');
  store = await openThreaded(sources, path);
  await store.commit({ changes: [{ key: 'a', value: 1 }] });
});
afterEach(async () => {
  await store.close();
  directory.remove();
});

const commit = (): Promise<number> => store.commit({ changes: [{ key: 'b', value: 1 }] });

test('a removed store refuses commits with ENOENT, and reads what it held', async () => {
  rmSync(path, { recursive: true });
  await expect(commit()).rejects.toMatchObject({ name: 'StoreError', code: 'ENOENT' });
  expect((await store.range('')).entries.map(({ key }) => key)).toEqual(['a']);
});

test('a replaced store refuses commits with ESTALE, until the old one is back', async () => {
  renameSync(path, `${path}.old`);
  mkdirSync(path, { mode: 0o700 });
  await (await openLmdbStore(path)).close();
  await expect(commit()).rejects.toMatchObject({ name: 'StoreError', code: 'ESTALE' });
  rmSync(path, { recursive: true });
  renameSync(`${path}.old`, path);
  expect(await commit()).toBe(2);
  expect((await store.range('')).entries.map(({ key }) => key)).toEqual(['a', 'b']);
});
