/**
 * The store of an example: the folder that is named on the command line, else one of its own that is gone
 * afterwards. A source that runs for good calls `openLmdbStore()` once.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openLmdbStore } from 'sriov/binding';

/** @param {(store: Awaited<ReturnType<typeof openLmdbStore>>) => Promise<void>} use */
export async function withStore(use) {
  const [, , given] = process.argv;
  const folder = given ?? mkdtempSync(path.join(tmpdir(), 'sriov-example-'));
  const store = await openLmdbStore(folder);
  try {
    await use(store);
  } finally {
    await store.close();
    if (given === undefined) rmSync(folder, { recursive: true });
  }
}
