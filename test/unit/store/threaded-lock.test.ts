/**
 * Another process that holds LMDB's write lock, stopped within its transaction: the lock of a process that hangs has no
 * time limit. And a thread that writes, but can't get to the end.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openLmdbStore } from '../../../src/store/lmdb-store.ts';
import { suspects } from '../../../src/store/threaded/lock.ts';
import { isStuck, type ThreadedStore } from '../../../src/store/threaded/open.ts';
import { type CompiledSources, compileSources } from '../../faults/compiled.ts';
import { type TestDirectory, testDirectory } from './directory.ts';
import { Holder, openThreaded } from './threaded-directory.ts';
import { take } from './model.ts';

const MINUTES = 3 * 60_000;
/** Long enough for a thread to start on a busy machine. */
const PATIENCE = 3000;

let sources: CompiledSources;
let directory: TestDirectory;
let store: ThreadedStore;
let holder: Holder;
beforeAll(() => {
  sources = compileSources();
}, MINUTES);
afterAll(() => sources.remove());
beforeEach(async () => {
  directory = testDirectory();
  store = await openThreaded(sources, directory.path, { patienceMs: PATIENCE });
  await put('before', 1);
  holder = await Holder.start(sources, directory.path);
}, MINUTES);
afterEach(async () => {
  await holder.end('SIGKILL');
  await store.close();
  directory.remove();
}, MINUTES);

const put = (key: string, value: number): Promise<number> => store.commit({ changes: [{ key, value }] });

/** Runs until the promise settles; how often a timer of 1 ms went off meanwhile. */
async function ticksUntil(promise: Promise<unknown>): Promise<number> {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  await promise.catch(() => undefined);
  clearInterval(timer);
  return ticks;
}

/** A commit that is done; earlier ones were answered by then. Fails by the test's time limit. */
async function untilThrough(): Promise<void> {
  for (;;) {
    const [outcome] = await Promise.allSettled([put('after', 1)]);
    if (outcome.status === 'fulfilled') return;
    if ((outcome.reason as { readonly code?: unknown }).code !== 'EBUSY') throw outcome.reason;
  }
}

test(
  'commits reject with EBUSY and name the process, while timers and reads go on',
  { timeout: MINUTES },
  async () => {
    const commits = ['a', 'b', 'c'].map((key) => put(key, 1));
    const outcomes = Promise.all(commits.map((commit) => commit.catch((error: unknown) => error)));
    expect(await store.get('before')).toMatchObject({ value: 1 });
    expect(await ticksUntil(outcomes)).toBeGreaterThan(20);
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ name: 'StoreError', code: 'EBUSY' });
      expect((outcome as Error).message).toContain(`${holder.pid} (stopped)`);
    }
    expect(suspects(store.directory)).toEqual([{ pid: holder.pid, stopped: true }]);
    expect((await store.range('')).entries.map(({ key }) => key)).toEqual(['before']);
    expect(isStuck()).toBe(true);
  },
);

test.each(['SIGCONT', 'SIGKILL'] as const)(
  'after %s of the holder all works, and commits that were given up have not been done',
  async (signal) => {
    await Promise.allSettled([put('abandoned/1', 1), put('abandoned/2', 1)]);
    await holder.end(signal);
    await untilThrough();
    const keys = (await store.range('')).entries.map(({ key }) => key);
    expect(keys).toEqual(['after', 'before', ...(signal === 'SIGCONT' ? ['holder'] : [])]);
    expect(isStuck()).toBe(false);
    // Another opening sees the same, history too.
    const other = await openLmdbStore(directory.path);
    const history = await take(other.watch('', { from: 1 }), keys.length);
    expect(history.map(({ key }) => key).sort()).toEqual(keys);
    await other.close();
  },
  MINUTES,
);

test(
  'a commit that waits when the lock is let go is done',
  async () => {
    const commit = put('patient', 1);
    await new Promise((resolve) => setImmediate(resolve));
    await holder.end('SIGKILL');
    await commit;
    expect(await store.get('patient')).toMatchObject({ value: 1 });
  },
  MINUTES,
);

test(
  'opening rejects with EBUSY, and leaves nothing behind once the lock is free',
  async () => {
    const opening = openThreaded(sources, directory.path, { patienceMs: PATIENCE });
    expect(await ticksUntil(opening)).toBeGreaterThan(20);
    await expect(opening).rejects.toMatchObject({ code: 'EBUSY' });
    expect(isStuck()).toBe(true);
    await holder.end('SIGKILL');
    await untilThrough();
    while (isStuck()) await new Promise((resolve) => setTimeout(resolve, 10));
  },
  MINUTES,
);

test(
  'closing ends in time although the thread waits, and the thread ends once the lock is free',
  async () => {
    const commit = put('a', 1);
    const [committed] = await Promise.allSettled([commit, store.close()]);
    expect(committed).toMatchObject({ status: 'rejected', reason: { code: 'EBUSY' } });
    expect(isStuck()).toBe(true);
    await holder.end('SIGKILL');
    while (isStuck()) await new Promise((resolve) => setTimeout(resolve, 10));
    const other = await openLmdbStore(directory.path);
    expect((await other.range('')).entries.map(({ key }) => key)).toEqual(['before']);
    await other.close();
  },
  MINUTES,
);
