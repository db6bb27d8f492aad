/**
 * Agents in processes of their own, which are killed in the midst of repairs, or stopped until the kernel drops their
 * notifications.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { openWork } from '../../src/port/recover-work.ts';
import { checkStore } from '../../src/store/check.ts';
import type { VfState } from '../../src/vf/config.ts';
import { AgentProcess, endProcesses } from './agent-processes.ts';
import { eventually, ipBatch, ip, Place, requestOf } from './agent-rig.ts';
import { createNetdevsim, type Netdevsim } from './netdevsim.mjs';

const VFS = 16;
const KILLS = 3;
const STORM = 10_000;
/** Each agent takes seconds to start in an emulated machine. */
const MINUTES = 8 * 60_000;

const place = new Place();
let sims: Netdevsim[];
let devices: string[];
let wanted: (readonly VfState[])[];

beforeAll(async () => {
  sims = [createNetdevsim({ vfs: VFS }), createNetdevsim({ vfs: VFS })];
  devices = sims.map(({ id }) => `netdevsim${id}`);
  for (const { pf } of sims) ip(`link set ${pf} up`);
  await place.open();
  const requests = devices.flatMap((device, pf) =>
    Array.from({ length: VFS }, (_, vf) => requestOf(pf * VFS + vf, `${device}/${vf}`)),
  );
  await place.bind(requests);
  wanted = await place.read(...devices);
});
afterEach(endProcesses);
afterAll(async () => {
  await place.close();
  for (const sim of sims) sim.remove();
});

const workLeftOpen = (): ReturnType<typeof openWork> =>
  openWork({ store: place.store, host: place.host, policy: {}, trustedMac: 'guest' });

/** Another VLAN for all VFs of all PFs, by one `ip`. */
function driftAll(round: number): void {
  ipBatch(
    sims.flatMap(({ pf }) =>
      Array.from({ length: VFS }, (_, vf) => `link set ${pf} vf ${vf} vlan ${200 + round} trust on`),
    ),
  );
}

test(
  `killed ${KILLS} times in the midst of repairs, the next agent makes all as wanted and leaves nothing open`,
  { timeout: MINUTES },
  async () => {
    const open: number[] = [];
    for (let round = 0; round < KILLS; round++) {
      const agent = new AgentProcess(place.directory);
      await agent.told.until('ready');
      const from = agent.told.all.length;
      driftAll(round);
      // Told before it is repaired; the later rounds come further.
      await agent.told.until('drift', undefined, from);
      await sleep(round * 30);
      await agent.kill();
      open.push((await workLeftOpen()).length);
    }
    console.log(`killed in the midst of repairs: pieces of work left open by each: ${open.join(', ')}`);
    const last = new AgentProcess(place.directory);
    await last.told.until('ready');
    await eventually(async () => expect(await place.read(...devices)).toEqual(wanted));
    expect(await workLeftOpen()).toEqual([]);
    expect(await checkStore(place.store)).toEqual([]);
    expect(await last.status()).toMatchObject({ healthy: true, counters: { healthyWrites: 0 } });
    expect(await last.end()).toBe(0);
  },
);

test('notifications that the kernel dropped: the agent looks at everything, and repairs what it did not hear of', async () => {
  const agent = new AgentProcess(place.directory);
  await agent.told.until('ready');
  const from = agent.told.all.length;
  const [first, second] = sims;
  // It sleeps, threads and all, while its socket overflows.
  agent.child.kill('SIGSTOP');
  ip('link add agentstorm type dummy');
  ipBatch(Array.from({ length: STORM }, (_, index) => `link set agentstorm mtu ${1000 + (index % 500)}`));
  ip(`link set ${first?.pf} vf 3 vlan 7`);
  ip(`link set ${second?.pf} vf 5 vlan 7`);
  ip('link del agentstorm');
  agent.child.kill('SIGCONT');
  await agent.told.until('overrun', ({ source }) => source === 'links', from);
  // What is heard of them beside it melts into the same looks.
  for (const vf of [3, 5]) await agent.told.until('repaired', (event) => event.vf === vf, from);
  expect(await place.read(...devices)).toEqual(wanted);
  const { counters, healthy } = await agent.status();
  expect(healthy).toBe(true);
  expect(counters).toMatchObject({ overruns: 1, repairs: 2, healthyWrites: 0 });
  expect(await agent.end()).toBe(0);
});
