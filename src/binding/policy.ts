/**
 * How `bind` chooses, and what of a host may be given away.
 */
import type { DeviceSpec } from './device-spec/device-spec.ts';

export interface BindPolicy {
  /** `spread`: the PF with the most free VFs first; `pack`: the one with the fewest. Default `spread`. */
  readonly choose?: 'spread' | 'pack';
  /** Preferred NUMA node; with the port's policy `required` the only one. Absent = none. */
  readonly numaNode?: number;
  /** First match wins. Absent = every VF of a mapped PF. */
  readonly deviceSpecs?: readonly DeviceSpec[];
  /**
   * Physical network to PFs, each by net device name or PCI address (Neutron's `physical_device_mappings`).
   * Absent = the device specs' tag `physical_network` alone decides.
   */
  readonly mappings?: ReadonlyMap<string, readonly string[]>;
  /** PF (name or PCI address) to PCI addresses of VFs that are nobody's (Neutron's `exclude_devices`). */
  readonly exclude?: ReadonlyMap<string, readonly string[]>;
}
