/**
 * What Nova and Neutron do in the life of a port that touches the host, row by row, and what is done here. The rows
 * about records alone are in test/unit/binding/life.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPorts } from '../../../src/port/open.ts';
import { MemoryHost } from './memory-host.ts';
import { macOf, makeWorld, records, request, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld({ pf0: 2 });
});
afterEach(() => world.end());

const QOS = [
  { type: 'bandwidth_limit', max_kbps: 20_000, direction: 'egress' },
  { type: 'minimum_bandwidth', min_kbps: 10_000, direction: 'egress' },
] as const;

describe('row live migration of SR-IOV ports', () => {
  test('the target is claimed before the port moves, and its VF is untouched until then', async () => {
    const { ports, store } = world;
    const target = new MemoryHost('b', { pf9: 1 });
    const before = target.snapshot();
    await ports.bind([request('p1')]);
    const report = await openPorts({ store, host: target }).bind([request('p1')]);
    expect(report.ports[0]?.binding).toMatchObject({
      status: 'INACTIVE',
      vif_type: 'hw_veb',
      place: { pf: 'pf9', vf: 0 },
    });
    expect(target.snapshot()).toEqual(before);
    expect((await openPorts({ store, host: target }).bind([request('p2')])).ports[0]?.refusals).toMatchObject(
      [{ code: 'TAKEN' }],
    );
  });

  test('a migration that fails leaves the source as it is', async () => {
    const { ports, store, host } = world;
    const target = new MemoryHost('b', { pf9: 1 });
    const other = openPorts({ store, host: target });
    await ports.bind([request('p1')]);
    const bound = host.snapshot();
    const held = await records(store);
    await other.bind([request('p1')]);
    target.refusals.set('pf9/0 vlan', 'EOPNOTSUPP');
    await expect(other.activate('p1')).rejects.toMatchObject({ code: 'EOPNOTSUPP' });
    await other.release(['p1']);
    expect(host.snapshot()).toEqual(bound);
    expect(await records(store)).toEqual(held);
  });
});

test('row recovery: a port that failed is bound when the missing thing appears; Neutron retries OVS ports alone', async () => {
  const { ports, host } = world;
  await ports.bind([request('p1'), request('p2')]);
  await ports.bind([request('late')]);
  expect(await ports.get('late')).toMatchObject({ bindings: [{ vif_type: 'binding_failed' }] });
  host.recreate('pf1', 1);
  const report = await ports.bind([request('late')]);
  expect(report.ports[0]).toMatchObject({
    refusals: [],
    binding: {
      place: { pf: 'pf1', vf: 0 },
      failures: [{ refusals: [{ code: 'TAKEN' }, { code: 'TAKEN' }] }],
    },
  });
});

describe('row PF reset, VF re-creation, numvfs change: no handling at all', () => {
  test.each<readonly [string, (host: MemoryHost) => void]>([
    ['a PF reset', (host) => host.reset('pf0')],
    ['VFs made anew', (host) => host.recreate('pf0', 2)],
    ['more VFs than before', (host) => host.recreate('pf0', 4)],
    ['a reboot', (host) => host.reboot()],
  ])('%s: the VF has all settings of its port again, and the port stays ACTIVE', async (_, happen) => {
    const { ports, host } = world;
    await ports.bind([
      request('p1', { place: 'pf0/1', profile: { trusted: true }, port: { qos_rules: QOS } }),
    ]);
    const wanted = host.snapshot()['pf0']?.[1];
    happen(host);
    expect(host.snapshot()['pf0']?.[1]).not.toEqual(wanted);
    const { restored, lost } = await ports.recover();
    expect([restored.map(({ port }) => port), lost]).toEqual([['p1'], []]);
    expect(host.snapshot()['pf0']?.[1]).toEqual(wanted);
    expect(await ports.get('p1')).toMatchObject({ status: 'ACTIVE' });
  });
});

describe('row unplug: spoof check, link state and rates are never restored, a left-over MAC blackholes traffic', () => {
  test.each(['direct', 'macvtap'] as const)('%s: all is as found', async (vnic_type) => {
    const { ports, host } = world;
    host.drift('pf0', { vf: 0, spoofCheck: false, linkState: 'enable', rate: { min: 5, max: 50 } });
    const before = host.snapshot();
    await ports.bind([
      request('p1', { vnic_type, place: 'pf0/0', profile: { trusted: true }, port: { qos_rules: QOS } }),
    ]);
    expect(host.snapshot()['pf0']?.[0]).toMatchObject({
      mac: macOf('p1'),
      spoofCheck: true,
      trust: true,
      linkState: 'auto',
      rate: { min: 10, max: 20 },
    });
    await ports.release(['p1']);
    expect(host.snapshot()).toEqual(before);
  });

  test('a trust that was left over from elsewhere does not go to the next port', async () => {
    const { ports, host } = world;
    host.drift('pf0', { vf: 0, trust: true });
    await ports.bind([request('p1', { place: 'pf0/0' })]);
    expect(host.snapshot()['pf0']?.[0]).toMatchObject({ trust: false });
  });
});
