/**
 * The network segment of a port: which ones a VF can carry, and the VLAN that comes of it.
 *
 * Owns the rules for VLAN id and priority, and their two forms: the VF's setting and `vif_details.vlan`.
 */
import type { VfVlan } from '../vf/config.ts';
import type { Network } from './port.ts';

/** What is wrong with a segment; undefined = nothing. */
export function segmentFault(
  network: Network,
): { readonly code: 'NETWORK_TYPE' | 'SEGMENT'; readonly message: string } | undefined {
  const { network_type: type, segmentation_id: id, qinq, vlan_qos: qos } = network;
  if (type !== 'vlan' && type !== 'flat') {
    const message = `a network of type ${type} can't be carried by a VF, which knows VLANs alone; use a vlan or flat network`;
    return { code: 'NETWORK_TYPE', message };
  }
  if (type === 'flat') {
    if ((id === null || id === 0) && !qinq && qos === 0) return undefined;
    const message =
      'a flat network has no VLAN tag, yet a VLAN id, a priority or 802.1ad is given; use a vlan network, or drop these';
    return { code: 'SEGMENT', message };
  }
  // 0 is "no VLAN" and 4095 is reserved (IEEE 802.1Q), although the kernel takes both.
  if (id === null || !Number.isInteger(id) || id < 1 || id > 4094) {
    const message = `the VLAN id of the network must be a whole number from 1 to 4094, not ${id}; correct segmentation_id`;
    return { code: 'SEGMENT', message };
  }
  if (!Number.isInteger(qos) || qos < 0 || qos > 7) {
    const message = `the VLAN priority must be a whole number from 0 to 7, not ${qos}; correct vlan_qos`;
    return { code: 'SEGMENT', message };
  }
  return undefined;
}

/** The VLAN that the VF's frames carry; null on a flat network. */
export function vfVlan(network: Network): VfVlan | null {
  const { network_type: type, segmentation_id: id, qinq, vlan_qos: qos } = network;
  if (type === 'flat' || id === null) return null;
  return { id, qos, proto: qinq ? '802.1ad' : '802.1Q' };
}

/** As `vif_details.vlan` has it: text, and `"0"` on a flat network (Neutron, mech_driver.py). */
export function vlanText(network: Network): string {
  return String(vfVlan(network)?.id ?? 0);
}
