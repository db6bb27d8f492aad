/**
 * `sriov/binding`: ports bound to VFs. Everything public of it is named here; nothing is decided here.
 *
 * An entry of its own, so that `sriov` alone loads neither a store nor a schema library.
 */
export { bind, type BindResult, type Binder, type Bound, createBinder } from './binding/bind.ts';
export { ContractError } from './binding/contract/error.ts';
export { InvalidDeviceSpecError } from './binding/device-spec/error.ts';
export type { DeviceSpec, DeviceTag } from './binding/device-spec/device-spec.ts';
export { matchDeviceSpec } from './binding/device-spec/match.ts';
export { type DeviceSpecOptions, parseDeviceSpecs } from './binding/device-spec/parse.ts';
export { PortInfoError, type PortInfoProvider } from './binding/extra-info.ts';
export { formatFlatPort, type ParsedPort, parsePort } from './binding/flat.ts';
export type { Inventory, InventoryPf, InventoryVf } from './binding/inventory.ts';
export { bindingSchemas, type JsonSchema } from './binding/json-schema.ts';
export {
  activateBinding,
  activeBinding,
  addBinding,
  bindingOn,
  changeHost,
  failBinding,
  fillBinding,
  isBound,
  needsBinding,
  portBuild,
  portDown,
  portError,
  portUp,
  requestBinding,
  unbindOn,
} from './binding/life/binding.ts';
export { checkRecord } from './binding/life/check.ts';
export { LifeError } from './binding/life/errors.ts';
export { type PortAccess, type SriovPorts, withSriovPort } from './binding/mixin.ts';
export { parseNetwork } from './binding/network.ts';
export { parseDeviceMappings, parseExcludeDevices } from './binding/neutron-config.ts';
export { formatPlace, parsePlace, type Place } from './binding/place.ts';
export type { BindPolicy } from './binding/policy.ts';
export type {
  Network,
  NumaPolicy,
  Port,
  PortBinding,
  PortRequest,
  PortStatus,
  QosRule,
} from './binding/port.ts';
export { formatPortBinding, parsePortBinding, type TypedPortBinding } from './binding/port-binding.ts';
export { type BindingProfile, parseProfile } from './binding/profile.ts';
export type { BindingRecord, Claim, ClaimPhase, FailedAttempt, PortRecord } from './binding/record.ts';
export type { Refusal, RefusalCode } from './binding/refusal.ts';
export { buildVif, type VifSource } from './binding/vif/build.ts';
export { type LibvirtOptions, libvirtInterfaceXml } from './binding/vif/libvirt.ts';
export { LibvirtRefusalError, type LibvirtRefusalReason } from './binding/vif/refusal.ts';
export type { Vif } from './binding/vif/vif.ts';
export { parseVifDetails, type VifBinding, type VifDetails } from './binding/vif-details.ts';
export { VIF_TYPES, type VifType } from './binding/vif-type.ts';
export { parseVnicType, VNIC_TYPES, type VnicType } from './binding/vnic-type.ts';
export { wantedConfig } from './binding/wanted.ts';
export type { TrustedMac } from './port/context.ts';
export type { VfHost, VfNetDevice } from './port/host.ts';
export { createLinuxHost, type LinuxHostOptions } from './port/linux-host.ts';
export { openPorts } from './port/open.ts';
export type { Ports, PortsOptions } from './port/ports.ts';
export type {
  BindReport,
  NotRestored,
  PlanReport,
  PortOutcome,
  RecoveredWork,
  RecoveryReport,
  ReleaseReport,
} from './port/report.ts';
export { checkStore, type Finding, type FindingCode } from './store/check.ts';
export { StoreCompactedError, StoreConflictError, StoreError } from './store/errors.ts';
export {
  exportStore,
  type ImportOptions,
  type ImportReport,
  importStore,
  type StoreDocument,
} from './store/export.ts';
export { openLmdbStore, type OpenStoreOptions } from './store/lmdb-store.ts';
export type {
  Change,
  CommitOptions,
  Entry,
  Guard,
  Json,
  Range,
  Store,
  StoreEvent,
  WatchStoreOptions,
} from './store/store.ts';
