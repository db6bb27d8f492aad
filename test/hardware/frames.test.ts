/**
 * The data path, frame by frame: a VF of one igb, the hub, and the other igb's PF as witness.
 *
 * QEMU's 82576 does not drop spoofed source addresses, so that spoof check is proven as a setting only
 * (settings.test.ts), and here that the frame passes: the day QEMU drops it, the test says so.
 */
import { spawnSync } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';
import { netDeviceMac } from '../../src/conformance/frame-tap.ts';
import { resetFunction } from '../../src/index.ts';
import { BROADCAST, downAndUp, useIgb } from './igb.ts';

const igb = useIgb(2);
const HOST = '02:00:00:00:00:01';
const OTHER = '02:00:00:00:00:99';
const tag = (id: number, qos = 0): { tag: { id: number; qos: number; tpid: number } } => ({
  tag: { id, qos, tpid: 0x8100 },
});
let device = '';

beforeAll(async () => {
  device = await igb.pair.restartVf(0);
});

const sent = (source = netDeviceMac(device)) =>
  igb.pair.sendFromVf(device, { destination: BROADCAST, source });
const received = (id: number | undefined, destination = BROADCAST) =>
  igb.pair.sendToVf(device, {
    destination,
    source: '02:00:00:00:00:77',
    ...(id === undefined ? {} : tag(id)),
  });

/** Tries to change the VF's own MAC from its side, as its guest would. */
function changeMac(mac: string): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync('ip', ['link', 'set', device, 'address', mac], { encoding: 'utf8' });
  return { status, stderr };
}

test('without a VLAN, frames leave untagged, and untagged ones alone are received', async () => {
  expect(await sent()).toMatchObject({ source: netDeviceMac(device), destination: BROADCAST });
  expect((await sent())?.tag).toBeUndefined();
  expect(await received(undefined)).toBeDefined();
  expect(await received(100)).toBeUndefined();
});

test('with VLAN 100, the wire shows tag 100 and its priority', async () => {
  await igb.pair.first.programVfs([{ vf: 0, vlan: { id: 100, qos: 5 } }]);
  device = await igb.pair.restartVf(0);
  expect(await sent()).toMatchObject(tag(100, 5));
});

test('with VLAN 100, tag 100 is received, without the tag; another tag and untagged frames are not', async () => {
  const frame = await received(100);
  expect(frame).toBeDefined();
  expect(frame?.tag).toBeUndefined();
  expect(await received(200)).toBeUndefined();
  expect(await received(undefined)).toBeUndefined();
});

test("the other VF, without a VLAN, does not receive the first one's frames", async () => {
  const other = await igb.pair.restartVf(1);
  const frame = { destination: BROADCAST, source: '02:00:00:00:00:77' };
  expect(await igb.pair.sendToVf(other, { ...frame, ...tag(100) })).toBeUndefined();
  expect(await igb.pair.sendToVf(other, frame)).toBeDefined();
});

test.each([true, false])(
  "a spoofed source address passes QEMU's 82576 with spoof check %s: it has none",
  async (spoofCheck) => {
    const { first } = igb.pair;
    expect((await first.programVfs([{ vf: 0, spoofCheck }])).failures).toEqual([]);
    expect((await first.readVfs()).row(0).spoofCheck).toBe(spoofCheck);
    expect(await sent('02:de:ad:00:00:01')).toMatchObject({ source: '02:de:ad:00:00:01', ...tag(100, 5) });
  },
);

test("the host's MAC is the VF's after it starts anew; frames to it arrive, to others not", async () => {
  await igb.pair.first.programVfs([{ vf: 0, mac: HOST }]);
  expect(netDeviceMac(device)).not.toBe(HOST);
  device = await igb.pair.restartVf(0);
  expect(netDeviceMac(device)).toBe(HOST);
  expect(await received(100, HOST)).toBeDefined();
  expect(await received(100, OTHER)).toBeUndefined();
});

test('an untrusted VF cannot change the MAC that the host gave it; a trusted one can', async () => {
  expect(changeMac(OTHER)).toEqual({
    status: 2,
    stderr: expect.stringContaining('Cannot assign requested address') as string,
  });
  expect(netDeviceMac(device)).toBe(HOST);
  expect(await received(100, OTHER)).toBeUndefined();
  await igb.pair.first.programVfs([{ vf: 0, trust: true }]);
  expect(changeMac(OTHER).status).toBe(0);
  expect(await received(100, OTHER)).toBeDefined();
  await igb.pair.first.programVfs([{ vf: 0, trust: false }]);
});

test('PF down and up leaves the VLAN in force', async () => {
  await downAndUp(igb.pair.first);
  // igbvf notices within seconds.
  await expect.poll(() => sent(), { timeout: 20_000 }).toMatchObject(tag(100, 5));
  expect(await received(200)).toBeUndefined();
});

test('an FLR silences the VF until its driver starts anew; then the VLAN is in force again', async () => {
  await resetFunction(await igb.pair.addressOf(0), { force: true });
  expect(await sent()).toBeUndefined();
  device = await igb.pair.restartVf(0);
  expect(await sent()).toMatchObject(tag(100, 5));
});

test('a reset of the PF wipes what VFs have in the hardware, though all reads back', async () => {
  const { first } = igb.pair;
  await resetFunction(first.pciAddress ?? '', { force: true });
  expect((await first.readVfs()).row(0).vlan).toMatchObject({ id: 100, qos: 5 });
  expect(await sent()).toBeUndefined();
  // igb sets the PF up anew, and each VF when that one asks.
  await downAndUp(first);
  expect(await sent()).toBeUndefined();
  device = await igb.pair.restartVf(0);
  expect(await sent()).toMatchObject(tag(100, 5));
});

test('without MAC and VLAN, the VF is free again', async () => {
  await igb.pair.first.programVfs([{ vf: 0, mac: null, vlan: null }]);
  device = await igb.pair.restartVf(0);
  expect(changeMac(OTHER).status).toBe(0);
  expect(await received(undefined, OTHER)).toBeDefined();
  expect((await sent())?.tag).toBeUndefined();
});
