/**
 * A store on a file system that is full in truth. LMDB's library can end the process when it can't write, so that this
 * is asked before; here the process is this one, which has to go on.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLmdbStore } from '../../src/store/lmdb-store.ts';
import type { Store } from '../../src/store/store.ts';

let directory: string;
let store: Store;

beforeEach(async () => {
  directory = mkdtempSync('/tmp/sriov-full-');
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m,mode=700', 'tmpfs', directory]);
  store = await openLmdbStore(path.join(directory, 'store'));
});

afterEach(async () => {
  await store.close();
  execFileSync('umount', [directory]);
  rmSync(directory, { recursive: true });
});

const VALUE = 'x'.repeat(100_000);

test('a full disk is told by its errno, changes nothing, and is no harm when there is room again', async () => {
  let done = 0;
  let refused: unknown;
  for (; refused === undefined && done < 100; done++) {
    try {
      await store.commit({ changes: [{ key: `port/${String(done).padStart(3, '0')}`, value: VALUE }] });
    } catch (error) {
      refused = error;
      break;
    }
  }
  expect(refused).toMatchObject({ code: 'ENOSPC', message: expect.stringContaining(directory) });
  expect(done).toBeGreaterThan(10);
  expect((await store.range('')).entries).toHaveLength(done);

  // Someone else takes the last of it.
  expect(() => writeFileSync(path.join(directory, 'other'), Buffer.alloc(6 << 20))).toThrow(/ENOSPC/);
  await expect(store.commit({ changes: [{ key: 'port/000', value: undefined }] })).rejects.toMatchObject({
    code: 'ENOSPC',
  });

  execFileSync('mount', ['-o', 'remount,size=32m', directory]);
  await store.commit({ changes: [{ key: 'port/000', value: undefined }] });
  expect((await store.range('')).entries).toHaveLength(done - 1);
});
