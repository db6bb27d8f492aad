/**
 * What a host has to bind ports to, as plain data: the input of `bind`, which asks nobody anything.
 *
 * Owns the types. `src/port/` makes one from a live host.
 */
import type { VfAttribute } from '../vf/config.ts';

/** A VF that a port could have. */
export interface InventoryVf {
  /** VF number, from 0. */
  readonly vf: number;
  /** PCI address; null on netdevsim, whose VFs are no functions. */
  readonly pciAddress: string | null;
  /** `8086:10ca`; null on netdevsim. */
  readonly vendorProduct: string | null;
  /** Driver that is bound; null when none is. */
  readonly driver: string | null;
  /** Names of its network devices in this network namespace; macvtap needs one. */
  readonly netDevices: readonly string[];
  /** Who uses it, for people (`0000:01:10.6: eth4 is up`); null = nobody. */
  readonly inUse: string | null;
}

/** A physical function that has, or can have, VFs. */
export interface InventoryPf {
  /** Name in sysfs: the PCI address, or `netdevsim1`. The identity; names of net devices may change. */
  readonly device: string;
  /** Null on netdevsim. */
  readonly pciAddress: string | null;
  /** `8086:10c9`; null on netdevsim. */
  readonly vendorProduct: string | null;
  readonly driver: string | null;
  /** Name of its network device now; null when it has none in this network namespace. */
  readonly netDevice: string | null;
  /** The PF's own MAC: what a `direct-physical` port gets. Null without a network device. */
  readonly mac: string | null;
  /** From 0; null when unknown. */
  readonly numaNode: number | null;
  /** True when its eswitch is in switchdev mode: VFs are then reached by representors, not by us. */
  readonly switchdev: boolean;
  /** Attributes that its driver does not report for VFs, so that they can't be relied on. */
  readonly lacks: readonly VfAttribute[];
  /** Who uses the PF itself, for people; null = nobody. VFs are no use of this kind. */
  readonly inUse: string | null;
  /** In order of number. */
  readonly vfs: readonly InventoryVf[];
}

/** A host's SR-IOV functions at one moment. */
export interface Inventory {
  /** As in `binding:host_id`. */
  readonly host: string;
  /** In order of `device`. */
  readonly pfs: readonly InventoryPf[];
}
