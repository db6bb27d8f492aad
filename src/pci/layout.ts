/**
 * Where things are in the bytes that the addon's enumeration gives: native/pci/layout.h in TypeScript.
 *
 * Owns offsets only, counted in 32-bit words; a test holds them to the header file.
 */

export const LAYOUT_VERSION = 1;

export const HEADER = {
  version: 0,
  error: 1,
  errorPath: 2,
  functions: 3,
  netDevices: 4,
  companions: 5,
  systemCalls: 6,
  stringBytes: 7,
  words: 8,
} as const;

export const FUNCTION = {
  device: 0,
  driver: 1,
  pf: 2,
  flags: 3,
  unreadable: 4,
  class: 5,
  vendor: 6,
  deviceId: 7,
  subsystemVendor: 8,
  subsystemDevice: 9,
  numa: 10,
  iommu: 11,
  vfIndex: 12,
  totalVfs: 13,
  numVfs: 14,
  vfDeviceId: 15,
  autoprobe: 16,
  words: 17,
} as const;

export const NET = {
  function: 0,
  name: 1,
  via: 2,
  operstate: 3,
  switchId: 4,
  portName: 5,
  ifindex: 6,
  carrier: 7,
  speed: 8,
  devPort: 9,
  words: 10,
} as const;

export const COMPANION = { function: 0, kind: 1, name: 2, words: 3 } as const;

/** Bits of FUNCTION.flags. */
export const FLAG = { netdevsim: 1, vf: 2 } as const;

/** Values of COMPANION.kind. */
export const COMPANION_KIND = { rdma: 0, vdpa: 1 } as const;

/** Bits of FUNCTION.unreadable. */
export const UNREADABLE = { uevent: 1, numa: 2, iommu: 4, sriov: 8 } as const;
