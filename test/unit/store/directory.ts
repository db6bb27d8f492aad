/** Stores in directories of their own below the system's temporary one. Owns making and removing them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbStore } from '../../../src/store/lmdb-store.ts';
import type { MadeStore } from './model.ts';

export interface TestDirectory {
  readonly path: string;
  readonly remove: () => void;
}

/** A new directory; its name has a dot, which LMDB's library would take for a file's. */
export function testDirectory(): TestDirectory {
  const path = mkdtempSync(join(tmpdir(), 'sriov-store.'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export async function makeLmdbStore(): Promise<MadeStore> {
  const { path, remove } = testDirectory();
  return {
    store: await openLmdbStore(path),
    reopen: () => openLmdbStore(path),
    remove: async () => remove(),
  };
}
