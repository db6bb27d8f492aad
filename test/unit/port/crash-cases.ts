/** What a process may be at when it dies. */
import { openPorts } from '../../../src/port/open.ts';
import type { Ports } from '../../../src/port/ports.ts';
import type { PortRequest } from '../../../src/binding/port.ts';
import type { Store } from '../../../src/store/store.ts';
import { MemoryHost } from './memory-host.ts';
import { request } from './world.ts';

/** Two hosts on one store; the work is done on `a` unless it says otherwise. */
export interface Hosts {
  readonly a: MemoryHost;
  readonly b: MemoryHost;
}

export type On = (host: keyof Hosts) => Ports;

export interface CrashCase {
  readonly name: string;
  readonly prepare: (on: On, hosts: Hosts, store: Store) => Promise<unknown>;
  readonly work: (on: On) => Promise<unknown>;
  /** A port that is refused before anything is done: that is on disk at once, and stays. */
  readonly refused?: string;
}

export function makeHosts(): Hosts {
  const a = new MemoryHost('a', { pf0: 3, pf1: 3 });
  const b = new MemoryHost('b', { pf0: 3, pf1: 3 });
  // Not as new: what is put back has to be what was there.
  a.drift('pf0', { vf: 0, mac: '02:aa:00:00:00:01', vlan: { id: 7, qos: 3 }, rate: { min: 10, max: 20 } });
  a.drift('pf1', { vf: 1, linkState: 'disable', trust: true });
  b.drift('pf0', { vf: 0, spoofCheck: false, mac: '02:aa:00:00:00:02' });
  return { a, b };
}

export function portsOn(store: Store, hosts: Hosts): On {
  return (name) => openPorts({ store, host: hosts[name] });
}

const trusted = { trusted: true } as const;
const macvtap = { vnic_type: 'macvtap' } as const;
const slow = [{ type: 'bandwidth_limit', max_kbps: 5000, direction: 'egress' }] as const;
const calm = { port_security_enabled: false, qos_rules: slow };

const four: readonly PortRequest[] = [
  request('p1', { place: 'pf0/0', profile: trusted, port: { qos_rules: slow } }),
  request('p2', { place: 'pf0/1' }),
  request('p3', { place: 'pf1/0', network: { qinq: true } }),
  request('p4', { place: 'pf1/1', port: { admin_state_up: false } }),
];
const devices: readonly PortRequest[] = [
  request('m1', { place: 'pf0/0', ...macvtap }),
  request('m2', { place: 'pf1/1', ...macvtap }),
  request('d1', { place: 'pf1/2' }),
];

