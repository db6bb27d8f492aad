/** What wakes a watch up: the kernel, which tells of every write to the data file, rather than a poll. */
import { execFile } from 'node:child_process';
import type * as FileSystem from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { openLmdbStore } from '../../../src/store/lmdb-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { type CompiledSources, compileSources } from '../../faults/compiled.ts';
import { type TestDirectory, testDirectory } from './directory.ts';
import { take } from './model.ts';

const COMMITS = fileURLToPath(new URL('commits.mjs', import.meta.url));
const MINUTES = 3 * 60_000;

const inotify = vi.hoisted(() => ({ works: true }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof FileSystem>();
  const watch = (path: string, listener: () => void): FileSystem.FSWatcher => {
    if (!inotify.works) throw Object.assign(new Error('too many watches'), { code: 'ENOSPC' });
    return fs.watch(path, listener);
  };
  return { ...fs, watch };
});

let sources: CompiledSources;
let directory: TestDirectory;
let store: Store;
beforeAll(() => {
  sources = compileSources();
}, MINUTES);
afterAll(() => sources.remove());
beforeEach(async () => {
  directory = testDirectory();
  store = await openLmdbStore(directory.path);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
  directory.remove();
});

const commitElsewhere = (count: number): Promise<unknown> =>
  promisify(execFile)(process.execPath, [COMMITS, sources.directory, directory.path, `${count}`, '1']);

test(
  'commits of another process are seen without a single poll when the kernel tells of writes',
  async () => {
    inotify.works = true;
    // Polls are asked for and never come.
    const polls = vi.spyOn(globalThis, 'setInterval').mockReturnValue(setTimeout(() => {}, 0));
    const seen = take(store.watch('last'), 8);
    const ran = commitElsewhere(8);
    expect((await seen).map(({ value }) => value)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(polls.mock.calls.map(([, ms]) => ms)).toEqual([30_000]);
    await ran;
  },
  MINUTES,
);

test(
  'without inotify a watch polls each second, and sees the same',
  async () => {
    inotify.works = false;
    const polls = vi.spyOn(globalThis, 'setInterval');
    const seen = take(store.watch('last'), 2);
    const ran = commitElsewhere(2);
    expect((await seen).map(({ value }) => value)).toEqual([1, 2]);
    expect(polls.mock.calls.map(([, ms]) => ms)).toEqual([1000]);
    await ran;
  },
  MINUTES,
);
