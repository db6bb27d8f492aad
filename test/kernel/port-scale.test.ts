/**
 * A thousand ports over 8 PFs of 128 VFs, on netdevsim: what the kernel is asked, how time grows with the number of
 * ports, and that nothing is left of them.
 *
 * The VFs are found set up in every attribute, each differently, so that putting back is more than clearing.
 * Times are printed and compared with each other only.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PortRequest } from '../../src/binding/port.ts';
import { PhysicalFunction } from '../../src/index.ts';
import { createLinuxHost } from '../../src/port/linux-host.ts';
import { openPorts } from '../../src/port/open.ts';
import type { Ports } from '../../src/port/ports.ts';
import { openLmdbStore } from '../../src/store/lmdb-store.ts';
import type { Store } from '../../src/store/store.ts';
import type { ProgramReport, VfFailure } from '../../src/vf/report.ts';
import { createNetdevsim, type Netdevsim } from './netdevsim.mjs';
import { each, full, UNCUT } from './pf.ts';

const CHILD = fileURLToPath(new URL('port-child.mjs', import.meta.url));
const PFS = 8;
const VFS = 128;
const COUNT = 1000;
const ROUNDS = 3;
/** The emulated processor takes some ms for each port. */
const MINUTES = 10 * 60_000;
const SIZES = [250, 500, COUNT] as const;

const folder = mkdtempSync(path.join(tmpdir(), 'port-scale-'));
const sims: Netdevsim[] = [];
const pfs: PhysicalFunction[] = [];
const programmed: { readonly pf: string; readonly report: ProgramReport }[] = [];
const setUpFailures: VfFailure[] = [];
let store: Store;
let ports: Ports;

beforeAll(async () => {
  for (let index = 0; index < PFS; index++) {
    const sim = createNetdevsim({ vfs: VFS });
    sims.push(sim);
    const pf = PhysicalFunction.open(sim.pf);
    pfs.push(pf);
    setUpFailures.push(...pf.programVfsSync(each(VFS, full), UNCUT).failures);
  }
  store = await openLmdbStore(path.join(folder, 'store'));
  const host = createLinuxHost({ name: 'scale' });
  const program = host.program.bind(host);
  host.program = async (pf, configs) => {
    const report = await program(pf, configs);
    programmed.push({ pf, report });
    return report;
  };
  ports = openPorts({ store, host });
});
afterAll(async () => {
  await store.close();
  for (const sim of sims) sim.remove();
  rmSync(folder, { recursive: true });
});

/** Every setting that a port can ask of a VF. */
function requests(count: number): PortRequest[] {
  return Array.from({ length: count }, (_, index): PortRequest => {
    const bytes = [0x06, 0, 0, 1, index >> 8, index & 255];
    return {
      port: {
        id: `port-${String(index).padStart(4, '0')}`,
        mac_address: bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':'),
        admin_state_up: true,
        port_security_enabled: index % 2 === 0,
        propagate_uplink_status: index % 3 !== 0,
        numa_affinity_policy: null,
        device_owner: 'compute:nova',
        device_id: `instance-${index}`,
        qos_rules: [{ type: 'bandwidth_limit', max_kbps: (1 + (index % 100)) * 1000, direction: 'egress' }],
      },
      network: {
        network_type: 'vlan',
        physical_network: null,
        segmentation_id: 1 + (index % 4094),
        qinq: false,
        vlan_qos: index % 8,
      },
      vnic_type: 'direct',
      profile: { trusted: index % 2 === 1 },
    };
  });
}

interface Round {
  /** ms */
  readonly bind: number;
  readonly release: number;
  /** RTM_SETLINK by PF. */
  readonly bindMessages: readonly number[];
  readonly releaseMessages: readonly number[];
}

/** What went out to each PF since the last look. */
function takeMessages(): number[] {
  const sent = sims.map(({ id }) => {
    const mine = programmed.filter(({ pf }) => pf === `netdevsim${id}`);
    return mine.reduce((sum, { report }) => sum + report.messages - report.reads, 0);
  });
  programmed.length = 0;
  return sent;
}

