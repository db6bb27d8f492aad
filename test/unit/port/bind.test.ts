import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bindingOn } from '../../../src/binding/life/binding.ts';
import type { Claim } from '../../../src/binding/record.ts';
import { openPorts } from '../../../src/port/open.ts';
import { makeWorld, macOf, records, request, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.end());

const VF0 = 'pf0/0';

describe('binding a port', () => {
  test('sets all of its VF by one request, and says what it got', async () => {
    const { ports, host } = world;
    const report = await ports.bind([request('p1', { place: VF0, profile: { trusted: true } })]);
    expect(report.ports).toMatchObject([
      {
        id: 'p1',
        refusals: [],
        binding: {
          vif_type: 'hw_veb',
          vif_details: { vlan: '100' },
          status: 'ACTIVE',
          place: { pf: 'pf0', vf: 0 },
        },
        changes: { vf: 0, mac: macOf('p1'), trust: true },
      },
    ]);
    expect(report.ports[0]?.record.status).toBe('ACTIVE');
    expect(host.requests).toHaveLength(1);
    expect(host.snapshot()['pf0']?.[0]).toMatchObject({
      mac: macOf('p1'),
      vlan: { id: 100, qos: 0, proto: '802.1Q' },
      spoofCheck: true,
      trust: true,
    });
  });

  test('has the VF as found and as wanted on disk before the first change', async () => {
    const { ports, host, store } = world;
    const before = host.snapshot()['pf0']?.[0];
    let seen: unknown;
    const { program } = host;
    host.program = async (pf, configs) => {
      seen = (await store.get('claim/a/pf0/0'))?.value;
      return program.call(host, pf, configs);
    };
    await ports.bind([request('p1', { place: VF0 })]);
    expect(seen).toMatchObject({
      port: 'p1',
      phase: 'applying',
      found: before,
      wanted: { mac: macOf('p1') },
    });
    expect((await store.get('claim/a/pf0/0'))?.value).toMatchObject({ phase: 'bound' });
  });

  test('again does nothing at all', async () => {
    const { ports, host, store } = world;
    await ports.bind([request('p1', { place: VF0 })]);
    const held = await records(store);
    const { revision } = await store.range('');
    const again = await ports.bind([request('p1', { place: VF0 })]);
    expect(again.ports).toMatchObject([{ refusals: [], changes: null }]);
    expect(host.requests).toHaveLength(1);
    expect(await records(store)).toEqual(held);
    expect((await store.range('')).revision).toBe(revision);
  });

  test('with other settings changes these alone, and remembers what was found at first', async () => {
    const { ports, host, store } = world;
    await ports.bind([request('p1', { place: VF0 })]);
    await ports.bind([request('p1', { place: VF0, port: { port_security_enabled: false } })]);
    expect(host.requests[1]).toEqual({ pf: 'pf0', configs: [{ vf: 0, spoofCheck: false }] });
    const claim = (await store.get('claim/a/pf0/0'))?.value as unknown as Claim;
    expect(claim.found).toMatchObject({ mac: '00:00:00:00:00:00', spoofCheck: true });
  });

  test('many go out as one request for each PF', async () => {
    const { ports, host } = world;
    const report = await ports.bind(Array.from({ length: 8 }, (_, index) => request(`p${index}`)));
    expect(report.ports.flatMap(({ refusals }) => refusals)).toEqual([]);
    expect(host.requests.map(({ pf, configs }) => [pf, configs.length]).sort()).toEqual([
      ['pf0', 4],
      ['pf1', 4],
    ]);
  });

  test('that nothing can be had for is told why, function by function', async () => {
    const { ports } = world;
    await ports.bind(Array.from({ length: 8 }, (_, index) => request(`p${index}`)));
    const report = await ports.bind([request('late')]);
    expect(report.ports[0]?.refusals).toHaveLength(8);
    expect(report.ports[0]?.refusals[0]).toMatchObject({ code: 'TAKEN', place: 'pf0/0' });
    expect(report.ports[0]?.binding).toMatchObject({ vif_type: 'binding_failed', place: null });
    expect(await ports.get('late')).toMatchObject({
      bindings: [{ failures: [{ refusals: { length: 4 } }] }],
    });
  });

  test('whose driver refuses one setting is not bound, its VF as found; the others are', async () => {
    const { ports, host, store } = world;
    const before = host.snapshot()['pf0']?.[1];
    host.refusals.set('pf0/1 vlan', 'EOPNOTSUPP');
    const report = await ports.bind([request('p0', { place: VF0 }), request('p1', { place: 'pf0/1' })]);
    expect(report.ports.map(({ refusals }) => refusals)).toMatchObject([
      [],
      [{ code: 'APPLY', place: 'pf0/1', detail: { failures: [{ attribute: 'vlan', code: 'EOPNOTSUPP' }] } }],
    ]);
    expect(host.snapshot()['pf0']?.[1]).toEqual(before);
    expect(host.snapshot()['pf0']?.[0]).toMatchObject({ mac: macOf('p0') });
    expect(await store.get('claim/a/pf0/1')).toBeUndefined();
    expect(report.ports[1]?.binding).toMatchObject({ vif_type: 'binding_failed', profile: {} });
  });

  test('whose VF refuses a change stays bound as it was', async () => {
    const { ports, host, store } = world;
    await ports.bind([request('p1', { place: VF0 })]);
    const before = host.snapshot();
    const claim = (await store.get('claim/a/pf0/0'))?.value;
    host.refusals.set('pf0/0 rate', 'EINVAL');
    const qos = [{ type: 'bandwidth_limit', max_kbps: 5000, direction: 'egress' } as const];
    const report = await ports.bind([request('p1', { place: VF0, port: { qos_rules: qos } })]);
    expect(report.ports[0]?.refusals).toMatchObject([{ code: 'APPLY' }]);
    expect(host.snapshot()).toEqual(before);
    expect((await store.get('claim/a/pf0/0'))?.value).toMatchObject({
      ...(claim as object),
      journal: expect.any(String),
    });
    expect(bindingOn((await ports.get('p1')) as never, 'a')).toMatchObject({
      vif_type: 'hw_veb',
      failures: [{ refusals: [{ code: 'APPLY' }] }],
    });
  });

  test('to another place moves it: the old VF as found, the new one set up', async () => {
    const { ports, host, store } = world;
    const before = host.snapshot()['pf0']?.[0];
    await ports.bind([request('p1', { place: VF0 })]);
    const report = await ports.bind([request('p1', { place: 'pf1/2' })]);
    expect(report.ports[0]).toMatchObject({ refusals: [], binding: { place: { pf: 'pf1', vf: 2 } } });
    expect(host.snapshot()['pf0']?.[0]).toEqual(before);
    expect(host.snapshot()['pf1']?.[2]).toMatchObject({ mac: macOf('p1') });
    expect(await store.get('claim/a/pf0/0')).toBeUndefined();
  });

  test('with another profile may keep its VF; what was found at first is remembered', async () => {
    const { ports, host, store } = world;
    const before = host.snapshot();
    await ports.bind([request('p1')]);
    const place = (await ports.get('p1'))?.bindings[0]?.place;
    const report = await ports.bind([request('p1', { profile: { trusted: true } })]);
    expect(report.ports[0]).toMatchObject({ refusals: [], binding: { place }, changes: { trust: true } });
    expect((await store.range('claim/')).entries).toHaveLength(1);
    await ports.release(['p1']);
    expect(host.snapshot()).toEqual(before);
  });

  test('with rates that contradict each other stays as it is; the others of the call are bound', async () => {
    const { ports, host } = world;
    await ports.bind([request('p1')]);
    const rules = [
      { type: 'bandwidth_limit', max_kbps: 1000, direction: 'egress' },
      { type: 'minimum_bandwidth', min_kbps: 9000, direction: 'egress' },
    ] as const;
    const report = await ports.bind([request('p1', { port: { qos_rules: rules } }), request('p2')]);
    expect(report.ports.map(({ refusals }) => refusals.map(({ code }) => code))).toEqual([['ATTRIBUTE'], []]);
    expect(await ports.get('p1')).toMatchObject({
      port: { qos_rules: [] },
      bindings: [{ vif_type: 'hw_veb' }],
    });
    expect(host.requests).toHaveLength(2);
  });

  test('of another vnic type while it is bound is refused, and nothing changes', async () => {
    const { ports, store } = world;
    await ports.bind([request('p1', { place: VF0 })]);
    const held = await records(store);
    const report = await ports.bind([request('p1', { vnic_type: 'macvtap' })]);
    expect(report.ports[0]?.refusals).toMatchObject([{ code: 'STATE' }]);
    expect(await records(store)).toEqual(held);
  });

  test('has what its network type adds in its details', async () => {
    const { store, host } = world;
    const provide = (): Record<string, unknown> => ({ fabric_rail: 2 });
    const portInfo = [{ name: 'fabric', network_type: 'vlan', provide }];
    const report = await openPorts({ store, host, policy: { portInfo } }).bind([request('p1')]);
    expect(report.ports[0]?.binding?.vif_details).toMatchObject({ vlan: '100', fabric_rail: 2 });
  });

  test('macvtap has its upper device, and its VF device the MAC; a release takes both back', async () => {
    const { ports, host } = world;
    const before = await host.netDevice({ pf: 'pf0', vf: 0 });
    await ports.bind([request('p1', { place: VF0, vnic_type: 'macvtap' })]);
    expect(await host.netDevice({ pf: 'pf0', vf: 0 })).toMatchObject({
      mac: macOf('p1'),
      up: true,
      uppers: [{ name: expect.stringMatching(/^mvt-[0-9a-f]{11}$/) }],
    });
    await ports.release(['p1']);
    expect(await host.netDevice({ pf: 'pf0', vf: 0 })).toEqual(before);
  });

  test('two at once never have one VF', async () => {
    const { ports } = world;
    const both = await Promise.all([
      ports.bind([request('p1'), request('p2')]),
      ports.bind([request('p3'), request('p4')]),
    ]);
    const places = both.flatMap((report) =>
      report.ports.map(({ binding }) => JSON.stringify(binding?.place)),
    );
    expect(new Set(places).size).toBe(4);
  });
});

