/**
 * Dying and failing disks. A process makes commits; another judges what it left behind.
 */
import { realpathSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { fileURLToPath } from 'node:url';
import { openLmdbStore } from '../../../src/store/lmdb-store.ts';
import type { Entry } from '../../../src/store/store.ts';
import { type CompiledSources, compileSources } from '../../faults/compiled.ts';
import { buildFaults, type FaultLibrary, type Faults, type FaultyRun } from '../../faults/faults.ts';
import { take } from './model.ts';
import { type TestDirectory, testDirectory } from './directory.ts';

const SCRIPT = fileURLToPath(new URL('commits.mjs', import.meta.url));
const COMMITS = 8;
const MINUTES = 10 * 60_000;

let faults: FaultLibrary;
let sources: CompiledSources;
let directory: TestDirectory;
let path: string;

beforeAll(() => {
  faults = buildFaults();
  sources = compileSources();
  directory = testDirectory();
  path = `${realpathSync(directory.path)}/store`;
}, MINUTES);
afterAll(() => {
  directory.remove();
  sources.remove();
  faults.remove();
});
beforeEach(() => rmSync(path, { recursive: true, force: true }));

interface Line {
  readonly done?: 'open' | number;
  readonly failed?: 'open' | number;
  readonly code?: string;
  readonly message?: string;
  readonly holds?: number;
}

function commits(
  count: number,
  tries: number,
  fault: Faults,
): FaultyRun & { readonly lines: readonly Line[] } {
  const ran = faults.node([SCRIPT, sources.directory, path, `${count}`, `${tries}`], { path, ...fault });
  const lines = ran.stdout.split('\n').filter((line) => line !== '');
  return { ...ran, lines: lines.map((line) => JSON.parse(line) as Line) };
}

/** What the store must hold after so many commits of the script. */
function after(count: number): Entry[] {
  const entries: Entry[] = [];
  for (let number = Math.max(1, count - 2); number <= count; number++) {
    entries.push({ key: `k/${number}`, value: 'x'.repeat((number % 3) * 4000), revision: number });
  }
  if (count > 0) entries.push({ key: 'last', value: count, revision: count });
  return entries.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
}

/** Reads in this process, and leaves a mark. */
async function held(): Promise<{ readonly entries: readonly Entry[]; readonly revision: number }> {
  const store = await openLmdbStore(path);
  try {
    const { entries, revision } = await store.range('');
    // The log tells the same story, and the store still takes commits.
    await store.commit({ changes: [{ key: 'judge', value: revision }] });
    const [first] = await take(store.watch('', { from: 1 }), 1);
    expect(first?.revision).toBe(1);
    return { entries, revision };
  } finally {
    await store.close();
  }
}

test.each(['kill-before', 'kill-after'] as const)(
  '%s every call on the store of 8 commits: it opens and holds a prefix, with all that had resolved',
  async (action) => {
    const { calls, status, stderr } = commits(COMMITS, 1, {});
    expect([status, stderr]).toEqual([0, '']);
    const total = calls?.get('total') ?? 0;
    // A commit writes pages, syncs them and writes the head: 3 calls at least.
    expect(total).toBeGreaterThan(3 * COMMITS);
    const prefixes = new Set<number>();
    for (let at = 1; at <= total; at++) {
      rmSync(path, { recursive: true, force: true });
      const { signal, lines } = commits(COMMITS, 1, { action, at });
      expect(signal, `call ${at}`).toBe('SIGKILL');
      const resolved = lines.filter(({ done }) => typeof done === 'number').length;
      const { entries, revision } = await held();
      // The commit that was under way is there as a whole or not at all.
      expect([resolved, resolved + 1], `call ${at}`).toContain(revision);
      expect(entries, `call ${at}`).toEqual(after(revision));
      prefixes.add(revision);
    }
    expect(prefixes.size).toBeGreaterThanOrEqual(COMMITS);
  },
  MINUTES,
);

test.each(['ENOSPC', 'EIO'] as const)(
  '%s at any one call: the commit that rejects has done nothing, the same commit works afterwards',
  async (action) => {
    const count = 4;
    const total = commits(count, 1, {}).calls?.get('total') ?? 0;
    let failures = 0;
    const deaths: [holds: number, done: number][] = [];
    for (let at = 1; at <= total; at++) {
      rmSync(path, { recursive: true, force: true });
      const { lines, status } = commits(count, 2, { action, at });
      const done = lines.filter((line) => typeof line.done === 'number').length;
      if (status === null) {
        // LMDB's library itself dies of some failures (docs/store.md, Limits); nothing may be lost or half done.
        deaths.push([(await held()).revision, done]);
        continue;
      }
      expect(status, `call ${at}`).toBe(0);
      const failed = lines.filter((line) => line.failed !== undefined);
      failures += failed.length;
      for (const line of failed) {
        expect(line.code, `call ${at}`).toBe(action);
        expect(line.message).toContain(path);
        expect(line.message).toMatch(action === 'EIO' ? /another disk/ : /free some disk space/);
        const before = typeof line.failed === 'number' ? line.failed - 1 : undefined;
        expect(line.holds, `call ${at}`).toBe(before);
      }
      const { entries, revision } = await held();
      expect(revision, `call ${at}`).toBe(count);
      expect(entries).toEqual(after(count));
    }
    expect(failures).toBeGreaterThan(0);
    for (const [holds, done] of deaths) expect(holds).toBe(done);
    // A failure that nobody hears of would be one that was swallowed.
    expect(failures + deaths.length).toBeGreaterThanOrEqual(total);
  },
  MINUTES,
);

test(
  'a disk that stays full: every commit rejects with ENOSPC or the library dies of it, and nothing is changed',
  async () => {
    expect(commits(3, 1, {}).status).toBe(0);
    const { lines, status, signal } = commits(3, 3, { action: 'ENOSPC', at: 1, times: 0 });
    const failed = lines.filter((line) => line.failed !== undefined);
    expect(failed.map(({ code }) => code)).toEqual(failed.map(() => 'ENOSPC'));
    // The store of the first run is there already, so that this one begins with a commit. The library may die of
    // that: see the limits in docs/store.md. A file system that is full in truth is tested in the machine.
    const end = signal === null ? `exit ${status} after ${failed.length} failures` : signal;
    expect(end).toMatch(/^(exit 1 after [1-9]\d* failures|SIGABRT|SIGSEGV)$/);
    expect((await held()).entries).toEqual(after(3));
  },
  MINUTES,
);
