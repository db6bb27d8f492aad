/**
 * Makes a VIF of a port, its network and one binding. Pure.
 *
 * Owns the translation (Nova, network/neutron.py `_build_network_info_model`); knows nothing of libvirt.
 */
import type { Network, Port, PortBinding, PortStatus } from '../port.ts';
import type { Vif } from './vif.ts';

export interface VifSource {
  readonly port: Port;
  readonly network: Network;
  /** Of the host that plugs it. */
  readonly binding: PortBinding;
  /** Of the port. Absent = not told, and then the VIF is active only if the port is switched off. */
  readonly status?: PortStatus;
  /** Default false: the port is deleted with the instance. */
  readonly preserve_on_delete?: boolean;
  /** What the API tells of the network beyond its segment. */
  readonly network_info?: { readonly id?: string; readonly name?: string; readonly mtu?: number };
}

/** Nova's limit (network/model.py NIC_NAME_LEN), one less than the kernel's. */
const DEVNAME_LENGTH = 14;

/**
 * Never throws; whether the VIF can be plugged is for those to say who plug it.
 *
 * The result shares no object with the source that a caller could change by way of it, apart from nested values
 * of unknown keys.
 */
export function buildVif(source: VifSource): Vif {
  const { port, network, binding, status, network_info: info = {} } = source;
  const { vif_type: type, vnic_type, profile } = binding;
  return {
    id: port.id,
    // A direct-physical port has the PF's MAC, which the port itself may not know yet.
    address: port.mac_address ?? profile.device_mac_address ?? null,
    network: {
      id: info.id ?? null,
      bridge: null,
      label: info.name ?? null,
      meta: {
        ...(info.mtu !== undefined && { mtu: info.mtu }),
        physical_network: network.physical_network,
        qinq: network.qinq,
        vlan_qos: network.vlan_qos,
      },
    },
    type,
    details: { ...binding.vif_details },
    devname: `tap${port.id}`.slice(0, DEVNAME_LENGTH),
    vnic_type,
    active: status === 'ACTIVE' || !port.admin_state_up,
    preserve_on_delete: source.preserve_on_delete ?? false,
    profile: { ...profile },
    ovs_interfaceid: type === 'ovs' ? port.id : null,
  };
}
