/**
 * VFs whose PF is out of sight.
 *
 * Owns the knowledge of which drivers and ids are a VF's. A virtual machine sees the VF it was given as an
 * ordinary function: the kernel's `physfn` link is missing, since the guest has no PF. It must not be
 * asked for functions that have such a link.
 */

/** Drivers of the kernel's drivers/net and drivers/crypto that bind VFs only. */
const VF_DRIVERS: ReadonlySet<string> = new Set([
  'c3xxxvf',
  'c6xxvf',
  'cxgb4vf',
  'dh895xccvf',
  'i40evf',
  'iavf',
  'igbvf',
  'ixgbevf',
  'liquidio_vf',
  'ngbevf',
  'nicvf',
  'octeon_ep_vf',
  'rvu_nicvf',
  'txgbevf',
]);

/**
 * VFs by vendor and device, for drivers that bind PFs too and for VFs on vfio-pci. Sources: the PCI tables
 * of igbvf, ixgbevf, iavf, mlx4_core and mlx5_core.
 */
export const VF_IDS: ReadonlyMap<number, ReadonlySet<number>> = new Map([
  [
    0x8086,
    new Set([
      0x10ca, 0x10ed, 0x1515, 0x1520, 0x152d, 0x152e, 0x152f, 0x1530, 0x154c, 0x1564, 0x1565, 0x1571, 0x15a8,
      0x15a9, 0x15b4, 0x15c5, 0x1889, 0x37cd,
    ]),
  ],
  [0x15b3, new Set([0x1002, 0x1004, 0x1012, 0x1014, 0x1016, 0x1018, 0x101a, 0x101c, 0x101e])],
]);

/** Whether a function without `physfn` link is a VF all the same. -1 for ids that are not known. */
export function isGuestVf(driver: string | null, vendor: number, device: number): boolean {
  return (driver !== null && VF_DRIVERS.has(driver)) || VF_IDS.get(vendor)?.has(device) === true;
}
