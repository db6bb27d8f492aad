/**
 * The table of VFs: one row per VF, one column per attribute, in one buffer that the addon reads and writes.
 *
 * Owns the memory and its views. `fill.ts` puts plain objects in, `row.ts` gives them back.
 */
import type { VfConfig, VfState } from './config.ts';
import { fillTable, requireList } from './fill.ts';
import {
  BROADCAST_AT,
  COLUMN_MASK,
  COLUMN_VF,
  COLUMNS,
  FLAG_STATS,
  HEAD_ADDRESS_LENGTH,
  HEAD_CAPACITY,
  HEAD_FLAGS,
  HEAD_MAGIC,
  HEAD_NUM_VF,
  HEAD_ROWS,
  HEADER_BYTES,
  MAX_ROWS,
  STATS_COUNTERS,
  TABLE_MAGIC,
  tableBytes,
} from './layout.ts';
import { formatBytes } from './address.ts';
import { VfRow } from './row.ts';

/**
 * VFs and their settings. The same shape says what is wanted, what is there and what is to be changed; a
 * bit mask per row says which attributes count.
 *
 * Build one with {@link VfTable.from} and keep it: programming from a table needs no parsing.
 *
 * @example
 * const table = VfTable.from([{ vf: 0, mac: '02:00:00:00:00:01' }])
 * for (const row of table) console.log(row.vf, row.mac)
 */
export class VfTable implements Iterable<VfRow> {
  /** The whole table as the addon takes it. @internal */
  readonly bytes: Uint8Array;
  /** The same as u32. @internal */
  readonly words: Uint32Array;
  /** Rows that there is room for. @internal */
  readonly capacity: number;
  /** Place of the first MAC, in bytes. @internal */
  readonly macAt: number;
  #wide: BigUint64Array | undefined;

  /** Wraps the buffer of a table. @internal */
  constructor(buffer: ArrayBuffer) {
    this.bytes = new Uint8Array(buffer);
    this.words = new Uint32Array(buffer);
    this.capacity = this.words[HEAD_CAPACITY] as number;
    const wideColumns = this.hasStats ? 2 + STATS_COUNTERS : 2;
    this.macAt = HEADER_BYTES + this.capacity * 8 * wideColumns;
  }

  /** An empty table with room for `rows` rows. @internal */
  static allocate(rows: number): VfTable {
    const capacity = Math.min((rows + 1) & ~1, MAX_ROWS);
    const buffer = new ArrayBuffer(tableBytes(capacity, false));
    const head = new Uint32Array(buffer, 0, HEADER_BYTES / 4);
    head[HEAD_MAGIC] = TABLE_MAGIC;
    head[HEAD_CAPACITY] = capacity;
    return new VfTable(buffer);
  }

  /**
   * A table of these settings, one row for each.
   *
   * @throws InvalidConfigError - naming the entry and the key: a wrong type, a value out of range, a
   *   multicast MAC, an unknown key, a VF that is named twice
   */
  static from(configs: readonly VfConfig[]): VfTable {
    requireList(configs);
    const table = VfTable.allocate(configs.length);
    fillTable(table, configs);
    return table;
  }

  /** Number of rows. */
  get length(): number {
    return this.words[HEAD_ROWS] as number;
  }

  /** VFs that the PF has (`IFLA_NUM_VF`), in a table that was read; else 0. */
  get numVfs(): number {
    return this.words[HEAD_NUM_VF] as number;
  }

  /** Whether the table was read with statistics. */
  get hasStats(): boolean {
    return ((this.words[HEAD_FLAGS] as number) & FLAG_STATS) !== 0;
  }

  /**
   * The PF's broadcast address, which the kernel reports for each VF (`IFLA_VF_BROADCAST`, kernel 5.3);
   * undefined in a table that was not read, or if the kernel is older.
   */
  get broadcast(): string | undefined {
    const length = Math.min(this.words[HEAD_ADDRESS_LENGTH] as number, 32);
    const known =
      length > 0 && this.bytes.subarray(BROADCAST_AT, BROADCAST_AT + length).some((byte) => byte !== 0);
    return known ? formatBytes(this.bytes, BROADCAST_AT, length) : undefined;
  }

  /** Row `index`, counted from 0; rows are in the order in which they were given or read. */
  row(index: number): VfRow {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      throw new RangeError(`row ${index} is not in a table of ${this.length} rows`);
    }
    return new VfRow(this, index);
  }

  /** The row of VF `vf`, or undefined. */
  find(vf: number): VfRow | undefined {
    const row = this.rowOf(vf);
    return row < 0 ? undefined : new VfRow(this, row);
  }

  *[Symbol.iterator](): IterableIterator<VfRow> {
    for (let index = 0; index < this.length; index++) yield new VfRow(this, index);
  }

  /** The rows as plain objects, which `VfTable.from` takes back. What a row does not have is absent. */
  toConfigs(): VfState[] {
    return Array.from(this, (row) => row.toConfig());
  }

  /** Place of column `column` in {@link words}. @internal */
  columnAt(column: number): number {
    return (this.macAt + this.capacity * 8) / 4 + column * this.capacity;
  }

  /** Columns of u64: node GUID, port GUID, then the counters. @internal */
  wide(): BigUint64Array {
    const columns = (this.macAt - HEADER_BYTES) / 8;
    this.#wide ??= new BigUint64Array(this.bytes.buffer as ArrayBuffer, HEADER_BYTES, columns);
    return this.#wide;
  }

  /** Row index of VF `vf`, or -1. @internal */
  rowOf(vf: number): number {
    const { words } = this;
    const column = this.columnAt(COLUMN_VF);
    const rows = this.length;
    if (vf < rows && words[column + vf] === vf) return vf;
    for (let row = 0; row < rows; row++) if (words[column + row] === vf) return row;
    return -1;
  }

  /** Appends a copy of a row of another table, with the attributes of `mask` alone. @internal */
  appendFrom(from: VfTable, row: number, mask: number): void {
    const to = this.length;
    for (let column = 0; column < COLUMNS; column++) {
      this.words[this.columnAt(column) + to] = from.words[from.columnAt(column) + row] as number;
    }
    this.words[this.columnAt(COLUMN_MASK) + to] = mask;
    this.bytes.set(from.bytes.subarray(from.macAt + row * 8, from.macAt + row * 8 + 8), this.macAt + to * 8);
    this.wide()[to] = from.wide()[row] as bigint;
    this.wide()[this.capacity + to] = from.wide()[from.capacity + row] as bigint;
    this.words[HEAD_ROWS] = to + 1;
  }
}
