/**
 * `binding:vif_type`: how a port was bound.
 *
 * Owns the words, Neutron's (api/definitions/portbindings.py) and those that Nova adds (network/model.py).
 */

export const VIF_TYPES = [
  'unbound',
  'binding_failed',
  'distributed',
  'ovs',
  'bridge',
  'other',
  'tap',
  'macvtap',
  'agilio_ovs',
  'vhostuser',
  'hw_veb',
  'hostdev_physical',
  '802.1qbg',
  '802.1qbh',
  'ib_hostdev',
  'ivs',
  'dvs',
  'vrouter',
  'midonet',
  'iovisor',
] as const;

export type VifType = (typeof VIF_TYPES)[number];

/** Nothing is plugged on a port of these. */
export const UNPLUGGED_VIF_TYPES = ['unbound', 'binding_failed'] as const;
