/**
 * Bound VFs that are changed behind the agent's back: by `ip link set`, by a guest that may, while the PF is down, and
 * all at once as by a reset. One agent for all; PF 1 is up and has the ports.
 */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VfState } from '../../src/vf/config.ts';
import { watchLinks } from '../../src/events/watch-links.ts';
import { eventually, ip, ipBatch, Place, requestOf, type Rig } from './agent-rig.ts';
import { createNetdevsim, type Netdevsim } from './netdevsim.mjs';

const VFS = 8;
/** Has a rate. */
const LIMITED = 2;
const TRUSTED = 3;
/** Bound up to here; the VFs after it are nobody's. */
const BOUND = 4;

const place = new Place();
let sim: Netdevsim;
let device: string;
let other: Netdevsim;
let otherDevice: string;
let rig: Rig;
let wanted: (readonly VfState[])[];

beforeAll(async () => {
  sim = createNetdevsim({ vfs: VFS });
  device = `netdevsim${sim.id}`;
  other = createNetdevsim({ vfs: VFS });
  otherDevice = `netdevsim${other.id}`;
  for (const { pf } of [sim, other]) ip(`link set ${pf} up`);
  await place.open();
  await place.bind([
    requestOf(0, `${device}/0`),
    requestOf(1, `${device}/1`),
    requestOf(LIMITED, `${device}/${LIMITED}`, { maxKbps: 100_000 }),
    requestOf(TRUSTED, `${device}/${TRUSTED}`, { trusted: true }),
    requestOf(4, `${otherDevice}/0`),
  ]);
  wanted = await place.read(device, otherDevice);
  rig = await place.start();
});
afterAll(async () => {
  await rig?.stop();
  await place.close();
  sim.remove();
  other.remove();
});

const allAsWanted = async (): Promise<void> => expect(await place.read(device, otherDevice)).toEqual(wanted);
const sumOf = (what: 'messages' | 'repaired' | 'dumps', from: number): number =>
  rig.told.of('reconciled', from).reduce((total, look) => total + look[what], 0);
const drift = (vf: number, change: string): string => ip(`link set ${sim.pf} vf ${vf} ${change}`);

describe('a change by "ip link set"', () => {
  test.each([
    [0, 'vlan 7 qos 3', ['vlan']],
    [1, 'vlan 0', ['vlan']],
    [0, 'mac 02:bb:bb:bb:bb:bb', ['mac']],
    [1, 'spoofchk off', ['spoofCheck']],
    [0, 'trust on', ['trust']],
    [LIMITED, 'max_tx_rate 7', ['rate']],
    [1, 'max_tx_rate 50 min_tx_rate 10', ['rate']],
    [0, 'state disable', ['linkState']],
    [TRUSTED, 'trust off', ['trust']],
  ] as const)(
    'of VF %i, "%s": one event, one dump, one message, no other VF',
    async (vf, change, attributes) => {
      const before = await rig.counters();
      const from = rig.mark();
      drift(vf, change);
      const repaired = await rig.told.until('repaired', undefined, from);
      expect(repaired).toMatchObject({ port: `p${vf}`, pf: device, vf, attributes, trigger: 'link' });
      expect(repaired.lagMs).toBeGreaterThan(0);
      await rig.told.until('reconciled', undefined, from);
      await allAsWanted();
      expect(await rig.counters()).toEqual({
        ...before,
        looks: before.looks + 1,
        dumps: before.dumps + 1,
        messages: before.messages + 1,
        drifts: before.drifts + 1,
        repairs: before.repairs + 1,
      });
      expect(rig.told.of('drift', from)).toMatchObject([{ vf, recreated: false }]);
    },
  );

  test('and what the agent sends to undo it leads to no look', async () => {
    // It is asked after everything that was announced before.
    await rig.agent.reconcile();
    const looks = rig.told.of('reconciled').filter(({ trigger }) => trigger === 'link');
    expect(looks.map(({ repaired }) => repaired)).toEqual(looks.map(() => 1));
    expect((await rig.counters()).healthyWrites).toBe(0);
  });

  test('of several VFs at once is undone by no more messages than there are VFs', async () => {
    const from = rig.mark();
    ipBatch([0, 1, 2].map((vf) => `link set ${sim.pf} vf ${vf} vlan ${vf + 20}`));
    await eventually(() => expect(sumOf('repaired', from)).toBe(3));
    await allAsWanted();
    expect(sumOf('messages', from)).toBeLessThanOrEqual(3);
  });
});

