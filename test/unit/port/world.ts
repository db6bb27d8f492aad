/** Ports, hosts and a store for the tests of this folder. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PortRequest } from '../../../src/binding/port.ts';
import { CLAIM_PREFIX, PORT_PREFIX } from '../../../src/binding/record.ts';
import { openPorts } from '../../../src/port/open.ts';
import type { Ports } from '../../../src/port/ports.ts';
import { openLmdbStore } from '../../../src/store/lmdb-store.ts';
import type { Json, Store } from '../../../src/store/store.ts';
import { MemoryHost } from './memory-host.ts';

export interface World {
  readonly store: Store;
  readonly host: MemoryHost;
  readonly ports: Ports;
  readonly end: () => Promise<void>;
}

/** A host `a` with its ports; two PFs of `vfs` VFs unless told. */
export async function makeWorld(pfs: Readonly<Record<string, number>> = { pf0: 4, pf1: 4 }): Promise<World> {
  const directory = mkdtempSync(path.join(tmpdir(), 'sriov-ports-'));
  const store = await openLmdbStore(directory);
  const host = new MemoryHost('a', pfs);
  const end = async (): Promise<void> => {
    await store.close();
    rmSync(directory, { recursive: true });
  };
  return { store, host, ports: openPorts({ store, host }), end };
}

export type RequestChanges = Partial<Omit<PortRequest, 'port' | 'network'>> & {
  readonly port?: Partial<PortRequest['port']>;
  readonly network?: Partial<PortRequest['network']>;
};

/** A `direct` port on VLAN 100 with a MAC of its own. */
export function request(id: string, changes: RequestChanges = {}): PortRequest {
  const { port, network, ...rest } = changes;
  return {
    port: {
      id,
      mac_address: macOf(id),
      admin_state_up: true,
      port_security_enabled: true,
      propagate_uplink_status: true,
      numa_affinity_policy: null,
      device_owner: 'compute:nova',
      device_id: `instance-${id}`,
      qos_rules: [],
      ...port,
    },
    network: {
      network_type: 'vlan',
      physical_network: null,
      segmentation_id: 100,
      qinq: false,
      vlan_qos: 0,
      ...network,
    },
    vnic_type: 'direct',
    profile: {},
    ...rest,
  };
}

/** Differs for each id of up to four characters. */
export function macOf(id: string): string {
  const bytes = Buffer.alloc(5);
  Buffer.from(id).copy(bytes, 0, 0, 5);
  return `02:${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
}

/** What the store says of ports and claims, without revisions. */
export async function records(store: Store): Promise<Record<string, Json>> {
  const ranges = [await store.range(PORT_PREFIX), await store.range(CLAIM_PREFIX)];
  return Object.fromEntries(
    ranges.flatMap(({ entries }) => entries.map(({ key, value }) => [key, value] as const)),
  );
}
