/**
 * How `bind` chooses, and what of a host may be given away.
 *
 * Owns the type. An empty policy gives away every function of the host and checks no physical network.
 */
import type { PortInfoProvider } from './extra-info.ts';
import type { DeviceSpec } from './device-spec/device-spec.ts';

export interface BindPolicy {
  /** Add what their network types have to say to `vif_details`. Absent = nothing. */
  readonly portInfo?: readonly PortInfoProvider[];
  /**
   * `spread`: the PF with the most free VFs first; `pack`: the one with the fewest. Default `spread`. Only among
   * PFs that are equally near by NUMA. A port that wants a whole PF gets the one with the fewest VFs.
   */
  readonly choose?: 'spread' | 'pack';
  /**
   * Preferred NUMA node, from 0; with the port's policy `required` or `socket` the only one, with `legacy` the
   * only one among those that are known. Absent = none, and the port's policy forbids nothing.
   */
  readonly numaNode?: number;
  /**
   * First match wins; a function that none matches is not available, and a trusted port needs the tag `trusted`.
   * With the tag `profileid` a VF is bound as `802.1qbh`. Absent = every function is available and may be
   * trusted; empty = none is.
   */
  readonly deviceSpecs?: readonly DeviceSpec[];
  /**
   * Physical network to PFs, each by net device name or PCI address (Neutron's `physical_device_mappings`).
   * With it the tag `physical_network` of a device spec may be left out, but not contradict. Absent = that tag
   * alone decides; without device specs too, nothing does.
   */
  readonly mappings?: ReadonlyMap<string, readonly string[]>;
  /** PF (name or PCI address) to PCI addresses of VFs that are nobody's (Neutron's `exclude_devices`). Absent = none. */
  readonly exclude?: ReadonlyMap<string, readonly string[]>;
}
