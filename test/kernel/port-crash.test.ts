/**
 * Processes that are killed, or whose store fails, at every call that writes to the store or sends to the kernel: a
 * process that recovers leaves all as before the work, or as after it, and the journal says which.
 *
 * A kill after a call is the kill before the next one, as nothing else of a process is seen outside; so that is done
 * for the last call alone.
 */
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLinuxHost } from '../../src/port/linux-host.ts';
import { openPorts } from '../../src/port/open.ts';
import type { Ports } from '../../src/port/ports.ts';
import type { RecoveredWork } from '../../src/port/report.ts';
import { checkStore } from '../../src/store/check.ts';
import { openLmdbStore } from '../../src/store/lmdb-store.ts';
import type { Store } from '../../src/store/store.ts';
import { buildFaults, type FaultLibrary, type Faults } from '../faults/faults.ts';
import { type CopyRun, Zygote } from '../faults/zygote.ts';
import { createNetdevsim, type Netdevsim } from './netdevsim.mjs';
import { each, full } from './pf.ts';
import { casesOn, type CrashCase, type CrashWork } from './port-crash-cases.ts';

const CHILD = fileURLToPath(new URL('port-crash-child.mjs', import.meta.url));
// Its numbers are chosen, so that cases can be named before a PF is made.
const IDS = [871, 872] as const;
const PFS = IDS.map((id) => `netdevsim${id}`);
const VFS = 3;
const CASES = casesOn('netdevsim871', 'netdevsim872');
const HOSTS = { a: createLinuxHost({ name: 'a' }), b: createLinuxHost({ name: 'b' }) } as const;

let sims: Netdevsim[];
let faults: FaultLibrary;
let zygote: Zygote;
let directory: string;
let file: string;
const tried: string[] = [];

beforeAll(() => {
  sims = IDS.map((id) => createNetdevsim({ id, vfs: VFS }));
  directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'sriov-crash-')));
  file = path.join(directory, 'store');
  faults = buildFaults();
  zygote = new Zygote(faults.path, CHILD, [file]);
});
afterAll(() => {
  zygote.end();
  faults.remove();
  for (const sim of sims) sim.remove();
  rmSync(directory, { recursive: true });
  console.log(`processes that died or failed, and were recovered:\n${tried.join('\n')}`);
});

