/**
 * `binding:vif_type`: how a port was bound.
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
] as const;

export type VifType = (typeof VIF_TYPES)[number];
