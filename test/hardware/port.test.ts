/**
 * Ports bound on a true PCI driver: what a port asks for is seen on the wire, it outlives what happens to VF and PF,
 * and when the port is released the VF is as it was found.
 *
 * igbvf asks the PF for MAC and VLAN when it starts and at no other time. The guest of a `direct` port starts its
 * driver anyway, so the ports do not; here `restartVf` is that guest.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { PortRequest } from '../../src/binding/port.ts';
import { netDeviceMac, type TestFrame } from '../../src/conformance/frame-tap.ts';
import { waitForCarrier } from '../../src/conformance/pass.ts';
import { resetFunction, restoreDriver, unbindDriver, waitForVfs } from '../../src/index.ts';
import { macvtapsOn, readLink } from '../../src/lifecycle/macvtap.ts';
import { setUp } from '../../src/lifecycle/net-device.ts';
import { createLinuxHost } from '../../src/port/linux-host.ts';
import { openPorts } from '../../src/port/open.ts';
import type { Ports } from '../../src/port/ports.ts';
import { openLmdbStore } from '../../src/store/lmdb-store.ts';
import type { Store } from '../../src/store/store.ts';
import type { VfState } from '../../src/vf/config.ts';
import { BROADCAST, downAndUp, useIgb } from './igb.ts';

const VFS = 2;
const FOUND = '02:00:00:00:06:00';
const MAC = '02:00:00:00:06:01';
/** VF 0's network device before a port has it. */
const IDLE = { mac: FOUND, up: false, uppers: [] };
const TAGGED = { tag: { id: 100, qos: 5, tpid: 0x8100 } };
const WANTED = { mac: MAC, vlan: { id: 100, qos: 5, proto: '802.1Q' }, spoofCheck: true };

const igb = useIgb(VFS);
const host = createLinuxHost({ name: 'compute-1' });
const folder = mkdtempSync(path.join(tmpdir(), 'port-igb-'));
let store: Store;
let ports: Ports;
let vf0 = '';

