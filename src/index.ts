/**
 * `sriov`: SR-IOV virtual functions on Linux. Everything public is named here; nothing is decided here.
 */
export { isSupported } from './addon.ts';
export {
  AbortedError,
  DeadlineError,
  type ErrorDetails,
  type ErrorTarget,
  IncompleteReadError,
  InvalidConfigError,
  KernelError,
  NotAPhysicalFunctionError,
  RefusedError,
  SriovError,
  UnsupportedPlatformError,
  VfsExistError,
  VfsInUseError,
} from './errors.ts';
export { type HostEventMap, HostEvents, type HostEventsOptions } from './events/host-events.ts';
export type {
  LinkAdded,
  LinkChanged,
  LinkEvent,
  LinkRemoved,
  LinksSynced,
  LinkState,
  LinkTouched,
  OperState,
} from './events/link.ts';
export type {
  DeviceUevent,
  HostUevent,
  UeventAction,
  UeventsSynced,
  UeventSubsystem,
} from './events/uevent.ts';
export type { Watch, WatchOptions } from './events/watch.ts';
export { watchLinks, type WatchLinksOptions } from './events/watch-links.ts';
export { watchUevents, type WatchUeventsOptions } from './events/watch-uevents.ts';
export { listPhysicalFunctions } from './host/list.ts';
export type { SetNumVfsOptions } from './host/num-vfs.ts';
export { PhysicalFunction } from './host/physical-function.ts';
export type { ReadOptions } from './host/read.ts';
export {
  bindDriver,
  type DriverBinding,
  type DriverOptions,
  readDriver,
  restoreDriver,
  unbindDriver,
} from './lifecycle/driver.ts';
export type { VfFunction } from './lifecycle/function.ts';
export { type IommuState, readIommu } from './lifecycle/iommu.ts';
export { type NetDeviceOptions, setMtu } from './lifecycle/net-device.ts';
export { resetFunction } from './lifecycle/reset.ts';
export type { FunctionUser } from './lifecycle/users.ts';
export { waitForVfs, type WaitablePf, type WaitOptions } from './lifecycle/wait.ts';
export {
  comparePciAddresses,
  formatPciAddress,
  isPciAddress,
  type PciAddress,
  parsePciAddress,
} from './pci/address.ts';
export {
  enumeratePci,
  type EnumeratePciAsyncOptions,
  type EnumeratePciOptions,
  enumeratePciSync,
} from './pci/enumerate.ts';
export type {
  PciFunction,
  PciFunctionCommon,
  PciIds,
  PciPhysicalFunction,
  PciPlainFunction,
  PciVirtualFunction,
  UnreadableAttribute,
  VfLink,
} from './pci/function.ts';
export type { PciNames } from './pci/names.ts';
export type { NetDevice, Representee } from './pci/net-device.ts';
export { formatVendorProduct, parseVendorProduct, type VendorProduct } from './pci/vendor-product.ts';
export {
  VF_ATTRIBUTES,
  type VfAttribute,
  type VfConfig,
  type VfLinkState,
  type VfRate,
  type VfState,
  type VfStats,
  type VfVlan,
  type VlanProto,
} from './vf/config.ts';
export { diffVfs } from './vf/diff.ts';
export { parseVfConfigs } from './vf/parse.ts';
export type { ProgramAsyncOptions, ProgramOptions, ProgramReport, VfFailure } from './vf/report.ts';
export type { VfRow } from './vf/row.ts';
export { VfTable } from './vf/table.ts';
