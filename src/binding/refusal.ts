/**
 * Why a port was not bound: one reason for each candidate that was looked at.
 */

/** Stable words; `message` says the same for people. */
export type RefusalCode =
  /** The vnic type is not bound to SR-IOV functions by this package. */
  | 'VNIC_TYPE'
  /** `normal`, or no vnic type: another mechanism binds it. */
  | 'NOT_OURS'
  /** The network is neither `vlan` nor `flat`. */
  | 'NETWORK_TYPE'
  /** The VLAN id is missing or out of range. */
  | 'SEGMENT'
  /** No PF of this host is mapped to the physical network. */
  | 'PHYSICAL_NETWORK'
  /** No device spec makes it available. */
  | 'NOT_AVAILABLE'
  /** In `exclude_devices`. */
  | 'EXCLUDED'
  /** Claimed by another port. */
  | 'TAKEN'
  /** Someone outside of this package uses it. */
  | 'IN_USE'
  /** The port names another `pci_slot`, `pci_vendor_info` or place. */
  | 'NOT_REQUESTED'
  /** The requested function does not exist on this host. */
  | 'NOT_FOUND'
  /** A trusted VF is asked for, and the device spec does not say `trusted`. */
  | 'NOT_TRUSTED'
  /** The driver does not report an attribute that the port needs. */
  | 'ATTRIBUTE'
  /** The NUMA policy forbids it. */
  | 'NUMA'
  /** The `switchdev` capability is asked for, or the PF is in switchdev mode. */
  | 'SWITCHDEV'
  /** macvtap needs a network device on the VF. */
  | 'NO_NET_DEVICE'
  /** A VF of this PF is bound, so the PF can't be given away; or the other way round. */
  | 'PF_HAS_VFS'
  /** The driver refused a setting when it was applied; `detail` holds attribute and errno. */
  | 'APPLY';

export interface Refusal {
  readonly code: RefusalCode;
  /** Text of {@link formatPlace}; absent = holds for the host as a whole. */
  readonly place?: string;
  readonly message: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}
