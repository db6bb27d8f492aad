/** Hosts and requests for the tests of choosing; plain data. */
import type { InventoryPf, InventoryVf, Inventory } from '../../../../src/binding/inventory.ts';
import type { Network, Port, PortRequest } from '../../../../src/binding/port.ts';

const hex = (value: number): string => value.toString(16).padStart(2, '0');

/** VF `vf` of the igb-like PF on bus `bus`, on the bus after it. */
export function vfAddress(bus: number, vf: number): string {
  return `0000:${hex(bus + 1)}:${hex(vf >> 3)}.${vf & 7}`;
}

export function makeVf(bus: number, vf: number, changes: Partial<InventoryVf> = {}): InventoryVf {
  return {
    vf,
    pciAddress: vfAddress(bus, vf),
    vendorProduct: '8086:10ca',
    driver: 'igbvf',
    netDevices: [`eth${bus}v${vf}`],
    inUse: null,
    ...changes,
  };
}

/** PF on bus `bus` (even numbers) with `count` VFs, or with those given. */
export function makePf(
  bus: number,
  vfs: number | readonly InventoryVf[],
  changes: Partial<InventoryPf> = {},
): InventoryPf {
  return {
    device: `0000:${hex(bus)}:00.0`,
    pciAddress: `0000:${hex(bus)}:00.0`,
    vendorProduct: '8086:10c9',
    driver: 'igb',
    netDevice: `pf${bus}`,
    mac: `02:00:00:00:${hex(bus)}:ff`,
    numaNode: null,
    switchdev: false,
    lacks: [],
    inUse: null,
    vfs: typeof vfs === 'number' ? Array.from({ length: vfs }, (_, vf) => makeVf(bus, vf)) : vfs,
    ...changes,
  };
}

export function makeHost(...pfs: InventoryPf[]): Inventory {
  return { host: 'compute-1', pfs };
}

export const VLAN_100: Network = {
  network_type: 'vlan',
  physical_network: 'physnet1',
  segmentation_id: 100,
  qinq: false,
  vlan_qos: 0,
};

export const FLAT: Network = { ...VLAN_100, network_type: 'flat', segmentation_id: null };

export function makePort(changes: Partial<Port> = {}): Port {
  return {
    id: 'port-1',
    mac_address: '02:00:00:00:00:01',
    admin_state_up: true,
    port_security_enabled: true,
    propagate_uplink_status: true,
    numa_affinity_policy: null,
    device_owner: 'compute:nova',
    device_id: 'guest-1',
    qos_rules: [],
    ...changes,
  };
}

export type RequestChanges = Partial<Omit<PortRequest, 'port' | 'network'>> & {
  readonly port?: Partial<Port>;
  readonly network?: Partial<Network>;
};

export function makeRequest({ port, network, ...rest }: RequestChanges = {}): PortRequest {
  return {
    port: makePort(port),
    network: { ...VLAN_100, ...network },
    vnic_type: 'direct',
    profile: {},
    ...rest,
  };
}
