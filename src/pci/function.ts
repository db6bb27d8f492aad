/**
 * What an enumeration tells of each function.
 *
 * Owns the public types and no code. Everything is read-only and frozen; `null` means that the kernel does
 * not say, or that there is none, as each field explains.
 */

import type { NetDevice } from './net-device.ts';
import type { PciNames } from './names.ts';

/** Who made a function, and what it is. Source: PCI_ID, PCI_SUBSYS_ID and PCI_CLASS of its `uevent`. */
export interface PciIds {
  /** PCI-SIG vendor id, 0–0xffff. */
  readonly vendor: number;
  /** The vendor's device id, 0–0xffff. Of a VF: the PF's `sriov_vf_device`. */
  readonly device: number;
  /** Vendor of the card, 0–0xffff; 0 when the hardware has none. */
  readonly subsystemVendor: number;
  /** The card vendor's id for it, 0–0xffff; 0 when the hardware has none. */
  readonly subsystemDevice: number;
  /** 24 bits: base class, subclass, programming interface. 0x020000 is Ethernet, 0x020700 InfiniBand. */
  readonly class: number;
}

/** Something that is there but could not be read, so that the fields it feeds are null. */
export type UnreadableAttribute = 'uevent' | 'numa_node' | 'iommu_group' | 'sriov';

/** What every function has, whatever its role. */
export interface PciFunctionCommon {
  /** `netdevsim` for the kernel's simulated NICs: they have VFs, and no PCI address, ids or IOMMU group. */
  readonly bus: 'pci' | 'netdevsim';
  /** Name in sysfs, unique: the PCI address, or `netdevsim1`. */
  readonly device: string;
  /** As `formatPciAddress` writes it; null on netdevsim. */
  readonly address: string | null;
  /** Null on netdevsim, and when `uevent` is unreadable. */
  readonly ids: PciIds | null;
  /** From the pci.ids database; null when not asked for, when there is no database, and without {@link ids}. */
  readonly names: PciNames | null;
  /** Driver that is bound, such as `igb` or `vfio-pci`; null when none is. */
  readonly driver: string | null;
  /** NUMA node, from 0; null when the firmware names none (-1 in sysfs) or the kernel has no NUMA. */
  readonly numaNode: number | null;
  /** IOMMU group, from 0; null when the IOMMU is off. */
  readonly iommuGroup: number | null;
  /** Its network devices in this network namespace, by ifindex: none, one or several. */
  readonly netDevices: readonly NetDevice[];
  /** Its RDMA devices (/sys/class/infiniband), by name. */
  readonly rdmaDevices: readonly string[];
  /** Its vDPA devices (/sys/bus/vdpa/devices), by name. */
  readonly vdpaDevices: readonly string[];
  /** Empty for a function that was read in full. */
  readonly unreadable: readonly UnreadableAttribute[];
}

/** A VF of a PF that was enumerated along with it. */
export interface VfLink {
  /** VF number, from 0: N of the PF's `virtfnN`, the `vf` of its rtnetlink attributes. */
  readonly index: number;
  /** PCI address of the VF. */
  readonly address: string;
}

/** A function with an SR-IOV capability: a NIC, an NVMe controller, an accelerator. */
export interface PciPhysicalFunction extends PciFunctionCommon {
  readonly role: 'pf';
  /** Most VFs it can have (`sriov_totalvfs`), from 0. On netdevsim from debugfs; null when not readable. */
  readonly totalVfs: number | null;
  /**
   * VFs it has now. On PCI the `virtfnN` links, not `sriov_numvfs`, whose read waits until a running
   * write of it is through; on netdevsim `sriov_numvfs`.
   */
  readonly numVfs: number;
  /** Whether new VFs are given to drivers at once (`sriov_drivers_autoprobe`); null on netdevsim. */
  readonly driversAutoprobe: boolean | null;
  /** Device id of its VFs (`sriov_vf_device`), 0–0xffff; null before Linux 4.16 and on netdevsim. */
  readonly vfDeviceId: number | null;
  /** Its VFs in order of number, which may have gaps. Empty on netdevsim, whose VFs are no functions. */
  readonly vfs: readonly VfLink[];
}

/** A virtual function. */
export interface PciVirtualFunction extends PciFunctionCommon {
  readonly role: 'vf';
  /**
   * PCI address of its PF. Null when the PF is not visible, as in a virtual machine that was given the
   * VF: then the function is told to be a VF by its driver or its ids.
   */
  readonly pf: string | null;
  /** VF number, from 0; null when the PF is not visible or was not linked to it yet. */
  readonly vfIndex: number | null;
}

/** Any other function: bridges, controllers, NICs without SR-IOV. */
export interface PciPlainFunction extends PciFunctionCommon {
  readonly role: 'function';
}

/** One function of the host, told apart by `role`. */
export type PciFunction = PciPhysicalFunction | PciVirtualFunction | PciPlainFunction;
