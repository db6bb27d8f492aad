/**
 * Ports, bindings and networks that are good or bad, for the parser and the published schema alike.
 *
 * Owns the samples; each name says the rule (and the attribute) for which it stands.
 */
export type Samples = Readonly<Record<string, unknown>>;

const port = (more: object): object => ({ id: 'p', ...more });
const profile = (value: unknown): object => port({ 'binding:profile': value });
const details = (type: unknown, value: unknown): object =>
  port({ 'binding:vif_type': type, 'binding:vif_details': value });

export const GOOD_PORTS: Samples = {
  'an id alone': port({}),
  'vnic_type null': port({ 'binding:vnic_type': null }),
  'vnic_type virtio, the word of 2014': port({ 'binding:vnic_type': 'virtio' }),
  'vnic_type remote-managed': port({ 'binding:vnic_type': 'remote-managed' }),
  'host_id empty': port({ 'binding:host_id': '' }),
  'profile null': profile(null),
  'profile with unknown keys': profile({ mine: { deep: [1, null] } }),
  'pci_slot in upper case': profile({ pci_slot: '0000:3B:1F.7' }),
  'pci_slot without domain': profile({ pci_slot: '3b:00.1' }),
  'pci_slot with a domain of 32 bits': profile({ pci_slot: '10000:e0:06.0' }),
  'pci_vendor_info in upper case': profile({ pci_vendor_info: '8086:10CA' }),
  'trusted as text': profile({ trusted: ' Yes ' }),
  'trusted as number': profile({ trusted: 0 }),
  'vf_num 0': profile({ vf_num: 0 }),
  'capabilities as list': profile({ capabilities: ['switchdev'] }),
  'pf_mac_address with hyphens': profile({ pf_mac_address: 'A0-36-9F-00-00-01' }),
  device_mac_address: profile({ device_mac_address: 'a0:36:9f:00:00:01' }),
  'allocation by request group': profile({ allocation: { group: 'provider' } }),
  'allocation as one id': profile({ allocation: 'provider' }),
  'allocation null': profile({ allocation: null }),
  'arq_uuid and os_vif_delegation': profile({ arq_uuid: 'a', os_vif_delegation: true }),
  migrating_to: profile({ migrating_to: 'host2' }),
  'hw_veb with vlan': details('hw_veb', { port_filter: false, connectivity: 'l2', vlan: '4094' }),
  'hw_veb with vlan "0" of a flat network': details('hw_veb', { vlan: '0' }),
  'hw_veb with vlan as number': details('hw_veb', { vlan: 5 }),
  'hostdev_physical without vlan': details('hostdev_physical', {}),
  '802.1qbh with profileid': details('802.1qbh', { profileid: 'gold' }),
  'macvtap with its three keys': details('macvtap', {
    macvtap_source: 'eth0.5',
    macvtap_mode: 'bridge',
    physical_interface: 'eth0',
  }),
  'binding_failed without details': details('binding_failed', {}),
  'unbound with details null': details('unbound', null),
  'unbound with a known detail that is null': details('unbound', { vlan: null }),
  'vif_type null': details(null, {}),
  'vif_details with unknown keys': details('ovs', { mine: 1, bound_drivers: { 0: 'openvswitch' } }),
  'mac_address null': port({ mac_address: null }),
  'numa_affinity_policy socket': port({ numa_affinity_policy: 'socket' }),
  'numa_affinity_policy null': port({ numa_affinity_policy: null }),
  hardware_offload_type: port({ hardware_offload_type: 'switchdev' }),
  'trusted of the port': port({ trusted: true }),
  'qos_rules of both kinds': port({
    qos_rules: [
      { type: 'bandwidth_limit', max_kbps: 0, max_burst_kbps: 9 },
      { type: 'minimum_bandwidth', min_kbps: 2147483647, direction: 'ingress' },
    ],
  }),
};

