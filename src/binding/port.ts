/**
 * A port and its network in OpenStack's words, as this package uses them.
 *
 * Owns the typed form after parsing; names on the wire are kept as they are.
 */
import type { BindingProfile } from './profile.ts';
import type { VifDetails } from './vif-details.ts';
import type { VifType } from './vif-type.ts';
import type { VnicType } from './vnic-type.ts';

/** How two ports and their memory should lie to each other; Neutron's `numa_affinity_policy`. */
export type NumaPolicy = 'required' | 'preferred' | 'legacy' | 'socket';

export type PortStatus = 'DOWN' | 'BUILD' | 'ACTIVE' | 'ERROR' | 'N/A';

/** A rule of a QoS policy, in the port's units: kbit/s. */
export type QosRule =
  | { readonly type: 'bandwidth_limit'; readonly max_kbps: number; readonly direction: 'egress' | 'ingress' }
  | {
      readonly type: 'minimum_bandwidth';
      readonly min_kbps: number;
      readonly direction: 'egress' | 'ingress';
    };

/** What a port asks for, without its binding. Keys that are not named here are kept. */
export interface Port {
  readonly id: string;
  readonly name?: string;
  /** Lower case with colons; absent = the host chooses (`direct-physical` takes the PF's). */
  readonly mac_address?: string;
  /** Default true. */
  readonly admin_state_up: boolean;
  /** Default true. Drives the spoof check. */
  readonly port_security_enabled: boolean;
  /** Default true, as in Neutron's API. */
  readonly propagate_uplink_status: boolean;
  /** Null = none. */
  readonly numa_affinity_policy: NumaPolicy | null;
  /** Whose port it is (`compute:nova`); empty = nobody's. */
  readonly device_owner: string;
  /** Id of that owner's thing, such as an instance; empty = none. */
  readonly device_id: string;
  readonly qos_rules: readonly QosRule[];
  readonly [key: string]: unknown;
}

/** The segment that a port is bound to. Keys that are not named here are kept. */
export interface Network {
  /** `vlan` and `flat` can be bound to VFs; others are refused by name. */
  readonly network_type: string;
  readonly physical_network: string | null;
  /** VLAN id of a `vlan` network; null for `flat`. */
  readonly segmentation_id: number | null;
  /** 802.1ad rather than 802.1Q (Neutron's `qinq` extension). Default false. */
  readonly qinq: boolean;
  /** Priority code point of the VLAN, 0–7. Not Neutron's: it has none. Default 0. */
  readonly vlan_qos: number;
  readonly [key: string]: unknown;
}

/** The binding of a port on one host: Neutron's `binding-extended` resource. */
export interface PortBinding {
  readonly host: string;
  readonly vnic_type: VnicType;
  readonly profile: BindingProfile;
  readonly vif_type: VifType;
  readonly vif_details: VifDetails;
  readonly status: 'ACTIVE' | 'INACTIVE';
}

/** A port together with what it asks of its binding: what `bind` is given. */
export interface PortRequest {
  readonly port: Port;
  readonly network: Network;
  readonly vnic_type: VnicType;
  readonly profile: BindingProfile;
  /**
   * This place and no other, as `formatPlace` writes it (`netdevsim1/3`). For functions without a PCI
   * address, which no `pci_slot` can name. Not Neutron's. Absent = the host chooses.
   */
  readonly place?: string;
}
