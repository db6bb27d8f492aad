/** What a process may be at when it is killed: two PFs of netdevsim, two hosts' names on one store. */
import type { PortRequest } from '../../src/binding/port.ts';

export interface CrashWork {
  readonly host: 'a' | 'b';
  readonly call: 'bind' | 'release' | 'activate';
  readonly argument: unknown;
}

export interface CrashCase {
  readonly name: string;
  /** Done before, and not cut off. */
  readonly prepare: readonly CrashWork[];
  readonly work: CrashWork;
}

/** A port on VLAN 100 with a MAC of its own. */
function request(
  number: number,
  place: string,
  port: Partial<PortRequest['port']> = {},
  trusted = false,
): PortRequest {
  return {
    port: {
      id: `p${number}`,
      mac_address: `02:00:00:00:00:0${number}`,
      admin_state_up: true,
      port_security_enabled: true,
      propagate_uplink_status: true,
      numa_affinity_policy: null,
      device_owner: 'compute:nova',
      device_id: `instance-${number}`,
      qos_rules: [],
      ...port,
    },
    network: { network_type: 'vlan', physical_network: null, segmentation_id: 100, qinq: false, vlan_qos: 0 },
    vnic_type: 'direct',
    profile: trusted ? { trusted } : {},
    place,
  };
}

const SLOW = [{ type: 'bandwidth_limit', max_kbps: 5000, direction: 'egress' }] as const;

export function casesOn(pf0: string, pf1: string): readonly CrashCase[] {
  const three = [
    request(1, `${pf0}/0`, { qos_rules: SLOW }, true),
    request(2, `${pf0}/1`, { port_security_enabled: false }),
    request(3, `${pf1}/0`),
  ];
  const other = [
    request(1, `${pf0}/0`, {}, true),
    request(2, `${pf0}/1`, { admin_state_up: false }),
    request(3, `${pf1}/2`),
  ];
  const bound = { host: 'a', call: 'bind', argument: three } as const;
  return [
    { name: 'bind', prepare: [], work: bound },
    { name: 'release', prepare: [bound], work: { host: 'a', call: 'release', argument: ['p1', 'p2', 'p3'] } },
    { name: 'bind with other settings and places', prepare: [bound], work: { ...bound, argument: other } },
    {
      name: 'activate on a second host',
      prepare: [
        { ...bound, argument: three.slice(0, 1) },
        { ...bound, host: 'b', argument: [request(1, `${pf1}/1`, { qos_rules: SLOW }, true)] },
      ],
      work: { host: 'b', call: 'activate', argument: 'p1' },
    },
  ];
}
