/**
 * Why a port was not bound: one reason for each candidate that was looked at.
 *
 * Owns the type. A message is for people: what was refused, which function, why, and the way out.
 */

/** Stable words; `message` says the same for people. */
export type RefusalCode =
  /** The vnic type is not bound to SR-IOV functions by this package. */
  | 'VNIC_TYPE'
  /** `normal`, or no vnic type: another mechanism binds it. */
  | 'NOT_OURS'
  /** The network is neither `vlan` nor `flat`. */
  | 'NETWORK_TYPE'
  /** VLAN id or priority is missing, out of range, or makes no sense on a flat network. */
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
  /**
   * The port needs a setting that the driver does not report, that no VF has (ingress rates), or that
   * contradicts itself (a minimum rate above the maximum).
   */
  | 'ATTRIBUTE'
  /** The NUMA policy forbids it. */
  | 'NUMA'
  /** The `switchdev` capability is asked for, or the PF is in switchdev mode. */
  | 'SWITCHDEV'
  /** macvtap needs a network device on the VF. */
  | 'NO_NET_DEVICE'
  /** A VF of this PF is bound, so the PF can't be given away; or the other way round. */
  | 'PF_HAS_VFS'
  /** The port's own state forbids it: bound otherwise, or work on it is not done. */
  | 'STATE'
  /** The driver refused a setting when it was applied; `detail` holds attribute and errno. */
  | 'APPLY';

export interface Refusal {
  readonly code: RefusalCode;
  /** Text of {@link formatPlace}; absent = holds for the host as a whole. */
  readonly place?: string;
  readonly message: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}
