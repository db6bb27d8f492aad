/**
 * What has to change: the part of what is wanted that is not so yet.
 *
 * Pure: two tables in, one out. `native/rtnl/vf_setting.cc` compares by the same rules.
 */
import {
  COLUMN_LINK_STATE,
  COLUMN_MASK,
  COLUMN_RATE_MAX,
  COLUMN_RATE_MIN,
  COLUMN_RSS_QUERY,
  COLUMN_SPOOF_CHECK,
  COLUMN_TRUST,
  COLUMN_VF,
  COLUMN_VLAN_ID,
  COLUMN_VLAN_PROTO,
  COLUMN_VLAN_QOS,
  FIELD_LINK_STATE,
  FIELD_MAC,
  FIELD_NODE_GUID,
  FIELD_PORT_GUID,
  FIELD_RATE_MAX,
  FIELD_RATE_MIN,
  FIELD_RSS_QUERY,
  FIELD_SPOOF_CHECK,
  FIELD_STATS,
  FIELD_TRUST,
  FIELD_VLAN,
  PROTO_8021Q,
} from './layout.ts';
import { VfTable } from './table.ts';

const PLAIN: readonly (readonly [field: number, column: number])[] = [
  [FIELD_RATE_MIN, COLUMN_RATE_MIN],
  [FIELD_RATE_MAX, COLUMN_RATE_MAX],
  [FIELD_SPOOF_CHECK, COLUMN_SPOOF_CHECK],
  [FIELD_LINK_STATE, COLUMN_LINK_STATE],
  [FIELD_RSS_QUERY, COLUMN_RSS_QUERY],
  [FIELD_TRUST, COLUMN_TRUST],
];

/**
 * The rows and attributes of `want` that `have` does not show: program these and `have` is as wanted.
 *
 * An attribute that `have` does not report, or a VF that it does not hold, counts as different. A minimum
 * or maximum rate stays alone if only it differs. Rows without a difference are left out.
 *
 * @example
 * const delta = diffVfs(VfTable.from(configs), await pf.readVfs())
 * if (delta.length > 0) await pf.programVfs(delta)
 */
export function diffVfs(want: VfTable, have: VfTable): VfTable {
  const delta = VfTable.allocate(want.length);
  const maskAt = want.columnAt(COLUMN_MASK);
  const vfAt = want.columnAt(COLUMN_VF);
  for (let row = 0; row < want.length; row++) {
    const wanted = (want.words[maskAt + row] as number) & ~FIELD_STATS;
    const haveRow = have.rowOf(want.words[vfAt + row] as number);
    const mask = haveRow < 0 ? wanted : differingFields(want, row, wanted, have, haveRow);
    if (mask !== 0) delta.appendFrom(want, row, mask);
  }
  return delta;
}

function differingFields(want: VfTable, row: number, wanted: number, have: VfTable, haveRow: number): number {
  const reported = have.words[have.columnAt(COLUMN_MASK) + haveRow] as number;
  const differs = (column: number): boolean =>
    want.words[want.columnAt(column) + row] !== have.words[have.columnAt(column) + haveRow];
  let mask = wanted & ~reported;
  const both = wanted & reported;
  if ((both & FIELD_MAC) !== 0 && !sameMac(want, row, have, haveRow)) mask |= FIELD_MAC;
  if ((both & FIELD_VLAN) !== 0 && !sameVlan(want, row, have, haveRow)) mask |= FIELD_VLAN;
  for (const [field, column] of PLAIN) if ((both & field) !== 0 && differs(column)) mask |= field;
  if ((both & FIELD_NODE_GUID) !== 0 && want.wide()[row] !== have.wide()[haveRow]) mask |= FIELD_NODE_GUID;
  const wantPort = want.capacity + row;
  const havePort = have.capacity + haveRow;
  if ((both & FIELD_PORT_GUID) !== 0 && want.wide()[wantPort] !== have.wide()[havePort])
    mask |= FIELD_PORT_GUID;
  return mask;
}

function sameMac(a: VfTable, aRow: number, b: VfTable, bRow: number): boolean {
  for (let i = 0; i < 6; i++) {
    if (a.bytes[a.macAt + aRow * 8 + i] !== b.bytes[b.macAt + bRow * 8 + i]) return false;
  }
  return true;
}

/** Without a VLAN there is no protocol to compare, and one that reads as 0 stands for 802.1Q. */
function sameVlan(a: VfTable, aRow: number, b: VfTable, bRow: number): boolean {
  const cell = (table: VfTable, column: number, row: number): number =>
    table.words[table.columnAt(column) + row] as number;
  const id = cell(a, COLUMN_VLAN_ID, aRow);
  const qos = cell(a, COLUMN_VLAN_QOS, aRow);
  if (id !== cell(b, COLUMN_VLAN_ID, bRow) || qos !== cell(b, COLUMN_VLAN_QOS, bRow)) return false;
  const proto =
    (cell(a, COLUMN_VLAN_PROTO, aRow) || PROTO_8021Q) === (cell(b, COLUMN_VLAN_PROTO, bRow) || PROTO_8021Q);
  return proto || (id === 0 && qos === 0);
}