async function round(count: number): Promise<Round> {
  const list = requests(count);
  const bound = await ports.bind(list);
  expect(bound.ports.flatMap(({ refusals }) => refusals)).toEqual([]);
  expect(bound.ports).toHaveLength(count);
  const bindMessages = takeMessages();
  const released = await ports.release(list.map(({ port }) => port.id));
  expect(released).toMatchObject({ unknown: [], notRestored: [] });
  expect(released.released).toHaveLength(count);
  return {
    bind: bound.durationMs,
    release: released.durationMs,
    bindMessages,
    releaseMessages: takeMessages(),
  };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] as number;
const bytesOfAll = (): Promise<Uint8Array[]> =>
  Promise.all(pfs.map(async (pf) => (await pf.readVfs()).bytes.slice()));

test(
  '1,000 ports: one message for each PF to bind, one to release, VF tables equal byte by byte; time grows with the number of ports, not faster',
  async () => {
    expect(setUpFailures).toEqual([]);
    const before = await bytesOfAll();
    const list = requests(COUNT);
    const first = await ports.bind(list);
    expect(first.ports.flatMap(({ refusals }) => refusals)).toEqual([]);
    // What a setting costs on a PF is not known yet: its first message holds 16 (native/rtnl/cost_model.h).
    const probing = takeMessages();
    for (const pf of pfs) {
      const states = (await pf.readVfs()).toConfigs();
      expect(states.filter(({ mac }) => mac?.startsWith('06:00:00:01'))).toHaveLength(COUNT / PFS);
    }
    await ports.release(list.map(({ port }) => port.id));
    takeMessages();
    expect(await bytesOfAll()).toEqual(before);

    const rounds = new Map<number, Round[]>(SIZES.map((size) => [size, []]));
    for (let index = 0; index < ROUNDS; index++) {
      for (const size of SIZES) rounds.get(size)?.push(await round(size));
    }
    expect(await bytesOfAll()).toEqual(before);
    expect((await store.range('claim/')).entries).toEqual([]);
    expect((await store.range('port/')).entries).toEqual([]);

    for (const what of ['bind', 'release'] as const) {
      const sent = (rounds.get(COUNT) ?? []).map((one) => one[`${what}Messages`]);
      const shown = sent.map((counts) => counts.join(' ')).join(' | ');
      console.log(`${what} of ${COUNT} ports, RTM_SETLINK to each of ${PFS} PFs, by round: ${shown}`);
      // A machine that stood still for tens of ms makes a setting look dear and cuts a message; not in most rounds.
      const usual = sims.map((_, pf) => median(sent.map((counts) => counts[pf] as number)));
      expect(usual).toEqual(sims.map(() => 1));
    }
    console.log(`the very first bind of a process, which does not know these PFs: ${probing.join(' ')}`);

    for (const what of ['bind', 'release'] as const) {
      const perPort = (size: number): number =>
        median((rounds.get(size) ?? []).map((one) => one[what])) / size;
      const costs = SIZES.map((size) => `${(perPort(size) * 1000).toFixed(0)} of ${size}`);
      console.log(`${what}, µs for each port: ${costs.join(', ')}`);
      expect(perPort(COUNT)).toBeLessThan(2 * perPort(SIZES[0]));
    }
  },
  MINUTES,
);

test('the messages that the reports count are those that strace sees', () => {
  const log = path.join(folder, 'strace');
  const list = path.join(folder, 'requests.json');
  writeFileSync(list, JSON.stringify(requests(40)));
  const look = ['-f', '--seccomp-bpf', '-s', '1000', '-e', 'trace=sendmsg,sendto,sendmmsg', '-o', log];
  const child = [process.execPath, CHILD, path.join(folder, 'child'), list];
  const said: unknown = JSON.parse(execFileSync('strace', [...look, ...child], { encoding: 'utf8' }));
  const seen = readFileSync(log, 'utf8').match(/nlmsg_type=RTM_SETLINK\b/g) ?? [];
  expect(said).toEqual({ sent: seen.length, bound: 40, released: 40 });
  // Each PF was programmed twice.
  expect(seen.length).toBeGreaterThanOrEqual(2 * PFS);
});
