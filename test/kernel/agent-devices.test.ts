/**
 * PFs and VFs that come, go, and change their names while an agent runs. On a true PCI driver, by the bus's own news:
 * test/hardware/agent.test.ts.
 *
 * netdevsim's `sriov_numvfs` is told to nobody, where that of a PCI device makes the kernel announce the PF and each
 * VF (pci_enable_sriov); `announce` has the kernel say so of a netdevsim.
 */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PortState } from '../../src/agent/status.ts';
import { eventually, ip, macOfPort, Place, requestOf, type Rig } from './agent-rig.ts';
import { createNetdevsim, type Netdevsim } from './netdevsim.mjs';

const VFS = 4;
const NAMESPACE = 'sriov-agent';
const place = new Place();
let sim: Netdevsim;
let device: string;
let rig: Rig;

beforeAll(async () => {
  sim = createNetdevsim({ vfs: VFS });
  device = `netdevsim${sim.id}`;
  ip(`link set ${sim.pf} up`);
  await place.open();
  await place.bind(Array.from({ length: VFS }, (_, vf) => requestOf(vf, `${device}/${vf}`)));
  rig = await place.start();
});
afterAll(async () => {
  await rig?.stop();
  await place.close();
  sim.remove();
});

const announce = (): void => writeFileSync(`${sim.directory}/uevent`, 'change');

async function setVfs(count: number): Promise<void> {
  sim.setNumVfs(0);
  if (count > 0) sim.setNumVfs(count);
  announce();
  await Promise.resolve();
}

async function portStates(): Promise<PortState[]> {
  const { ports } = await rig.agent.status();
  return ports.toSorted((a, b) => a.id.localeCompare(b.id)).map(({ state }) => state);
}

async function expectVfs(count: number): Promise<void> {
  const [states] = await place.read(device);
  expect(states?.slice(0, count)).toMatchObject(
    Array.from({ length: count }, (_, vf) => ({ mac: macOfPort(vf), vlan: { id: 100 }, spoofCheck: true })),
  );
}

test('VFs that go are lost, told once with the reason; fewer that come are found, the others stay lost', async () => {
  const from = rig.mark();
  await setVfs(0);
  await eventually(() => expect(rig.told.of('lost', from)).toHaveLength(VFS));
  for (const { message } of rig.told.of('lost', from)) expect(message).toContain('not there');
  expect(await portStates()).toEqual(['lost', 'lost', 'lost', 'lost']);
  await rig.agent.reconcile();
  await setVfs(2);
  await eventually(() => expect(rig.told.of('found', from)).toHaveLength(2));
  expect(rig.told.of('found', from).map(({ port }) => port)).toEqual(['p0', 'p1']);
  expect(await portStates()).toEqual(['ok', 'ok', 'lost', 'lost']);
  expect(rig.told.of('lost', from)).toHaveLength(VFS);
});

test('more VFs than before: the rest is found, and a port for which there was none is bound', async () => {
  const from = rig.mark();
  const { ports } = await place.ports.bind([requestOf(VFS)]);
  expect(ports[0]?.refusals.length).toBeGreaterThan(0);
  await rig.told.until('port', ({ port }) => port === `p${VFS}`, from);
  expect((await portStates())[VFS]).toBe('failed');
  await setVfs(VFS + 2);
  await eventually(() => expect(rig.told.of('found', from)).toHaveLength(2));
  const retried = await rig.told.until('bind-retried', ({ bound }) => bound, from);
  expect(retried).toMatchObject({ port: `p${VFS}`, reasons: [] });
  expect(retried.place).toMatch(new RegExp(`^${device}/[45]$`));
  await eventually(async () => expect(await portStates()).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']));
  await expectVfs(VFS);
  await place.ports.release([`p${VFS}`]);
  await rig.told.until('port', ({ port, binding }) => port === `p${VFS}` && binding === null, from);
});

test('a PF under another name is the same: told, and its VFs are kept as wanted', async () => {
  const from = rig.mark();
  const name = 'renamed0';
  ip(`link set ${sim.pf} down`);
  ip(`link set ${sim.pf} name ${name}`);
  ip(`link set ${name} up`);
  await rig.told.until('pf', ({ netDevice: now, state }) => now === name && state === 'up', from);
  ip(`link set ${name} vf 0 vlan 7`);
  const repaired = await rig.told.until('repaired', undefined, from);
  expect(repaired).toMatchObject({ pf: device, vf: 0, trigger: 'link' });
  await expectVfs(VFS);
});

test('a PF in another network namespace is absent; back here, what was done to it there is undone', async () => {
  const from = rig.mark();
  ip(`netns add ${NAMESPACE}`);
  try {
    ip(`link set renamed0 netns ${NAMESPACE}`);
    await rig.told.until('pf', ({ state }) => state === 'absent', from);
    await eventually(() => expect(rig.told.of('lost', from)).toHaveLength(VFS));
    ip(`-n ${NAMESPACE} link set renamed0 vf 1 vlan 7`);
    ip(`-n ${NAMESPACE} link set renamed0 netns 1`);
    await rig.told.until('pf', ({ state }) => state !== 'absent', from);
    const repaired = await rig.told.until('repaired', undefined, from);
    expect(repaired).toMatchObject({ pf: device, vf: 1, attributes: ['vlan'] });
    await eventually(async () => expect((await portStates()).every((state) => state === 'ok')).toBe(true));
    await expectVfs(VFS);
  } finally {
    ip(`netns del ${NAMESPACE}`);
  }
  // And it is heard as before.
  ip(`link set renamed0 up`);
  await rig.told.until('pf', ({ state }) => state === 'up', from);
  const next = rig.mark();
  ip(`link set renamed0 vf 2 vlan 7`);
  await rig.told.until('repaired', ({ vf }) => vf === 2, next);
});

test('a PF that is taken out and put in again is another life: its ports are lost, found, and set up anew', async () => {
  const from = rig.mark();
  const { id } = sim;
  sim.remove();
  await eventually(() => expect(rig.told.of('lost', from)).toHaveLength(VFS));
  await rig.told.until('pf', ({ state }) => state === 'absent', from);
  const { pfs } = await rig.agent.status();
  expect(pfs.find(({ pf }) => pf === device)).toMatchObject({ state: 'absent', netDevice: null, ports: VFS });
  sim = createNetdevsim({ id });
  ip(`link set ${sim.pf} up`);
  await rig.told.until('pf', ({ state }) => state === 'up', from);
  await setVfs(VFS);
  await eventually(() => expect(rig.told.of('repaired', from)).toHaveLength(VFS));
  for (const { recreated } of rig.told.of('repaired', from)) expect(recreated).toBe(true);
  await eventually(() => expect(rig.told.of('found', from)).toHaveLength(VFS));
  await expectVfs(VFS);
  const next = rig.mark();
  ip(`link set ${sim.pf} vf 3 vlan 7`);
  expect(await rig.told.until('repaired', undefined, next)).toMatchObject({ vf: 3, recreated: false });
  await expectVfs(VFS);
});

test('in all of this nothing was written that was as wanted, and nothing is in trouble', async () => {
  const status = await rig.agent.status();
  expect(status.counters).toMatchObject({ healthyWrites: 0, repairsFailed: 0 });
  expect(status.reasons).toEqual([]);
});
