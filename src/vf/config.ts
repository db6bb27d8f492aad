/**
 * The plain-object view of a VF's settings: what people write in code, in plan files and read as JSON.
 *
 * Owns the types only. `parse.ts` checks them, `table.ts` is the fast form of the same thing.
 * Three states everywhere: absent = leave as it is, a value = set it, `null` = clear it.
 */

/** VLAN protocol. 802.1ad needs a driver that has it (`EPROTONOSUPPORT` otherwise); kernel 4.9. */
export type VlanProto = '802.1Q' | '802.1ad';

/** A VLAN that the PF puts on a VF's frames. The kernel sets its three parts together. */
export interface VfVlan {
  /** VLAN identifier, 0 to 4095 (12 bits, IEEE 802.1Q). 0 with QoS 0 is "no VLAN". */
  readonly id: number;
  /** Priority code point, 0 to 7. Absent = 0. */
  readonly qos?: number;
  /** Absent = 802.1Q. A text such as `0x1234` is a protocol that a driver reports and nobody can set. */
  readonly proto?: VlanProto | `0x${string}`;
}

/** Transmit rate limits in Mbit/s, 0 to 2147483647; 0 = no limit. The one that is absent is kept. */
export interface VfRate {
  /** Guaranteed rate. With `max` not 0 it must not be above `max`. */
  readonly min?: number;
  /** Upper limit. */
  readonly max?: number;
}

/** `auto` follows the PF's link, `enable` and `disable` force the VF's link up or down. Kernel 3.13. */
export type VfLinkState = 'auto' | 'enable' | 'disable';

/** What the driver counted for a VF since it exists; drivers without statistics report zeros. */
export interface VfStats {
  readonly rxPackets: bigint;
  readonly txPackets: bigint;
  readonly rxBytes: bigint;
  readonly txBytes: bigint;
  readonly broadcast: bigint;
  readonly multicast: bigint;
  readonly rxDropped: bigint;
  readonly txDropped: bigint;
}

/**
 * Settings of one VF, in the words of `IFLA_VF_*` (include/uapi/linux/if_link.h).
 *
 * @example
 * { vf: 3, mac: '02:00:00:00:00:03', vlan: { id: 100, qos: 2 }, spoofCheck: true, rate: { max: 1000 } }
 */
export interface VfConfig {
  /** VF number, counted from 0 as the kernel does; at most 65534 (PCIe NumVFs has 16 bits). */
  readonly vf: number;
  /** Admin MAC: unicast, six bytes in hex with colons. `null` = all zero: the VF may choose its own. */
  readonly mac?: string | null;
  /** `null` = no VLAN. */
  readonly vlan?: VfVlan | null;
  /** `null` = no limits. `min` or `max` alone leaves the other as it is. */
  readonly rate?: VfRate | null;
  /** Drop frames with a source MAC that is not the VF's. `null` = off. */
  readonly spoofCheck?: boolean | null;
  /** Let the VF change its MAC, use promiscuous mode and the like. `null` = off. */
  readonly trust?: boolean | null;
  /** `null` = auto. */
  readonly linkState?: VfLinkState | null;
  /** Let the VF query the PF's RSS table and key. `null` = off. */
  readonly rssQuery?: boolean | null;
  /** InfiniBand node GUID, eight bytes in hex with colons. `null` = all zero. */
  readonly nodeGuid?: string | null;
  /** InfiniBand port GUID, eight bytes in hex with colons. `null` = all zero. */
  readonly portGuid?: string | null;
}

/** A VF as read back: {@link VfConfig} with what the driver does not report absent, and statistics if asked. */
export interface VfState extends VfConfig {
  /** Present when read with `stats: true` and the kernel gave them. */
  readonly stats?: VfStats;
}

/** Keys of {@link VfConfig} that the kernel sets one by one, in the order in which it applies them. */
export const VF_ATTRIBUTES = [
  'mac',
  'vlan',
  'rate',
  'spoofCheck',
  'linkState',
  'rssQuery',
  'trust',
  'nodeGuid',
  'portGuid',
] as const;

/** One settable attribute of a VF. */
export type VfAttribute = (typeof VF_ATTRIBUTES)[number];
