/** What the agent does about VFs that are not as their ports want them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { formatPlace } from '../../../../src/binding/place.ts';
import { FIGHT_TIMES } from '../../../../src/agent/engine/held.ts';
import { request, type World } from '../../port/world.ts';
import { common, link, type Rig, startRig } from './rig.ts';

let rig: Rig;
afterEach(() => rig.end());

const bindSome =
  (...requests: Parameters<typeof request>[]) =>
  async ({ ports }: World): Promise<void> => {
    const report = await ports.bind(requests.map((one) => request(...one)));
    for (const { refusals } of report.ports) expect(refusals).toEqual([]);
  };

async function placeOf(id: string): Promise<{ pf: string; vf: number }> {
  const place = (await rig.ports.get(id))?.bindings[0]?.place;
  if (place == null || place.vf === null) throw new Error(`port ${id} has no VF`);
  return { pf: place.pf, vf: place.vf };
}

const portState = async (id: string): Promise<unknown> =>
  (await rig.agent.status()).ports.find((port) => port.id === id);

describe('a VF that drifts', () => {
  test('is repaired within one event, by one dump and one message, and no other VF is written', async () => {
    rig = await startRig(bindSome(['p1'], ['p2'], ['p3']));
    const { pf, vf } = await placeOf('p1');
    const before = (await rig.agent.status()).counters;
    const requests = rig.host.requests.length;
    rig.host.drift(pf, { vf, vlan: { id: 7 } });
    rig.touch(pf);
    const repaired = await rig.until('repaired');
    expect(repaired).toMatchObject({
      port: 'p1',
      pf,
      vf,
      attributes: ['vlan'],
      trigger: 'link',
      recreated: false,
    });
    expect(repaired.lagMs).toBeGreaterThanOrEqual(0);
    // The kernel announces what the agent sent; that leads to nothing.
    rig.touch(pf);
    await sleep(50);
    const { counters } = await rig.agent.status();
    expect(counters).toEqual({
      ...before,
      looks: before.looks + 1,
      dumps: before.dumps + 1,
      messages: before.messages + 1,
      drifts: 1,
      repairs: 1,
    });
    expect(rig.host.requests.slice(requests)).toEqual([{ pf, configs: [expect.objectContaining({ vf })] }]);
    expect(rig.told.find(({ type }) => type === 'drift')).toMatchObject({
      port: 'p1',
      differences: [{ attribute: 'vlan', wanted: { id: 100 }, found: { id: 7 } }],
    });
  });

  test('is seen too when someone else changes it while a repair is under way', async () => {
    rig = await startRig(bindSome(['p1'], ['p2']));
    const { pf, vf } = await placeOf('p1');
    rig.host.drift(pf, { vf, vlan: { id: 7 } });
    rig.touch(pf);
    await rig.until('repaired');
    rig.host.drift(pf, { vf, spoofCheck: false });
    // Ours and theirs, melted into one event.
    rig.touch(pf, 2);
    expect(await rig.until('repaired', ({ attributes }) => attributes.includes('spoofCheck'))).toMatchObject({
      vf,
    });
  });

  test('is not seen in what the driver does not report, however often it is looked at; with the rest it is set', async () => {
    rig = await startRig(
      async (world) => {
        await bindSome(['p1'])(world);
        const { host } = world;
        const read = host.read.bind(host);
        host.read = async (pf) => (await read(pf)).map(({ spoofCheck: _unseen, ...state }) => state);
      },
      { pollMs: 20 },
    );
    const { pf, vf } = await placeOf('p1');
    const requests = rig.host.requests.length;
    rig.touch(pf);
    await rig.until('reconciled', ({ trigger }) => trigger === 'poll');
    expect(rig.host.requests.length).toBe(requests);
    rig.host.reset(pf);
    rig.touch(pf);
    await rig.until('repaired');
    expect(rig.host.requests.at(-1)?.configs).toMatchObject([{ vf, vlan: { id: 100 }, spoofCheck: true }]);
  });

  test('whose port is not bound here is nobody of ours', async () => {
    rig = await startRig(bindSome(['p1']));
    const { pf, vf } = await placeOf('p1');
    const requests = rig.host.requests.length;
    rig.host.drift(pf, { vf: (vf + 1) % 4, vlan: { id: 9 } });
    rig.touch(pf);
    await rig.until('reconciled', ({ trigger }) => trigger === 'link');
    expect(rig.host.requests.length).toBe(requests);
  });

  test('on a PF without ports costs no dump', async () => {
    rig = await startRig(bindSome(['p1']));
    const { pf } = await placeOf('p1');
    const { dumps } = (await rig.agent.status()).counters;
    rig.touch(pf === 'pf0' ? 'pf1' : 'pf0');
    await sleep(50);
    expect((await rig.agent.status()).counters.dumps).toBe(dumps);
  });

  test('that is refused is tried again later with the reason told, while others are repaired at once', async () => {
    rig = await startRig(bindSome(['p1'], ['p2'], ['p3']));
    const first = await placeOf('p1');
    rig.host.refusals.set(`${first.pf}/${first.vf} vlan`, 'EBUSY');
    rig.host.drift(first.pf, { vf: first.vf, vlan: { id: 7 } });
    rig.touch(first.pf);
    const failed = await rig.until('repair-failed');
    expect(failed).toMatchObject({ port: 'p1', code: 'EBUSY', attempt: 1 });
    expect(await portState('p1')).toMatchObject({
      state: 'held',
      reason: expect.stringContaining('EBUSY') as string,
    });
    await rig.until('repair-failed', ({ attempt }) => attempt === 2);
    const other = (await placeOf('p2')).pf === first.pf ? 'p2' : 'p3';
    const second = await placeOf(other);
    rig.host.drift(second.pf, { vf: second.vf, vlan: { id: 8 } });
    rig.touch(second.pf);
    await rig.until('repaired', ({ port }) => port === other);
    rig.host.refusals.clear();
    await rig.until('repaired', ({ port }) => port === 'p1');
    expect(await portState('p1')).toMatchObject({ state: 'ok', reason: null, repairs: 1 });
    expect((await rig.agent.status()).counters.healthyWrites).toBe(0);
  });

  test('that comes back the same again and again is held, as someone else sets it', async () => {
    rig = await startRig(bindSome(['p1']), { backoffFirstMs: 5000, backoffMaxMs: 5000 });
    const { pf, vf } = await placeOf('p1');
    for (let time = 1; time <= FIGHT_TIMES; time++) {
      rig.host.drift(pf, { vf, vlan: { id: 7 } });
      rig.touch(pf, 2);
      await rig.until('repaired', () => rig.told.filter(({ type }) => type === 'repaired').length >= time);
    }
    rig.host.drift(pf, { vf, vlan: { id: 7 } });
    rig.touch(pf, 2);
    expect(await rig.until('repair-failed')).toMatchObject({ port: 'p1', code: 'SRIOV_FIGHT' });
    expect(rig.host.snapshot()[pf]?.[vf]?.vlan).toMatchObject({ id: 7 });
  });
});

describe('a trusted VF', () => {
  const trusted = bindSome(['p1', { profile: { trusted: true } }]);

  test('whose guest changes its MAC is left alone, told once, and its other settings are repaired', async () => {
    rig = await startRig(trusted);
    const { pf, vf } = await placeOf('p1');
    rig.host.drift(pf, { vf, mac: '02:aa:aa:aa:aa:aa' });
    rig.touch(pf);
    expect(await rig.until('guest-mac')).toMatchObject({ port: 'p1', found: '02:aa:aa:aa:aa:aa' });
    expect(await portState('p1')).toMatchObject({ state: 'guest-mac' });
    rig.host.drift(pf, { vf, vlan: { id: 7 } });
    rig.touch(pf);
    expect(await rig.until('repaired')).toMatchObject({ attributes: ['vlan'] });
    rig.touch(pf, 2);
    await sleep(30);
    expect(rig.host.snapshot()[pf]?.[vf]).toMatchObject({ mac: '02:aa:aa:aa:aa:aa', vlan: { id: 100 } });
    expect(rig.told.filter(({ type }) => type === 'guest-mac')).toHaveLength(1);
  });

  test('that lost its MAC or its trust is repaired like every other', async () => {
    rig = await startRig(trusted);
    const { pf, vf } = await placeOf('p1');
    rig.host.drift(pf, { vf, mac: '02:aa:aa:aa:aa:aa', trust: false });
    rig.touch(pf);
    expect(await rig.until('repaired')).toMatchObject({ attributes: ['mac', 'trust'] });
    rig.host.drift(pf, { vf, mac: null });
    rig.touch(pf, 2);
    expect(await rig.until('repaired', ({ attributes }) => !attributes.includes('trust'))).toMatchObject({
      attributes: ['mac'],
    });
  });

  test('has its MAC put back where that is asked for', async () => {
    rig = await startRig(trusted, { trustedMac: 'port' });
    const { pf, vf } = await placeOf('p1');
    rig.host.drift(pf, { vf, mac: '02:aa:aa:aa:aa:aa' });
    rig.touch(pf);
    expect(await rig.until('repaired')).toMatchObject({ attributes: ['mac'] });
  });
});

describe('a PF', () => {
  test('that goes and comes back: its ports are lost, then found and set up again', async () => {
    rig = await startRig(bindSome(['p1'], ['p2']));
    const { pf, vf } = await placeOf('p1');
    rig.host.remove(pf);
    rig.links.push({ type: 'removed', ...common(link(pf)) });
    expect(await rig.until('lost')).toMatchObject({ port: 'p1', place: formatPlace({ pf, vf }) });
    expect(await portState('p1')).toMatchObject({ state: 'lost' });
    rig.host.recreate(pf, 4);
    rig.links.push({ type: 'added', ...common(link(pf, { ifindex: 99 })) });
    expect(await rig.until('repaired', ({ port }) => port === 'p1')).toMatchObject({ recreated: true });
    await rig.until('found', ({ port }) => port === 'p1');
    expect(rig.told.filter(({ type }) => type === 'lost')).toHaveLength(1);
    expect(rig.host.snapshot()[pf]?.[vf]).toMatchObject({ vlan: { id: 100 } });
  });

  test('whose VFs lose everything has all of them repaired by one message', async () => {
    rig = await startRig(bindSome(['p1'], ['p2'], ['p3'], ['p4']));
    const requests = rig.host.requests.length;
    const { pf } = await placeOf('p1');
    rig.host.reset(pf);
    rig.touch(pf, 1);
    await rig.until('reconciled', ({ repaired }) => repaired === 2);
    expect(rig.host.requests.slice(requests)).toMatchObject([{ pf, configs: { length: 2 } }]);
  });

  test('all are looked at when the kernel has dropped notifications', async () => {
    rig = await startRig(bindSome(['p1'], ['p2']));
    const { pf, vf } = await placeOf('p2');
    rig.host.drift(pf, { vf, vlan: { id: 7 } });
    rig.links.push({ type: 'synced', afterLoss: true });
    expect(await rig.until('repaired')).toMatchObject({ port: 'p2', trigger: 'overrun' });
    await rig.until('overrun');
  });
});