export const BAD_PORTS: Samples = {
  'no object': 'p',
  null: null,
  'no id': {},
  'id empty': { id: '' },
  'vnic_type unknown': port({ 'binding:vnic_type': 'dirct' }),
  'vnic_type in upper case': port({ 'binding:vnic_type': 'Direct' }),
  'host_id a number': port({ 'binding:host_id': 1 }),
  'profile a list': profile([]),
  'profile text': profile('{}'),
  'pci_slot a pattern': profile({ pci_slot: '*:3b:00.1' }),
  'pci_slot whose dot is another character': profile({ pci_slot: '0000:04:12x6' }),
  'pci_slot with device 0x20': profile({ pci_slot: '0000:04:20.0' }),
  'pci_slot with function 8': profile({ pci_slot: '0000:04:00.8' }),
  'pci_vendor_info with 0x': profile({ pci_vendor_info: '0x8086:0x10ca' }),
  'pci_vendor_info of three digits': profile({ pci_vendor_info: '8086:10c' }),
  'trusted maybe': profile({ trusted: 'maybe' }),
  'trusted 2': profile({ trusted: 2 }),
  'vf_num as text': profile({ vf_num: '3' }),
  'vf_num negative': profile({ vf_num: -1 }),
  'vf_num a fraction': profile({ vf_num: 1.5 }),
  'capabilities as text': profile({ capabilities: 'switchdev' }),
  'capabilities with a number': profile({ capabilities: [1] }),
  'pf_mac_address zero': profile({ pf_mac_address: '00:00:00:00:00:00' }),
  'pf_mac_address multicast': profile({ pf_mac_address: '01:00:5e:00:00:01' }),
  'device_mac_address short': profile({ device_mac_address: 'a0:36:9f:00:00' }),
  'physical_network empty': profile({ physical_network: '' }),
  'allocation a list': profile({ allocation: ['x'] }),
  'os_vif_delegation as object': profile({ os_vif_delegation: {} }),
  'migrating_to a number': profile({ migrating_to: 1 }),
  'vif_type unknown': details('hwveb', {}),
  'hw_veb without vlan': details('hw_veb', {}),
  'hw_veb without details': port({ 'binding:vif_type': 'hw_veb' }),
  'hw_veb with vlan null': details('hw_veb', { vlan: null }),
  'vlan above 4094': details('hw_veb', { vlan: '4095' }),
  'vlan with a leading zero': details('hw_veb', { vlan: '05' }),
  '802.1qbh without profileid': details('802.1qbh', { vlan: '5' }),
  'macvtap without physical_interface': details('macvtap', { macvtap_source: 'a', macvtap_mode: 'b' }),
  'unbound with details': details('unbound', { vlan: '5' }),
  'binding_failed with unknown details': details('binding_failed', { mine: 1 }),
  'details without a vif_type': port({ 'binding:vif_details': { vlan: '5' } }),
  'connectivity l4': details('ovs', { connectivity: 'l4' }),
  'port_filter as a word': details('ovs', { port_filter: 'perhaps' }),
  'mac_address multicast': port({ mac_address: '01:00:00:00:00:00' }),
  'mac_address zero with hyphens': port({ mac_address: '00-00-00-00-00-00' }),
  'mac_address with both separators': port({ mac_address: 'fa-16:3e:00:00:01' }),
  'admin_state_up as a word': port({ admin_state_up: 'up' }),
  'numa_affinity_policy unknown': port({ numa_affinity_policy: 'strict' }),
  'hardware_offload_type a number': port({ hardware_offload_type: 1 }),
  'status unknown': port({ status: 'UP' }),
  'qos_rules as object': port({ qos_rules: {} }),
  'qos_rules of another type': port({ qos_rules: [{ type: 'dscp_marking', dscp_mark: 1 }] }),
  'qos_rules with a negative rate': port({ qos_rules: [{ type: 'bandwidth_limit', max_kbps: -1 }] }),
  'qos_rules without a rate': port({ qos_rules: [{ type: 'minimum_bandwidth' }] }),
};

const bound = (more: object): object => ({ host: 'h', ...more });

export const GOOD_BINDINGS: Samples = {
  'a host alone': bound({}),
  'status INACTIVE, project_id kept': bound({ status: 'INACTIVE', project_id: 'x' }),
  hw_veb: bound({ vnic_type: 'direct', vif_type: 'hw_veb', vif_details: { vlan: '5' } }),
};

export const BAD_BINDINGS: Samples = {
  'no host': {},
  'host empty': { host: '' },
  'status DOWN': bound({ status: 'DOWN' }),
  'profile.pci_slot': bound({ profile: { pci_slot: 'x' } }),
  'hw_veb without vlan': bound({ vif_type: 'hw_veb' }),
};

export const GOOD_NETWORKS: Samples = {
  segment: { network_type: 'vlan', physical_network: 'physnet1', segmentation_id: 5 },
  provider: { 'provider:network_type': 'flat', 'provider:physical_network': 'physnet1', id: 'n' },
  'both spellings, the same': { network_type: 'flat', 'provider:network_type': 'flat' },
  'qinq and vlan_qos': { network_type: 'vlan', segmentation_id: 5, qinq: 'true', vlan_qos: 7 },
  'a network that no VF carries': { network_type: 'vxlan', segmentation_id: 16777215 },
  nulls: { network_type: 'flat', physical_network: null, segmentation_id: null, qinq: null },
};

export const BAD_NETWORKS: Samples = {
  'no type': { segmentation_id: 5 },
  'type null in both spellings': { network_type: null, 'provider:network_type': null },
  'segmentation_id as text': { network_type: 'vlan', segmentation_id: '5' },
  'vlan_qos 8': { network_type: 'vlan', vlan_qos: 8 },
  'qinq as a word': { network_type: 'vlan', qinq: 'both' },
};
