/**
 * Work cut off by a death, recovered, and judged: shared by the tests of crashes.
 *
 * Owns the store of a test file, and what "as before or as after" means.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { RecoveredWork } from '../../../src/port/report.ts';
import { checkStore } from '../../../src/store/check.ts';
import { openLmdbStore } from '../../../src/store/lmdb-store.ts';
import type { Json, Store } from '../../../src/store/store.ts';
import { type CrashCase, type Hosts, makeHosts, portsOn } from './crash-cases.ts';
import { type Death, mortal } from './mortal.ts';
import { records } from './world.ts';

export let store: Store;
let directory: string;
beforeAll(async () => {
  // Thousands of commits; what is tried is not the disk.
  directory = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'sriov-crash-'));
  store = await openLmdbStore(directory);
});
afterAll(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

export interface Picture {
  readonly vfs: unknown;
  readonly records: unknown;
}

export interface Run {
  readonly hosts: Hosts;
  readonly points: readonly string[];
}

export async function begin(one: CrashCase): Promise<Hosts> {
  const { entries } = await store.range('');
  await store.commit({ changes: entries.map(({ key }) => ({ key, value: undefined })) });
  const hosts = makeHosts();
  await one.prepare(portsOn(store, hosts), hosts, store);
  return hosts;
}

export async function die(one: CrashCase, death: Death): Promise<Run> {
  const hosts = await begin(one);
  const process = mortal(store, [hosts.a, hosts.b], death);
  await process.run(() => one.work(portsOn(process.store, hosts)));
  expect(process.isDead()).toBe(death.at !== undefined || death.changes !== undefined);
  return { hosts, points: process.points };
}

/** Both hosts, the one that a binding was activated on first: the other gives its VF back when it sees that. */
export async function recover(hosts: Hosts): Promise<RecoveredWork[]> {
  const on = portsOn(store, hosts);
  const work: RecoveredWork[] = [];
  for (const host of ['b', 'a'] as const) {
    const report = await on(host).recover();
    expect(report.lost).toEqual([]);
    work.push(...report.work);
  }
  return work;
}

export async function picture({ a, b }: Hosts, { refused = '' }: CrashCase): Promise<Picture> {
  const devices = [];
  for (const host of [a, b]) {
    for (const pf of ['pf0', 'pf1']) {
      for (const vf of [0, 1, 2]) devices.push(await host.netDevice({ pf, vf }));
    }
  }
  const { [`port/${refused}`]: _, ...rest } = await records(store);
  return { vfs: [a.snapshot(), b.snapshot(), devices], records: withoutTimes(rest) };
}

/** Without what is another one each time: the journal's id, and when it was tried. */
function withoutTimes(value: Json): Json {
  const text = JSON.stringify(value, (key, inner: unknown) =>
    key === 'journal' || key === 'at' ? '' : inner,
  );
  return JSON.parse(text) as Json;
}

export async function ends(
  one: CrashCase,
): Promise<{ before: Picture; after: Picture; points: readonly string[] }> {
  const prepared = await begin(one);
  await recover(prepared);
  const before = await picture(prepared, one);
  const { hosts, points } = await die(one, {});
  await recover(hosts);
  const after = await picture(hosts, one);
  return { before, after, points };
}

export type Side = 'before' | 'after';

/** Which of the two it is; asserts that it is one, that the journal says which, and that there is no more to do. */
export async function judge(
  one: CrashCase,
  hosts: Hosts,
  work: readonly RecoveredWork[],
  { before, after }: { readonly before: Picture; readonly after: Picture },
  where: string,
): Promise<Side> {
  const now = await picture(hosts, one);
  const side = JSON.stringify(now) === JSON.stringify(before) ? 'before' : 'after';
  expect(now, `${where}`).toEqual(side === 'before' ? before : after);
  expect(await checkStore(store), `${where}`).toEqual([]);
  for (const { journal, kind, outcome } of work) {
    // What bound ports had lost beforehand is no part of the work.
    if (kind === 'repair') continue;
    expect(outcome, `${where}`).toBe(side === 'before' ? 'undone' : 'finished');
    const host = (await store.get(`journal/a/${journal}`)) ?? (await store.get(`journal/b/${journal}`));
    expect(host?.value, `${where}`).toMatchObject({ state: outcome });
  }
  const { revision } = await store.range('');
  expect(await recover(hosts), `${where}`).toEqual([]);
  expect((await store.range('')).revision, `${where}`).toBe(revision);
  return side;
}
