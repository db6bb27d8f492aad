/**
 * The agent as a process, with the capability, the file system and the manager that its systemd unit gives it.
 *
 * One agent after the other, in order: starting Node takes seconds in an emulated machine.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lockStore } from '../../src/cli/agent-run/lock.ts';
import { createLinuxHost } from '../../src/port/linux-host.ts';
import { openPorts } from '../../src/port/open.ts';
import { openLmdbStore } from '../../src/store/lmdb-store.ts';
import type { VfState } from '../../src/vf/config.ts';
import { AgentPlace, type Running } from './agent-run.ts';
import { createNetdevsim, type Netdevsim } from './netdevsim.mjs';

const MACS = ['02:00:00:00:0a:01', '02:00:00:00:0a:02'];
const PORT = {
  admin_state_up: true,
  port_security_enabled: true,
  propagate_uplink_status: true,
  numa_affinity_policy: null,
  device_owner: 'compute:nova',
  device_id: 'instance-1',
  qos_rules: [],
} as const;
const NETWORK = {
  network_type: 'vlan',
  physical_network: null,
  segmentation_id: 100,
  qinq: false,
  vlan_qos: 0,
} as const;
const WATCHDOG_MS = 2000;
const host = createLinuxHost({ name: 'h1' });

let place: AgentPlace;
let sim: Netdevsim;
let device: string;
let bound: readonly VfState[];
let agent: Running;

const vfs = (): Promise<readonly VfState[]> => host.read(device);
const config = (more = ''): void => place.configure(`host: h1\nreconcile: { poll_s: 0 }\n${more}`);

beforeAll(async () => {
  sim = createNetdevsim({ vfs: 8 });
  device = `netdevsim${sim.id}`;
  // Changes of VFs are announced while the PF is up.
  execFileSync('ip', ['link', 'set', sim.pf, 'up']);
  place = new AgentPlace();
  const store = await openLmdbStore(place.store);
  const { ports } = await openPorts({ store, host }).bind(
    MACS.map((mac_address, vf) => {
      return {
        port: { ...PORT, id: `p${vf}`, mac_address },
        network: NETWORK,
        vnic_type: 'direct',
        profile: {},
        place: `${device}/${vf}`,
      };
    }),
  );
  if (ports.some(({ refusals }) => refusals.length > 0)) throw new Error(JSON.stringify(ports));
  await store.close();
  bound = await vfs();
  config();
  await place.listen();
  agent = place.start(WATCHDOG_MS);
});

afterAll(() => {
  place.close();
  sim.remove();
});

test('READY=1 comes after the first look, then the health in words, and beats', async () => {
  await place.note('READY=1');
  expect(await place.note('STATUS=healthy')).toMatch(/^STATUS=healthy: 2 ports on 1 PFs$/);
  const at = place.notes.all.length;
  await place.note('WATCHDOG=1');
  await place.note('WATCHDOG=1', at);
  expect(await place.status()).toMatchObject({ ready: true, healthy: true, counters: { messages: 0 } });
});

test('drift is repaired with CAP_NET_ADMIN alone and nothing to write to but the store', async () => {
  execFileSync('ip', ['link', 'set', sim.pf, 'vf', '1', 'vlan', '7']);
  const line = await agent.log.find((text) => text.includes('"event":"repaired"'), 'the repair');
  expect(JSON.parse(line)).toMatchObject({ port: 'p1', attributes: ['vlan'] });
  expect(await vfs()).toEqual(bound);
  const caps = execFileSync('grep', ['-E', 'Cap(Bnd|Eff|Prm)', `/proc/${agent.child.pid}/status`], {
    encoding: 'utf8',
  });
  // 1 << 12 = CAP_NET_ADMIN (include/uapi/linux/capability.h)
  expect(caps.match(/[0-9a-f]{16}/g)).toEqual(Array<string>(3).fill('0000000000001000'));
});

test('a second agent on the store is refused with the process id of the first', async () => {
  // What `sriov agent` calls before it does anything; a second process would take as long as the first to start.
  await expect(lockStore(place.store)).rejects.toThrow(
    `an agent runs on store ${place.store} already (process ${agent.child.pid})`,
  );
});

test('SIGHUP: other settings are in use between RELOADING=1 and READY=1, and no VF is written', async () => {
  const before = (await place.status()).counters;
  const at = place.notes.all.length;
  config('log: { level: debug }\n');
  agent.child.kill('SIGHUP');
  expect(await place.note('RELOADING=1', at)).toMatch(/^RELOADING=1\nMONOTONIC_USEC=\d+$/);
  await place.note('READY=1', at);
  await agent.log.find((text) => text.includes('"event":"reloaded"'), 'the reload');
  const { messages, healthyWrites } = (await place.status()).counters;
  expect({ messages, healthyWrites }).toEqual({ messages: before.messages, healthyWrites: 0 });
  expect(await vfs()).toEqual(bound);
});

test('SIGHUP with a broken file: an error with its place in the log, and the agent goes on', async () => {
  const at = place.notes.all.length;
  config('reconsile: {}\n');
  agent.child.kill('SIGHUP');
  const line = await agent.log.find((text) => text.includes('reload-failed'), 'the refusal');
  expect(JSON.parse(line)).toMatchObject({ level: 'error', event: 'reload-failed' });
  expect(line).toContain(`${place.config}:5:1`);
  await place.note('READY=1', at);
  expect(await place.status()).toMatchObject({ ready: true, healthy: true });
});

test('after SIGKILL the next one takes the store, and repairs what went wrong between the two', async () => {
  agent.child.kill('SIGKILL');
  expect(await agent.ended).toBe('SIGKILL');
  execFileSync('ip', ['link', 'set', sim.pf, 'vf', '0', 'mac', '02:00:00:00:0a:ff']);
  config();
  const at = place.notes.all.length;
  agent = place.start(WATCHDOG_MS);
  await place.note('READY=1', at);
  expect(await vfs()).toEqual(bound);
  expect((await place.status()).counters).toMatchObject({ repairs: 1, healthyWrites: 0 });
});

test('SIGTERM: STOPPING=1, exit status 0, VFs as they were, and nothing left behind', async () => {
  agent.child.kill('SIGTERM');
  expect(await agent.ended).toBe(0);
  await place.note('STOPPING=1');
  expect(await vfs()).toEqual(bound);
  expect(readdirSync(place.run)).toEqual(['notify']);
  expect(readdirSync(place.store).filter((name) => name.startsWith('agent-'))).toEqual([]);
});
