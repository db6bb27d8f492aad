/**
 * `binding:vnic_type`: how a port wants to reach the network.
 */

/** All of today's Neutron (neutron-lib, api/definitions/portbindings.py). */
export const VNIC_TYPES = [
  'normal',
  'direct',
  'macvtap',
  'baremetal',
  'direct-physical',
  'virtio-forwarder',
  'smart-nic',
  'vdpa',
  'accelerator-direct',
  'accelerator-direct-physical',
  'remote-managed',
] as const;

export type VnicType = (typeof VNIC_TYPES)[number];
