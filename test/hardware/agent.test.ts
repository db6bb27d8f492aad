/**
 * The agent on a true PCI driver: VFs and PF come and go by the bus's own news, and a trusted guest sets its MAC by its
 * own driver. What netdevsim can show as well is in test/kernel/agent-*.test.ts.
 */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { netDeviceMac } from '../../src/conformance/frame-tap.ts';
import { waitForCarrier } from '../../src/conformance/pass.ts';
import { PhysicalFunction, resetFunction, restoreDriver, unbindDriver, waitForVfs } from '../../src/index.ts';
import { setUp } from '../../src/lifecycle/net-device.ts';
import type { VfState } from '../../src/vf/config.ts';
import { eventually, ip, macOfPort, Place, requestOf, type Rig } from '../kernel/agent-rig.ts';
import { IgbPair } from './igb.ts';

const VFS = 2;
const TRUSTED = 1;
const GUESTS = '02:00:00:00:07:77';

const place = new Place();
const address = new IgbPair().first.pciAddress ?? '';
const directory = path.join('/sys/bus/pci/devices', address);
let pf: PhysicalFunction;
let rig: Rig;

/** Behind the agent's back, as an administrator would. */
function setVfs(count: number): void {
  writeFileSync(`${directory}/sriov_numvfs`, '0');
  if (count > 0) writeFileSync(`${directory}/sriov_numvfs`, String(count));
}

/** The PF as it is now; up, with a carrier. */
async function raise(): Promise<void> {
  pf = PhysicalFunction.open(address);
  await setUp(pf.name, true);
  await waitForCarrier(pf.name);
}

beforeAll(async () => {
  await raise();
  setVfs(VFS);
  await waitForVfs(pf);
  await waitForCarrier(pf.name);
  await place.open();
  await place.bind([
    requestOf(0, `${address}/0`),
    requestOf(TRUSTED, `${address}/${TRUSTED}`, { trusted: true }),
  ]);
  rig = await place.start();
});
afterAll(async () => {
  await rig?.stop();
  await place.close();
  setVfs(0);
});

const states = (): Promise<readonly VfState[]> => place.host.read(address);

async function expectPorts(count: number): Promise<void> {
  await eventually(async () => {
    const { ports } = await rig.agent.status();
    const ok = ports.filter(({ state }) => state === 'ok').map(({ id }) => id);
    expect(ok.sort()).toEqual(['p0', 'p1'].slice(0, count));
  });
  const now = await states();
  for (let vf = 0; vf < count; vf++) {
    expect(now[vf]).toMatchObject({
      mac: macOfPort(vf),
      vlan: { id: 100 },
      spoofCheck: vf !== TRUSTED,
      trust: vf === TRUSTED,
    });
  }
}

test('a change by "ip link set" is undone by one message, and the other VF is not touched', async () => {
  const before = await states();
  const { messages } = await rig.counters();
  const from = rig.mark();
  ip(`link set ${pf.name} vf 0 vlan 7`);
  const repaired = await rig.told.until('repaired', undefined, from);
  expect(repaired).toMatchObject({ port: 'p0', vf: 0, attributes: ['vlan'], trigger: 'link' });
  expect(await states()).toEqual(before);
  expect(await rig.counters()).toMatchObject({ messages: messages + 1, healthyWrites: 0 });
});

test('the MAC that a guest gives its trusted VF by its own driver is left', async () => {
  const [found] = await waitForVfs(pf, { vfs: [TRUSTED] });
  const guest = found?.netDevices[0] ?? '';
  await setUp(guest, true);
  await waitForCarrier(guest);
  const { messages } = await rig.counters();
  const from = rig.mark();
  ip(`link set dev ${guest} address ${GUESTS}`);
  expect(netDeviceMac(guest)).toBe(GUESTS);
  // The PF's driver keeps it as the VF's own and says so to those who ask; it announces nothing.
  await eventually(async () => expect((await states())[TRUSTED]?.mac).toBe(GUESTS));
  await rig.agent.reconcile();
  expect(await rig.told.until('guest-mac', undefined, from)).toMatchObject({ port: 'p1', found: GUESTS });
  await rig.agent.reconcile();
  expect((await states())[TRUSTED]?.mac).toBe(GUESTS);
  expect((await rig.counters()).messages).toBe(messages);
  expect(rig.told.of('guest-mac', from)).toHaveLength(1);
  ip(`link set dev ${guest} address ${macOfPort(TRUSTED)}`);
  await setUp(guest, false);
  await rig.agent.reconcile();
  await expectPorts(2);
});

test('VFs that are made anew, fewer and then more, are found by uevents and set up again', async () => {
  let from = rig.mark();
  setVfs(0);
  await eventually(() => expect(new Set(rig.told.of('lost', from).map(({ port }) => port)).size).toBe(2));
  setVfs(1);
  await rig.told.until('found', ({ port }) => port === 'p0', from);
  expect(rig.told.of('repaired', from)).toMatchObject([{ port: 'p0', recreated: true }]);
  await expectPorts(1);
  from = rig.mark();
  setVfs(3);
  await rig.told.until('found', ({ port }) => port === 'p1', from);
  await rig.told.until('repaired', ({ port, recreated }) => port === 'p0' && recreated, from);
  await expectPorts(2);
  expect(rig.told.of('reconciled', from).map(({ trigger }) => trigger)).toContain('uevent');
});

test('a reset of the PF and its device down and up leave the VFs as wanted', async () => {
  const from = rig.mark();
  await resetFunction(address, { force: true });
  await setUp(pf.name, false);
  await setUp(pf.name, true);
  await waitForCarrier(pf.name);
  await rig.told.until('pf', ({ state }) => state === 'up', from);
  await rig.agent.reconcile();
  await expectPorts(2);
  expect(rig.told.of('lost', from)).toEqual([]);
});

test('a PF whose driver is taken away and given back has its VFs set up again once they are made', async () => {
  const from = rig.mark();
  const driver = await unbindDriver(address, { force: true });
  await rig.told.until('pf', ({ state }) => state === 'absent', from);
  await eventually(() => expect(new Set(rig.told.of('lost', from).map(({ port }) => port)).size).toBe(2));
  await restoreDriver(driver);
  await raise();
  setVfs(VFS);
  await eventually(() => expect(rig.told.of('found', from)).toHaveLength(2));
  await expectPorts(2);
});

test('a PF that is unplugged and plugged in again has its VFs set up again once they are made', async () => {
  const from = rig.mark();
  writeFileSync(`${directory}/remove`, '1');
  await rig.told.until('pf', ({ state }) => state === 'absent', from);
  await eventually(() => expect(new Set(rig.told.of('lost', from).map(({ port }) => port)).size).toBe(2));
  expect(existsSync(directory)).toBe(false);
  writeFileSync('/sys/bus/pci/rescan', '1');
  await eventually(() => expect(existsSync(`${directory}/net`)).toBe(true));
  await raise();
  setVfs(VFS);
  await eventually(() => expect(rig.told.of('found', from)).toHaveLength(2));
  for (const { recreated } of rig.told.of('repaired', from)) expect(recreated).toBe(true);
  await expectPorts(2);
});

test('in all of this nothing was written that was as wanted, and nothing is in trouble', async () => {
  const status = await rig.agent.status();
  expect(status.counters.healthyWrites).toBe(0);
  expect(status.reasons).toEqual([]);
});
