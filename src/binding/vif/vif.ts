/**
 * A VIF: what a hypervisor agent is told of a port, as Nova does it (nova/network/model.py, class VIF).
 *
 * Owns the types; the names are Nova's.
 */
import type { BindingProfile } from '../profile.ts';
import type { VifDetails } from '../vif-details.ts';
import type { VifType } from '../vif-type.ts';
import type { VnicType } from '../vnic-type.ts';

export interface VifNetwork {
  /** Null when it is not told. */
  readonly id: string | null;
  /** Always null: SR-IOV ports are on no bridge. */
  readonly bridge: null;
  /** Name of the network, for people; null when it is not told. */
  readonly label: string | null;
  readonly meta: {
    /** Bytes; absent when it is not told. */
    readonly mtu?: number;
    readonly physical_network: string | null;
    /** 802.1ad instead of 802.1Q. Not Nova's. */
    readonly qinq: boolean;
    /** Priority of the VLAN, 0–7. Not Nova's. */
    readonly vlan_qos: number;
  };
}

interface VifCommon {
  /** The port's id. */
  readonly id: string;
  /** MAC, lower case with colons; null when neither the port nor its function has told one. */
  readonly address: string | null;
  readonly network: VifNetwork;
  readonly details: VifDetails;
  /** Nova's name for the host's end: `tap` and the start of the port's id, 14 characters at most. */
  readonly devname: string;
  readonly vnic_type: VnicType;
  /** True when the guest need not wait for the port: it is ACTIVE, or switched off. */
  readonly active: boolean;
  /** True when the port was there before the instance, so that it stays when the instance goes. */
  readonly preserve_on_delete: boolean;
  readonly profile: BindingProfile;
  /** The port's id for `ovs`; null for all else. */
  readonly ovs_interfaceid: string | null;
}

/** A VF that its PF switches. */
export interface HwVebVif extends VifCommon {
  readonly type: 'hw_veb';
}

/** A whole PF. */
export interface HostdevPhysicalVif extends VifCommon {
  readonly type: 'hostdev_physical';
}

/** A VF that an external switch sets up by `details.profileid`. */
export interface QbhVif extends VifCommon {
  readonly type: '802.1qbh';
}

/** Bound by someone else, or not bound. */
export interface OtherVif extends VifCommon {
  readonly type: Exclude<VifType, 'hw_veb' | 'hostdev_physical' | '802.1qbh'>;
}

export type Vif = HwVebVif | HostdevPhysicalVif | QbhVif | OtherVif;
