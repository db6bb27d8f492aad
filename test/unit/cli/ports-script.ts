/**
 * Ports that answer as they are told, for the texts and exit statuses of commands.
 *
 * Owns nothing of how ports behave: that is proven with the engine, in test/kernel/.
 */
import type { OpenPorts, SessionOptions } from '../../../src/cli/port/session.ts';
import type { Place } from '../../../src/binding/place.ts';
import type { BindingRecord, PortRecord } from '../../../src/binding/record.ts';
import type { VfNetDevice } from '../../../src/port/host.ts';
import type { Ports } from '../../../src/port/ports.ts';
import type { VfState } from '../../../src/vf/config.ts';
import { type Ran, runWith } from './io.ts';

export const HOST = 'host1';

export function binding(place: Place | null, more: Partial<BindingRecord> = {}): BindingRecord {
  return {
    host: HOST,
    vnic_type: 'direct',
    profile: {},
    vif_type: place === null ? 'binding_failed' : 'hw_veb',
    vif_details: place === null ? {} : { port_filter: false, connectivity: 'l2', vlan: '100' },
    status: 'ACTIVE',
    place,
    added_keys: [],
    failures: [],
    ...more,
  };
}

export function record(
  id: string,
  bindings: readonly BindingRecord[],
  more: Partial<PortRecord['port']> = {},
): PortRecord {
  return {
    port: {
      id,
      mac_address: '02:00:00:00:00:01',
      admin_state_up: true,
      port_security_enabled: true,
      propagate_uplink_status: true,
      numa_affinity_policy: null,
      device_owner: '',
      device_id: '',
      qos_rules: [],
      ...more,
    },
    network: { network_type: 'vlan', physical_network: null, segmentation_id: 100, qinq: false, vlan_qos: 0 },
    status: 'ACTIVE',
    bindings,
  };
}

/** What was asked of the ports, in order. */
export interface Asked {
  readonly method: string;
  readonly given: unknown;
}

export interface Scripted extends Ran {
  readonly asked: readonly Asked[];
  /** What each session was opened with. */
  readonly opened: readonly SessionOptions[];
  readonly closed: number;
}

function unexpected(method: string): never {
  throw new Error(`${method} is not in the script`);
}

/** Runs a command on ports that give `answers`; what is not among these must not be asked. */
export async function runScripted(
  answers: Partial<Ports>,
  argv: readonly string[],
  {
    input = '',
    vfs = [],
    netDevice = null,
  }: {
    readonly input?: string;
    readonly vfs?: readonly VfState[];
    readonly netDevice?: VfNetDevice | null;
  } = {},
): Promise<Scripted> {
  const asked: Asked[] = [];
  const opened: SessionOptions[] = [];
  let closed = 0;
  const note = <G, R>(method: string, answer: ((given: G) => R) | undefined) => {
    return (given: G): R => {
      asked.push({ method, given });
      return (answer ?? unexpected(method))(given);
    };
  };
  const ports: Ports = {
    bind: note('bind', answers.bind),
    plan: note('plan', answers.plan),
    release: note('release', answers.release),
    activate: note('activate', answers.activate),
    get: note('get', answers.get),
    list: answers.list ?? (() => unexpected('list')),
    recover: answers.recover ?? (() => unexpected('recover')),
    collect: note('collect', answers.collect),
  };
  const openPorts: OpenPorts = async (options) => {
    opened.push(options);
    return {
      ports,
      host: HOST,
      vfHost: { read: async () => vfs, netDevice: async () => netDevice },
      close: async () => {
        closed++;
      },
    };
  };
  const ran = await runWith({ openPorts, readInput: async () => input }, ...argv);
  return { ...ran, asked, opened, closed };
}