export const CASES: readonly CrashCase[] = [
  { name: 'bind over two PFs', prepare: async () => {}, work: (on) => on('a').bind(four) },
  { name: 'bind macvtap and direct', prepare: async () => {}, work: (on) => on('a').bind(devices) },
  {
    name: 'bind direct-physical and direct',
    prepare: async () => {},
    work: (on) =>
      on('a').bind([
        request('x1', { place: 'pf0', vnic_type: 'direct-physical' }),
        request('d1', { place: 'pf1/0' }),
      ]),
  },
  {
    name: 'release over two PFs',
    prepare: (on) => on('a').bind(four),
    work: (on) => on('a').release(['p1', 'p2', 'p3', 'p4']),
  },
  {
    name: 'release macvtap and direct',
    prepare: (on) => on('a').bind(devices),
    work: (on) => on('a').release(['m1', 'm2', 'd1']),
  },
  {
    name: 'release direct-physical',
    prepare: (on) => on('a').bind([request('x1', { place: 'pf0', vnic_type: 'direct-physical' })]),
    work: (on) => on('a').release(['x1']),
  },
  {
    name: 'collect what nobody owns',
    prepare: (on) => on('a').bind(four),
    work: (on) => on('a').collect(({ port }) => port.id !== 'p1' && port.id !== 'p4'),
  },
  {
    name: 'bind anew with other settings',
    prepare: (on) => on('a').bind(four.slice(0, 3)),
    work: (on) =>
      on('a').bind([
        request('p1', { place: 'pf0/0', profile: trusted, port: calm }),
        request('p2', { place: 'pf0/1', profile: trusted }),
        request('p3', { place: 'pf1/0', port: calm, network: { qinq: true } }),
      ]),
  },
  {
    name: 'bind anew on another network, and a new one',
    prepare: (on) => on('a').bind(four.slice(0, 2)),
    work: (on) =>
      on('a').bind([
        request('p1', { network: { segmentation_id: 200 } }),
        request('p5', { profile: trusted }),
      ]),
  },
  {
    name: 'move to another PF',
    prepare: (on) => on('a').bind(four.slice(0, 2)),
    work: (on) =>
      on('a').bind([
        request('p1', { place: 'pf1/1', profile: trusted, port: { qos_rules: slow } }),
        request('p2', { place: 'pf0/2' }),
      ]),
  },
  {
    name: 'move macvtap',
    prepare: (on) => on('a').bind(devices.slice(0, 1)),
    work: (on) => on('a').bind([request('m1', { place: 'pf1/1', ...macvtap })]),
  },
  {
    name: 'bind one that is refused and one that is not',
    prepare: async (_, { a }) => a.refusals.set('pf1/1 vlan', 'EOPNOTSUPP'),
    work: (on) => on('a').bind(four),
  },
  {
    name: 'bind one that no function is for',
    prepare: async () => {},
    work: (on) => on('a').bind([request('p1', { place: 'pf9/0' }), ...four.slice(1)]),
    refused: 'p1',
  },
  {
    name: 'release one that failed, one whose VF was made anew, and others',
    prepare: async (on, { a }) => {
      await on('a').bind([...four, request('p9', { place: 'pf9/0' })]);
      a.recreate('pf1', 3);
    },
    work: (on) => on('a').release(['p9', 'p1', 'p2', 'p3', 'p4']),
  },
  {
    name: 'move one to where it is refused, its VF made anew since, and bind another',
    prepare: async (on, { a }) => {
      await on('a').bind(four.slice(2, 3));
      a.recreate('pf1', 3);
      await on('a').recover();
      a.recreate('pf1', 2);
    },
    work: (on) =>
      on('a').bind([request('p3', { place: 'pf9/0', network: { qinq: true } }), ...four.slice(0, 2)]),
  },
  {
    name: 'move what is reserved, of a port in error elsewhere',
    prepare: async (on, _, store) => {
      await on('a').bind(four.slice(0, 1));
      await on('b').bind([request('p1', { place: 'pf0/0', profile: trusted, port: { qos_rules: slow } })]);
      const entry = await store.get('port/p1');
      await store.commit({
        changes: [{ key: 'port/p1', value: { ...(entry?.value as object), status: 'ERROR' } }],
      });
    },
    work: (on) =>
      on('b').bind([
        request('p1', { place: 'pf1/0', profile: trusted, port: { qos_rules: slow } }),
        request('p2', { place: 'pf1/1' }),
      ]),
  },
  {
    name: 'reserve on a second host',
    prepare: (on) => on('a').bind(four),
    work: (on) => on('b').bind([request('p1', { place: 'pf0/0', profile: trusted })]),
  },
  {
    name: 'activate on a second host',
    prepare: async (on) => {
      await on('a').bind([request('p1', { place: 'pf0/0', profile: trusted, port: { qos_rules: slow } })]);
      await on('b').bind([request('p1', { place: 'pf0/0', profile: trusted, port: { qos_rules: slow } })]);
    },
    work: (on) => on('b').activate('p1'),
  },
  {
    name: 'activate macvtap on a second host',
    prepare: async (on) => {
      await on('a').bind([request('m1', { place: 'pf0/0', ...macvtap })]);
      await on('b').bind([request('m1', { place: 'pf1/0', ...macvtap })]);
    },
    work: (on) => on('b').activate('m1'),
  },
];