describe('releasing a port', () => {
  test('puts back all that the VF was, what was changed behind our back too', async () => {
    const { ports, host, store } = world;
    host.drift('pf0', { vf: 0, mac: '02:aa:00:00:00:01', vlan: { id: 7 }, rate: { min: 10, max: 20 } });
    const before = host.snapshot();
    await ports.bind([request('p1', { place: VF0 })]);
    host.drift('pf0', { vf: 0, linkState: 'disable', mac: '02:bb:00:00:00:01' });
    const report = await ports.release(['p1', 'nobody']);
    expect(report).toMatchObject({ released: ['p1'], unknown: ['nobody'], notRestored: [] });
    expect(report.records).toMatchObject([{ bindings: [{ vif_type: 'unbound', profile: {}, place: null }] }]);
    expect(host.snapshot()).toEqual(before);
    expect(await records(store)).toEqual({});
  });

  test('leaves a VF alone that was made anew meanwhile, and says so', async () => {
    const { ports, host } = world;
    await ports.bind([request('p1', { place: VF0 })]);
    host.recreate('pf0', 4);
    host.drift('pf0', { vf: 0, mac: '02:cc:00:00:00:01' });
    const before = host.snapshot();
    const report = await ports.release(['p1']);
    expect(report).toMatchObject({ released: ['p1'], notRestored: [{ port: 'p1', place: VF0 }] });
    expect(host.snapshot()).toEqual(before);
  });

  test('whose VF refuses to be as it was keeps the claim, and recovery tries again', async () => {
    const { ports, host, store } = world;
    const before = host.snapshot();
    await ports.bind([request('p1', { place: VF0 })]);
    host.refusals.set('pf0/0 mac', 'EBUSY');
    const report = await ports.release(['p1']);
    expect(report).toMatchObject({
      released: [],
      notRestored: [{ port: 'p1', failures: [{ attribute: 'mac' }] }],
    });
    expect((await store.get('claim/a/pf0/0'))?.value).toMatchObject({ phase: 'releasing' });
    host.refusals.clear();
    await ports.recover();
    expect(host.snapshot()).toEqual(before);
    expect(await records(store)).toEqual({});
  });
});
