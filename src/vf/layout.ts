/**
 * Layout of the table of VFs: the twin of `native/rtnl/vf_table.h`, which draws it.
 *
 * Owns numbers only. A test compares them with the addon's.
 */

export const TABLE_MAGIC = 0x76665431;
export const HEADER_BYTES = 64;
/** A VF's number has 16 bits (PCIe, NumVFs). */
export const MAX_ROWS = 65536;
export const STATS_COUNTERS = 8;

/** Places in the header, in u32. */
export const HEAD_MAGIC = 0;
export const HEAD_CAPACITY = 1;
export const HEAD_ROWS = 2;
export const HEAD_NUM_VF = 3;
export const HEAD_FLAGS = 5;
export const HEAD_ADDRESS_LENGTH = 6;
export const FLAG_STATS = 1;
/** Place of the PF's broadcast address, in bytes. */
export const BROADCAST_AT = 32;

/** Bits of a row's mask. */
export const FIELD_MAC = 0x1;
export const FIELD_VLAN = 0x2;
export const FIELD_RATE_MIN = 0x4;
export const FIELD_RATE_MAX = 0x8;
export const FIELD_SPOOF_CHECK = 0x10;
export const FIELD_LINK_STATE = 0x20;
export const FIELD_RSS_QUERY = 0x40;
export const FIELD_TRUST = 0x80;
export const FIELD_NODE_GUID = 0x100;
export const FIELD_PORT_GUID = 0x200;
export const FIELD_STATS = 0x400;

/** Columns of u32. */
export const COLUMN_MASK = 0;
export const COLUMN_VF = 1;
export const COLUMN_VLAN_ID = 2;
export const COLUMN_VLAN_QOS = 3;
export const COLUMN_VLAN_PROTO = 4;
export const COLUMN_RATE_MIN = 5;
export const COLUMN_RATE_MAX = 6;
export const COLUMN_SPOOF_CHECK = 7;
export const COLUMN_LINK_STATE = 8;
export const COLUMN_RSS_QUERY = 9;
export const COLUMN_TRUST = 10;
export const COLUMNS = 11;

/** ETH_P_8021Q and ETH_P_8021AD (include/uapi/linux/if_ether.h). */
export const PROTO_8021Q = 0x8100;
export const PROTO_8021AD = 0x88a8;

/** Bytes of a table with room for `capacity` rows, an even number. */
export function tableBytes(capacity: number, stats: boolean): number {
  return HEADER_BYTES + capacity * ((stats ? 2 + STATS_COUNTERS : 2) * 8 + 8 + COLUMNS * 4);
}
