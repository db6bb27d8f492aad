/** Why there is no libvirt XML for a VIF. Owns the error alone. */
import { SriovError } from '../../errors.ts';
import type { VifType } from '../vif-type.ts';
import type { Vif } from './vif.ts';

export type LibvirtRefusalReason =
  /** Not bound to an SR-IOV function. */
  | 'VIF_TYPE'
  /** Not a way to plug a VF. */
  | 'VNIC_TYPE'
  /** The profile has no `pci_slot`, or one that is no PCI address. */
  | 'PCI_SLOT'
  | 'MAC'
  /** No VLAN id in `vif_details`, or a tag that libvirt can't set: 802.1ad, or a priority. */
  | 'VLAN'
  | 'PROFILE_ID'
  /** macvtap without the name of the VF's network device. */
  | 'NET_DEVICE';

/** `code` is `SRIOV_LIBVIRT`. */
export class LibvirtRefusalError extends SriovError {
  readonly reason: LibvirtRefusalReason;
  readonly vif_type: VifType;

  constructor(vif: Pick<Vif, 'id' | 'type'>, reason: LibvirtRefusalReason, why: string) {
    super('SRIOV_LIBVIRT', `no libvirt XML for port ${vif.id} of vif_type ${vif.type}: ${why}`);
    this.reason = reason;
    this.vif_type = vif.type;
  }
}
