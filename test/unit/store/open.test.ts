import { chmodSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StoreCompactedError } from '../../../src/store/errors.ts';
import { openLmdbStore, openStoreOfForm } from '../../../src/store/lmdb-store.ts';
import { defaultStorePath } from '../../../src/store/location.ts';
import { type TestDirectory, testDirectory } from './directory.ts';
import { take } from './model.ts';

let directory: TestDirectory;
let path: string;
beforeEach(() => {
  directory = testDirectory();
  path = join(directory.path, 'a.b/store');
});
afterEach(() => directory.remove());

async function fill(count: number): Promise<void> {
  const store = await openLmdbStore(path);
  for (let n = 1; n <= count; n++)
    await store.commit({ changes: [{ key: 'k', value: 'x'.repeat(9000 + n) }] });
  await store.close();
}

test('the directory is 0700 and its files are 0600', async () => {
  await fill(1);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  for (const name of ['data.mdb', 'lock.mdb']) expect(statSync(join(path, name)).mode & 0o777).toBe(0o600);
});

test.each(['.', 'data.mdb', 'lock.mdb'])(
  'a store whose %s others may write is refused with the fix',
  async (name) => {
    await fill(1);
    chmodSync(join(path, name), 0o770);
    await expect(openLmdbStore(path)).rejects.toMatchObject({
      code: 'SRIOV_STORE',
      message: expect.stringContaining('chmod go-w'),
    });
  },
);

test('a file that is no database, and one that is cut off, are refused with the way out', async () => {
  await fill(20);
  truncateSync(join(path, 'data.mdb'), 8192);
  const refused = { code: 'SRIOV_STORE', message: expect.stringContaining('sriov store import') };
  await expect(openLmdbStore(path)).rejects.toMatchObject(refused);
  writeFileSync(join(path, 'data.mdb'), 'x'.repeat(50_000));
  await expect(openLmdbStore(path)).rejects.toMatchObject(refused);
});

test('the default path is the variable, else that of root, else the state directory', () => {
  expect(defaultStorePath({ SRIOV_STORE: '/s', XDG_STATE_HOME: '/x' }, 0)).toBe('/s');
  expect(defaultStorePath({ XDG_STATE_HOME: '/x' }, 0)).toBe('/var/lib/sriov/store');
  expect(defaultStorePath({ XDG_STATE_HOME: '/x' }, 1000)).toBe('/x/sriov');
  expect(defaultStorePath({ XDG_STATE_HOME: 'x' }, 1000)).toMatch(/\/\.local\/state\/sriov$/);
});

test('a migration is done once, a store of a newer version is refused untouched', async () => {
  await fill(1);
  const double = { history: 100, migrations: [() => [{ key: 'migrated', value: 2 }]] };
  const newer = await openStoreOfForm(path, {}, double);
  expect((await newer.get('migrated'))?.revision).toBe(2);
  await newer.close();
  const again = await openStoreOfForm(path, {}, double);
  expect((await again.range('')).revision).toBe(2);
  await again.close();
  await expect(openLmdbStore(path)).rejects.toMatchObject({
    message: expect.stringContaining('nothing was changed'),
  });
});

test('history is bounded; a watch from before is told where it can begin', async () => {
  const store = await openStoreOfForm(path, {}, { history: 5, migrations: [] });
  for (let n = 1; n <= 12; n++) await store.commit({ changes: [{ key: 'k', value: n }] });
  await expect(take(store.watch('', { from: 7 }), 1)).rejects.toBeInstanceOf(StoreCompactedError);
  expect((await take(store.watch('', { from: 8 }), 5)).map(({ value }) => value)).toEqual([8, 9, 10, 11, 12]);
  await store.close();
});