beforeAll(async () => {
  store = await openLmdbStore(folder);
  ports = openPorts({ store, host });
});
/** VF 0 has a MAC from the host, which its driver has taken, and is not in use. */
beforeEach(async () => {
  await igb.pair.first.programVfs([{ vf: 0, mac: FOUND }]);
  vf0 = await igb.pair.addressOf(0);
  await setUp(await igb.pair.restartVf(0), false);
});
afterEach(async () => {
  await ports.release((await ports.list()).map(({ port }) => port.id));
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const pfDevice = (): string => igb.pair.first.device ?? '';
const states = (): Promise<readonly VfState[]> => host.read(pfDevice());

async function deviceOf(vf: number): Promise<string> {
  const [found] = await waitForVfs(igb.pair.first, { vfs: [vf] });
  return found?.netDevices[0] ?? '';
}

function request(vnic_type: PortRequest['vnic_type'], pci_slot: string): PortRequest {
  return {
    port: {
      id: `${vnic_type}-port`,
      mac_address: MAC,
      admin_state_up: true,
      port_security_enabled: true,
      propagate_uplink_status: true,
      numa_affinity_policy: null,
      device_owner: 'compute:nova',
      device_id: 'instance-1',
      qos_rules: [],
    },
    network: {
      network_type: 'vlan',
      physical_network: null,
      segmentation_id: TAGGED.tag.id,
      qinq: false,
      vlan_qos: TAGGED.tag.qos,
    },
    vnic_type,
    profile: { pci_slot },
  };
}

const sentBy = (device: string): Promise<TestFrame | undefined> =>
  igb.pair.sendFromVf(device, { destination: BROADCAST, source: netDeviceMac(device) });
const receivedBy = (device: string, id?: number): Promise<TestFrame | undefined> => {
  const tag = id === undefined ? {} : { tag: { id, qos: 0, tpid: 0x8100 } };
  return igb.pair.sendToVf(device, { destination: BROADCAST, source: '02:00:00:00:00:77', ...tag });
};

async function bindDirect(): Promise<string> {
  const { ports: outcomes } = await ports.bind([request('direct', vf0)]);
  expect(outcomes).toMatchObject([
    { refusals: [], binding: { vif_type: 'hw_veb', status: 'ACTIVE', place: { pf: pfDevice(), vf: 0 } } },
  ]);
  return igb.pair.restartVf(0);
}

test("direct: the VF's frames carry its VLAN and others are not received; released, it is as found, frames untagged", async () => {
  const before = await states();
  let device = await bindDirect();
  expect((await states())[0]).toMatchObject(WANTED);
  expect((await states())[1]).toEqual(before[1]);
  expect(netDeviceMac(device)).toBe(MAC);
  expect(await sentBy(device)).toMatchObject({ source: MAC, ...TAGGED });
  expect((await receivedBy(device, 100))?.tag).toBeUndefined();
  expect(await receivedBy(device, 100)).toBeDefined();
  expect(await receivedBy(device, 200)).toBeUndefined();
  expect(await receivedBy(device)).toBeUndefined();

  expect(await ports.release(['direct-port'])).toMatchObject({ released: ['direct-port'], notRestored: [] });
  expect(await states()).toEqual(before);
  device = await igb.pair.restartVf(0);
  expect(netDeviceMac(device)).toBe(FOUND);
  const frame = await sentBy(device);
  expect(frame).toMatchObject({ source: FOUND });
  expect(frame?.tag).toBeUndefined();
  expect(await receivedBy(device)).toBeDefined();
  expect(await receivedBy(device, 100)).toBeUndefined();
});

test('direct: a VF without its driver, and with it again, has nothing to be given back', async () => {
  await bindDirect();
  const driver = await unbindDriver(vf0, { force: true });
  const without = await ports.recover();
  await restoreDriver(driver);
  const again = await ports.recover();
  for (const report of [without, again]) expect(report).toMatchObject({ restored: [], lost: [], work: [] });
  expect((await states())[0]).toMatchObject(WANTED);
  expect(await sentBy(await igb.pair.restartVf(0))).toMatchObject(TAGGED);
});

test('direct: after a reset of the PF the driver still knows the settings, and the next guest has them', async () => {
  await bindDirect();
  await resetFunction(igb.pair.first.pciAddress ?? '', { force: true });
  await downAndUp(igb.pair.first);
  expect(await ports.recover()).toMatchObject({ restored: [], lost: [] });
  expect((await states())[0]).toMatchObject(WANTED);
  expect(await sentBy(await igb.pair.restartVf(0))).toMatchObject({ source: MAC, ...TAGGED });
});

test('direct: VFs taken away are told to be lost; made anew, they are given all, and go back to what they then were', async () => {
  const { first } = igb.pair;
  await bindDirect();
  await first.setNumVfs(0, { force: true });
  expect(await ports.recover()).toMatchObject({
    restored: [],
    lost: [
      {
        port: 'direct-port',
        place: `${pfDevice()}/0`,
        message: expect.stringContaining('it is not there') as string,
      },
    ],
  });
  await first.setNumVfs(VFS);
  await waitForVfs(first);
  await waitForCarrier(first.name);
  const fresh = await states();
  expect(fresh[0]).toMatchObject({ mac: '00:00:00:00:00:00', vlan: null });
  expect(await ports.recover()).toMatchObject({
    restored: [{ port: 'direct-port', place: `${pfDevice()}/0`, changes: { mac: MAC, vlan: { id: 100 } } }],
    lost: [],
  });
  expect((await states())[0]).toMatchObject(WANTED);
  expect(await sentBy(await igb.pair.restartVf(0))).toMatchObject({ source: MAC, ...TAGGED });
  expect(await ports.release(['direct-port'])).toMatchObject({ notRestored: [] });
  // And not to what the VFs before them were: those are gone.
  expect(await states()).toEqual(fresh);
});

test('macvtap: its upper device sends with the VLAN; released, device, MAC and settings are as found', async () => {
  const before = await states();
  expect(await host.netDevice({ pf: pfDevice(), vf: 0 })).toMatchObject(IDLE);
  const { ports: outcomes } = await ports.bind([request('macvtap', vf0)]);
  expect(outcomes).toMatchObject([{ refusals: [], binding: { vif_type: 'hw_veb' } }]);
  expect((await states())[0]).toMatchObject(WANTED);

  const lower = await deviceOf(0);
  const [upper, ...more] = macvtapsOn(lower);
  expect(more).toEqual([]);
  expect(readLink(upper?.name ?? '')).toMatchObject({ mac: MAC, up: true });
  expect(readLink(lower)).toMatchObject({ mac: MAC, up: true });
  await waitForCarrier(lower);
  expect(await sentBy(upper?.name ?? '')).toMatchObject({ source: MAC, ...TAGGED });
  // Nobody has the tap open, so frames are seen on the device below.
  expect(await receivedBy(lower, 100)).toBeDefined();
  expect(await receivedBy(lower, 200)).toBeUndefined();

  // Bound again it is found, not made once more.
  await ports.bind([request('macvtap', vf0)]);
  expect(macvtapsOn(lower)).toEqual([upper]);

  const { released, notRestored } = await ports.release(['macvtap-port']);
  expect([released, notRestored]).toEqual([['macvtap-port'], []]);
  expect(readLink(upper?.name ?? '')).toBeUndefined();
  expect(await host.netDevice({ pf: pfDevice(), vf: 0 })).toMatchObject(IDLE);
  expect(await states()).toEqual(before);
  const frame = await sentBy(await igb.pair.restartVf(0));
  expect(frame).toMatchObject({ source: FOUND });
  expect(frame?.tag).toBeUndefined();
});

test("direct-physical: the port takes the PF's MAC, VFs of that PF are refused, and nothing is written to it", async () => {
  const { first } = igb.pair;
  const before = await states();
  const pfMac = netDeviceMac(first.name);
  const watched = createLinuxHost({ name: 'compute-1' });
  const writes: string[] = [];
  const { program, setNetDevice } = watched;
  watched.program = (pf, configs) => {
    writes.push(`VFs of ${pf}`);
    return program.call(watched, pf, configs);
  };
  watched.setNetDevice = (place, want) => {
    writes.push(`net device of ${place.pf}`);
    return setNetDevice.call(watched, place, want);
  };
  const own = openPorts({ store, host: watched });

  const { ports: outcomes } = await own.bind([request('direct-physical', first.pciAddress ?? '')]);
  expect(outcomes).toMatchObject([
    {
      refusals: [],
      record: { port: { mac_address: pfMac }, status: 'ACTIVE' },
      binding: { vif_type: 'hostdev_physical', place: { pf: pfDevice(), vf: null } },
    },
  ]);
  expect((await own.bind([request('direct', vf0)])).ports).toMatchObject([
    { refusals: [{ code: 'PF_HAS_VFS' }], binding: { vif_type: 'binding_failed' } },
  ]);
  expect(await own.recover()).toMatchObject({ restored: [], lost: [] });
  expect(await own.release(['direct-physical-port'])).toMatchObject({ notRestored: [] });
  expect(writes).toEqual([]);
  expect(netDeviceMac(first.name)).toBe(pfMac);
  expect(await states()).toEqual(before);
  expect((await own.bind([request('direct-physical', first.pciAddress ?? '')])).ports).toMatchObject([
    { refusals: [] },
  ]);
});