describe("what is not the agent's", () => {
  test('a VF without a port is read with the others, and never written', async () => {
    const { messages, drifts } = await rig.counters();
    const from = rig.mark();
    drift(BOUND + 1, 'vlan 9');
    await rig.told.until('reconciled', ({ trigger, pf }) => trigger === 'link' && pf === device, from);
    const [now] = await place.read(device);
    expect(now?.[BOUND + 1]?.vlan).toMatchObject({ id: 9 });
    expect(await rig.counters()).toMatchObject({ messages, drifts, healthyWrites: 0 });
    drift(BOUND + 1, 'vlan 0');
    await eventually(async () => {
      expect(await place.read(device)).toEqual([wanted[0]]);
    });
  });

  test('a PF that no mapping names is neither read nor written, and is once one does', async () => {
    const { settings } = rig.agent;
    const mappings = new Map([['physnet1', [sim.pf]]]);
    await rig.agent.reload({ ...settings, policy: { mappings } });
    const from = rig.mark();
    const heard: string[] = [];
    const watch = watchLinks();
    const reading = (async (): Promise<void> => {
      for await (const event of watch) if (event.type !== 'synced') heard.push(event.name);
    })();
    ip(`link set ${other.pf} vf 0 vlan 7`);
    drift(0, 'vlan 7');
    await rig.told.until('repaired', ({ pf }) => pf === device, from);
    await rig.agent.reconcile();
    watch.close();
    await reading;
    // The one that the test made itself.
    expect(heard.filter((name) => name === other.pf)).toEqual([other.pf]);
    expect(rig.told.of('reconciled', from).filter(({ pf }) => pf !== device)).toEqual([]);
    await rig.agent.reload(settings);
    await rig.told.until('repaired', ({ pf, trigger }) => pf === otherDevice && trigger === 'reload', from);
    await allAsWanted();
  });
});

test('the MAC that a trusted VF was given by its guest is left, told once, and all else is repaired', async () => {
  const { messages } = await rig.counters();
  const from = rig.mark();
  const stateOf = async (): Promise<unknown> =>
    (await rig.agent.status()).ports.find(({ id }) => id === `p${TRUSTED}`)?.state;
  drift(TRUSTED, 'mac 02:cc:cc:cc:cc:cc');
  expect(await rig.told.until('guest-mac', undefined, from)).toMatchObject({
    port: `p${TRUSTED}`,
    found: '02:cc:cc:cc:cc:cc',
  });
  expect(await stateOf()).toBe('guest-mac');
  expect((await rig.counters()).messages).toBe(messages);
  drift(TRUSTED, 'vlan 7');
  const repaired = await rig.told.until('repaired', undefined, from);
  expect(repaired).toMatchObject({ vf: TRUSTED, attributes: ['vlan'] });
  const [now] = await place.read(device);
  expect(now?.[TRUSTED]).toEqual({ ...wanted[0]?.[TRUSTED], mac: '02:cc:cc:cc:cc:cc' });
  expect(rig.told.of('guest-mac', from)).toHaveLength(1);
  drift(TRUSTED, `mac ${wanted[0]?.[TRUSTED]?.mac}`);
  await eventually(async () => expect(await stateOf()).toBe('ok'));
  await allAsWanted();
});

