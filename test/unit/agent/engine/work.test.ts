/** What the agent does besides drift: failed bindings, half-done work, left-over claims, a store in trouble, reload. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { KernelError } from '../../../../src/errors.ts';
import { openPorts } from '../../../../src/port/open.ts';
import { StoreError } from '../../../../src/store/errors.ts';
import type { Store } from '../../../../src/store/store.ts';
import { MemoryHost } from '../../port/memory-host.ts';
import { request } from '../../port/world.ts';
import { common, link, type Rig, SETTINGS, startRig } from './rig.ts';

let rig: Rig;
afterEach(() => rig.end());

const vlanOf = (pf: string, vf: number): unknown => rig.host.snapshot()[pf]?.[vf]?.vlan;

describe('a port that could not be bound', () => {
  /** Nine ports for eight VFs. */
  const nine = async ({ ports }: { readonly ports: Rig['ports'] }): Promise<void> => {
    const report = await ports.bind(Array.from({ length: 9 }, (_, n) => request(`p${n}`)));
    expect(report.ports.filter(({ refusals }) => refusals.length > 0)).toHaveLength(1);
  };

  test('is bound when another one is released, by whomever', async () => {
    rig = await startRig(nine);
    const other = openPorts({ store: rig.store, host: rig.host });
    await other.release(['p0']);
    expect(await rig.until('bind-retried')).toMatchObject({ port: 'p8', bound: true });
    expect((await rig.ports.get('p8'))?.status).toBe('ACTIVE');
  });

  test('is bound when VFs appear; while there are none its record does not grow', async () => {
    rig = await startRig(nine);
    const failures = async (): Promise<number | undefined> =>
      (await rig.ports.get('p8'))?.bindings[0]?.failures.length;
    const before = await failures();
    rig.links.push({ type: 'added', ...common(link('pf7')) });
    await sleep(250);
    expect(await failures()).toBe(before);
    rig.host.recreate('pf9', 2);
    rig.uevents.push({
      type: 'uevent',
      action: 'change',
      subsystem: 'netdevsim',
      device: 'pf9',
      path: '/devices/pf9',
      driver: null,
      properties: {},
      synthesized: false,
    });
    expect(await rig.until('bind-retried')).toMatchObject({
      port: 'p8',
      bound: true,
      place: expect.stringMatching(/^pf9/) as string,
    });
  });

  test('is left alone where that is not wanted', async () => {
    rig = await startRig(nine, { retryFailed: false });
    await openPorts({ store: rig.store, host: rig.host }).release(['p0']);
    await sleep(250);
    expect(rig.told.some(({ type }) => type === 'bind-retried')).toBe(false);
    expect((await rig.agent.status()).ports.find(({ id }) => id === 'p8')).toMatchObject({ state: 'failed' });
  });
});

describe('others at work on the same store', () => {
  test('bind and release without the agent writing anything', async () => {
    rig = await startRig(async () => {});
    const other = openPorts({ store: rig.store, host: rig.host });
    await other.bind([request('p1'), request('p2')]);
    await rig.until('port', ({ port, binding }) => port === 'p1' && binding?.portStatus === 'ACTIVE');
    const { counters } = await rig.agent.status();
    expect(counters).toMatchObject({ messages: 0, drifts: 0, healthyWrites: 0 });
    await other.release(['p1']);
    await rig.until('port', ({ port, binding }) => port === 'p1' && binding === null);
    expect((await rig.agent.status()).ports.map(({ id }) => id)).toEqual(['p2']);
  });

  test('a claim whose binding another host made inactive is given up', async () => {
    rig = await startRig(async ({ ports }) => {
      await ports.bind([request('p1')]);
    });
    const place = (await rig.ports.get('p1'))?.bindings[0]?.place;
    const b = new MemoryHost('b', { pf0: 2 });
    const there = openPorts({ store: rig.store, host: b });
    await there.bind([request('p1')]);
    await there.activate('p1');
    expect(await rig.until('left-over')).toMatchObject({ port: 'p1', released: true });
    expect(vlanOf(place?.pf ?? '', place?.vf ?? 0)).toBeNull();
  });
});

