/** Ports and VIFs as the tests of VIFs need them. */
import type { Network, Port, PortBinding } from '../../../../src/binding/port.ts';
import { buildVif } from '../../../../src/binding/vif/build.ts';
import type { Vif } from '../../../../src/binding/vif/vif.ts';

export const PORT: Port = {
  id: '4a1b0c2d-1111-2222-3333-444455556666',
  mac_address: 'fa:16:3e:00:00:07',
  admin_state_up: true,
  port_security_enabled: true,
  propagate_uplink_status: true,
  numa_affinity_policy: null,
  device_owner: 'compute:nova',
  device_id: 'guest',
  qos_rules: [],
};

export const NETWORK: Network = {
  network_type: 'vlan',
  physical_network: 'physnet1',
  segmentation_id: 100,
  qinq: false,
  vlan_qos: 0,
};

export const BINDING: PortBinding = {
  host: 'compute1',
  vnic_type: 'direct',
  profile: { pci_slot: '0000:3b:10.2', physical_network: 'physnet1' },
  vif_type: 'hw_veb',
  vif_details: { port_filter: false, connectivity: 'l2', vlan: '100' },
  status: 'ACTIVE',
};

export function vif(binding: Partial<PortBinding> = {}, network: Partial<Network> = {}): Vif {
  return buildVif({
    port: PORT,
    network: { ...NETWORK, ...network },
    binding: { ...BINDING, ...binding },
  });
}