test('while the PF is down the kernel announces nothing; what was done meanwhile is undone when it comes up', async () => {
  const from = rig.mark();
  ip(`link set ${sim.pf} down`);
  await rig.told.until('pf', ({ state }) => state === 'down', from);
  await rig.told.until('reconciled', ({ pf }) => pf === device, from);
  drift(1, 'vlan 7 mac 02:bb:bb:bb:bb:bb');
  // Something that comes after it is told of.
  ip(`link set ${other.pf} vf 0 vlan 7`);
  await rig.told.until('repaired', ({ pf }) => pf === otherDevice, from);
  expect((await place.read(device))[0]?.[1]?.vlan).toMatchObject({ id: 7 });
  ip(`link set ${sim.pf} up`);
  const repaired = await rig.told.until('repaired', ({ pf }) => pf === device, from);
  expect(repaired).toMatchObject({ vf: 1, attributes: ['mac', 'vlan'], trigger: 'link' });
  await rig.told.until('pf', ({ state }) => state === 'up', from);
  await allAsWanted();
});

test('when all VFs lose everything at once, as by a reset of the PF, each is written once', async () => {
  const from = rig.mark();
  const nothing = 'mac 00:00:00:00:00:00 vlan 0 spoofchk off trust off state auto max_tx_rate 0';
  const free = wanted[0]?.slice(BOUND) ?? [];
  ipBatch(Array.from({ length: VFS }, (_, vf) => `link set ${sim.pf} vf ${vf} ${nothing}`));
  await eventually(() => expect(sumOf('repaired', from)).toBe(BOUND));
  await allAsWanted();
  expect(free).toHaveLength(VFS - BOUND);
  expect(sumOf('messages', from)).toBeLessThanOrEqual(BOUND);
  expect(
    rig.told
      .of('repaired', from)
      .map(({ vf }) => vf)
      .sort(),
  ).toEqual([0, 1, 2, 3]);
});

test("the host's clock steps by a day, there and back: polls keep their distance and events go on", async () => {
  const { settings } = rig.agent;
  const pollMs = 1000;
  await rig.agent.reload({ ...settings, reconcile: { ...settings.reconcile, pollMs } });
  const polls: number[] = [];
  const onReconciled = ({ trigger, pf }: { trigger: string; pf: string }): void => {
    if (trigger === 'poll' && pf === device) polls.push(performance.now());
  };
  rig.agent.on('reconciled', onReconciled);
  const pollsAfter = (count: number): Promise<void> =>
    eventually(() => expect(polls.length).toBeGreaterThanOrEqual(count));
  const clock = Date.now() - performance.now();
  const setClock = (offsetMs: number): void => {
    const seconds = (clock + performance.now() + offsetMs) / 1000;
    execFileSync('date', ['-s', `@${seconds.toFixed(3)}`]);
  };
  try {
    await pollsAfter(1);
    for (const offsetMs of [86_400_000, -86_400_000]) {
      const from = rig.mark();
      setClock(offsetMs);
      drift(0, 'vlan 7');
      const { lagMs } = await rig.told.until('repaired', ({ vf }) => vf === 0, from);
      expect(lagMs === null || (lagMs >= 0 && lagMs < 3_600_000)).toBe(true);
      await pollsAfter(polls.length + 2);
    }
  } finally {
    setClock(0);
  }
  await pollsAfter(polls.length + 1);
  rig.agent.off('reconciled', onReconciled);
  await rig.agent.reload(settings);
  // Timers never come early; a tenth is the poll's own jitter.
  const gaps = polls.slice(1).map((time, index) => time - (polls[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(pollMs * 0.85);
  await allAsWanted();
});

test('in all of this nothing was written that was as wanted, and nothing is in trouble', async () => {
  const status = await rig.agent.status();
  expect(status.counters.healthyWrites).toBe(0);
  expect(status.reasons).toEqual([]);
  expect(rig.told.of('trouble')).toEqual([]);
  expect(rig.told.of('repair-failed')).toEqual([]);
});