async function withStore<T>(use: (store: Store) => Promise<T>): Promise<T> {
  const store = await openLmdbStore(file);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

function call(store: Store, { host, call: name, argument }: CrashWork): Promise<unknown> {
  const ports: Ports = openPorts({ store, host: HOSTS[host] });
  return ports[name](argument as never);
}

interface Picture {
  readonly vfs: unknown;
  readonly records: unknown;
}

const DROPPED: ReadonlySet<string> = new Set(['journal', 'at']);

async function picture(store: Store): Promise<Picture> {
  const vfs = [];
  for (const pf of PFS) vfs.push(await HOSTS.a.read(pf));
  const entries = [...(await store.range('port/')).entries, ...(await store.range('claim/')).entries];
  const pairs = entries.map(({ key, value }) => [key, value]);
  const text = JSON.stringify(pairs, (key, value: unknown) => (DROPPED.has(key) ? '' : value));
  return { vfs, records: JSON.parse(text) };
}

/** The host that a binding was activated on first: the other gives its VF back when it sees that. */
async function recover(store: Store): Promise<RecoveredWork[]> {
  const work: RecoveredWork[] = [];
  for (const host of [HOSTS.b, HOSTS.a]) {
    const report = await openPorts({ store, host }).recover();
    expect(report.lost).toEqual([]);
    work.push(...report.work);
  }
  return work;
}

interface Prepared {
  readonly before: Picture;
  readonly after: Picture;
  /** Puts store and VFs back to before. */
  readonly again: () => Promise<void>;
  /** What the store's journal held before. */
  readonly journals: ReadonlySet<string>;
}

async function prepare({ prepare: works, work }: CrashCase): Promise<Prepared> {
  rmSync(file, { recursive: true, force: true });
  // VFs that are not as new: what is put back has to be what was there.
  for (const pf of PFS) expect((await HOSTS.a.program(pf, each(VFS, full))).failures).toEqual([]);
  const { before, journals } = await withStore(async (store) => {
    for (const one of works) await call(store, one);
    const { entries } = await store.range('journal/');
    return { before: await picture(store), journals: new Set(entries.map(({ key }) => key)) };
  });
  const kept = path.join(directory, 'kept');
  rmSync(kept, { recursive: true, force: true });
  cpSync(file, kept, { recursive: true });
  const states = await Promise.all(PFS.map((pf) => HOSTS.a.read(pf)));
  const after = await withStore(async (store) => {
    await call(store, work);
    await recover(store);
    return picture(store);
  });
  const again = async (): Promise<void> => {
    rmSync(file, { recursive: true, force: true });
    cpSync(kept, file, { recursive: true });
    for (const [index, pf] of PFS.entries()) {
      expect((await HOSTS.a.program(pf, states[index] ?? [])).failures).toEqual([]);
    }
  };
  return { before, after, again, journals };
}

type Side = 'before' | 'after';

/** Recovers in this process, which is another one, and says which side it is. */
async function judge(
  { before, after, journals }: Prepared,
  { work }: CrashCase,
  where: string,
): Promise<Side> {
  return withStore(async (store) => {
    const settled = await recover(store);
    const now = await picture(store);
    const side = JSON.stringify(now) === JSON.stringify(before) ? 'before' : 'after';
    expect(now, `${where}`).toEqual(side === 'before' ? before : after);
    expect(await checkStore(store), `${where}`).toEqual([]);
    expect(settled.length, `${where}`).toBeLessThanOrEqual(1);
    // No entry: it had not begun.
    const entries = (await store.range(`journal/${work.host}/`)).entries.filter(
      ({ key }) => !journals.has(key),
    );
    const states = entries.map(({ value }) => (value as { readonly state: string }).state);
    expect(states, `${where}`).toEqual(
      side === 'after' ? ['finished'] : states.length === 0 ? [] : ['undone'],
    );
    expect(
      settled.map(({ outcome }) => outcome),
      `${where}`,
    ).toEqual(settled.length === 0 ? [] : states);
    return side;
  });
}

async function run(one: CrashCase, fault: Faults): Promise<CopyRun> {
  return zygote.run(one.work, { path: file, netlink: true, ...fault });
}

/** A full disk stays full; one that fails once is tried with less work, as a call that fails is the same to the caller. */
const DISKS: readonly {
  readonly action: 'ENOSPC' | 'EIO';
  readonly times: number;
  readonly what: string;
  readonly of: readonly CrashWork['call'][];
}[] = [
  { action: 'ENOSPC', times: 0, what: 'full from any call on', of: ['bind', 'release', 'activate'] },
  { action: 'EIO', times: 1, what: 'failing at any one call', of: ['release', 'activate'] },
];

describe.each(CASES)('$name', { timeout: 600_000 }, (one) => {
  test('killed at any call on store and kernel: all as before or all as after, and the journal says which', async () => {
    const prepared = await prepare(one);
    await prepared.again();
    const whole = await run(one, {});
    expect(whole).toMatchObject({ signal: null, result: { value: expect.anything() as unknown } });
    expect(await judge(prepared, one, 'not killed')).toBe('after');
    const total = whole.calls?.get('total') ?? 0;
    const sides: Side[] = [];
    for (let at = 1; at <= total + 1; at++) {
      const fault =
        at <= total
          ? ({ at, action: 'kill-before' } as const)
          : ({ at: total, action: 'kill-after' } as const);
      await prepared.again();
      const { signal } = await run(one, fault);
      expect(signal, `at ${at}`).toBe('SIGKILL');
      sides.push(await judge(prepared, one, `${fault.action} call ${fault.at} of ${total}`));
    }
    expect(sides[0]).toBe('before');
    expect(sides.at(-1)).toBe('after');
    const list = [...(whole.calls ?? [])].map(([kind, count]) => `${kind} ${count}`).join(', ');
    const before = sides.filter((side) => side === 'before').length;
    tried.push(
      `${one.name}: killed at ${sides.length} points (${list}): ${before} before, ${sides.length - before} after`,
    );
  });

  test.each(DISKS.filter(({ of }) => of.includes(one.work.call)))(
    'the disk $what: told so, and all as before or all as after',
    async ({ action, times }) => {
      const prepared = await prepare(one);
      await prepared.again();
      const total = (await run(one, { netlink: false })).calls?.get('total') ?? 0;
      const sides: Side[] = [];
      let told = 0;
      let deaths = 0;
      for (let at = 1; at <= total; at++) {
        await prepared.again();
        const { signal, result } = await run(one, { at, action, times, netlink: false });
        const { error } = (result ?? {}) as { readonly error?: Record<'name' | 'code' | 'message', string> };
        const said = error && `${error.name} ${error.code} ${error.message.includes(file)}`;
        expect([undefined, `StoreError ${action} true`], `call ${at}`).toContain(said);
        // LMDB's library itself dies of some failures (docs/store.md, Limits).
        expect([null, 'SIGABRT', 'SIGSEGV', 'SIGBUS'], `call ${at}`).toContain(signal);
        if (said !== undefined) told++;
        if (signal !== null) deaths++;
        sides.push(await judge(prepared, one, `${action} at call ${at} of ${total}`));
      }
      expect(told + deaths).toBeGreaterThan(0);
      const before = sides.filter((side) => side === 'before').length;
      tried.push(
        `${one.name}: ${action} at ${total} points, ${told} told, ${deaths} deaths of the library: ${before} before, ${total - before} after`,
      );
    },
  );
});