describe('a store in trouble', () => {
  test('is told with its reason, tried again, and drift is repaired when it is over', async () => {
    let full = false;
    rig = await startRig(async ({ ports, store }) => {
      await ports.bind([request('p1')]);
      const commit: Store['commit'] = store.commit.bind(store);
      store.commit = (options) =>
        full ? Promise.reject(new StoreError('ENOSPC', 'no space left', { errno: -28 })) : commit(options);
    });
    full = true;
    const place = (await rig.ports.get('p1'))?.bindings[0]?.place;
    const [pf, vf] = [place?.pf ?? '', place?.vf ?? 0];
    rig.host.drift(pf, { vf, vlan: { id: 7 } });
    rig.touch(pf);
    expect(await rig.until('trouble')).toMatchObject({ part: 'store', code: 'ENOSPC', attempt: 1 });
    expect(await rig.agent.status()).toMatchObject({ healthy: false, store: { state: 'trouble' } });
    await rig.until('trouble', ({ attempt }) => attempt === 2);
    // Nothing may be written that is not on disk first.
    expect(vlanOf(pf, vf)).toMatchObject({ id: 7 });
    full = false;
    await rig.until('repaired');
    await rig.until('trouble-over', ({ part }) => part === 'store');
    expect(await rig.agent.status()).toMatchObject({ healthy: true, reasons: [] });
  });
});

test('a journal that can not be read is told, and healthy again once it can', async () => {
  let unreadable = false;
  rig = await startRig(
    ({ store }) => {
      const range: Store['range'] = store.range.bind(store);
      store.range = (prefix, options) =>
        unreadable && prefix.startsWith('journal/')
          ? Promise.reject(new StoreError('EIO', 'unreadable', { errno: -5 }))
          : range(prefix, options);
      return Promise.resolve();
    },
    { pollMs: 20 },
  );
  unreadable = true;
  expect(await rig.until('trouble')).toMatchObject({ part: 'store', code: 'EIO' });
  unreadable = false;
  await rig.until('trouble-over');
  expect(await rig.agent.status()).toMatchObject({ healthy: true });
});

test('a missing capability is told of its PF, and tried again', async () => {
  let denied = true;
  rig = await startRig(async ({ ports, host }) => {
    await ports.bind([request('p1')]);
    const read = host.read.bind(host);
    host.read = (pf) =>
      denied
        ? Promise.reject(new KernelError('EPERM', `${pf}: EPERM: needs CAP_NET_ADMIN`, { errno: -1 }))
        : read(pf);
  });
  expect(await rig.until('trouble')).toMatchObject({ part: 'pf', code: 'EPERM' });
  expect((await rig.agent.status()).healthy).toBe(false);
  denied = false;
  await rig.until('trouble-over');
  expect((await rig.agent.status()).healthy).toBe(true);
});

test('reload looks at everything and writes nothing; another host or store is refused', async () => {
  rig = await startRig(async ({ ports }) => {
    await ports.bind([request('p1'), request('p2')]);
  });
  const requests = rig.host.requests.length;
  await rig.agent.reload({ ...SETTINGS, reconcile: { ...SETTINGS.reconcile, pollMs: 60_000 } });
  expect(rig.told.findLast(({ type }) => type === 'reconciled')).toMatchObject({ trigger: 'reload' });
  expect(rig.host.requests.length).toBe(requests);
  await expect(rig.agent.reload({ ...SETTINGS, host: 'b' })).rejects.toThrow(/new start/);
});

test('the poll looks at every PF with ports, and none else', async () => {
  rig = await startRig(
    async ({ ports }) => {
      await ports.bind([request('p1')]);
    },
    { pollMs: 20 },
  );
  const pf = (await rig.ports.get('p1'))?.bindings[0]?.place?.pf;
  await rig.until('reconciled', ({ trigger }) => trigger === 'poll');
  const polled = rig.told.filter((event) => event.type === 'reconciled' && event.trigger === 'poll');
  expect(new Set(polled.map((event) => ('pf' in event ? event.pf : '')))).toEqual(new Set([pf]));
});

test('stopped, it leaves VFs as they are, or releases them where that is asked for', async () => {
  const bindOne = async ({ ports }: { readonly ports: Rig['ports'] }): Promise<void> => {
    await ports.bind([request('p1')]);
  };
  rig = await startRig(bindOne);
  const { pf, vf } = (await rig.ports.get('p1'))?.bindings[0]?.place ?? { pf: '', vf: 0 };
  await rig.agent.stop();
  expect(vlanOf(pf, vf ?? 0)).toMatchObject({ id: 100 });
  await rig.end();
  rig = await startRig(bindOne, {}, { onStop: 'release' });
  await rig.agent.stop();
  expect(vlanOf(pf, vf ?? 0)).toBeNull();
});
