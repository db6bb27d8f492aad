/**
 * One row of a table, as a view: nothing is copied or formatted before it is asked for.
 *
 * Owns the way back from columns to words.
 */
import { formatBytes, formatGuid } from './address.ts';
import type { VfLinkState, VfRate, VfState, VfStats, VfVlan } from './config.ts';
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
  PROTO_8021AD,
  PROTO_8021Q,
} from './layout.ts';
import type { VfTable } from './table.ts';

const LINK_STATES: readonly VfLinkState[] = ['auto', 'enable', 'disable'];

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** One VF of a {@link VfTable}. Every attribute is undefined where the table does not have it. */
export class VfRow {
  readonly #table: VfTable;
  readonly #row: number;

  /** @internal */
  constructor(table: VfTable, row: number) {
    this.#table = table;
    this.#row = row;
  }

  get vf(): number {
    return this.#cell(COLUMN_VF);
  }

  /** Admin MAC in lower case; all zero means that none is set. */
  get mac(): string | undefined {
    const table = this.#table;
    return this.#has(FIELD_MAC) ? formatBytes(table.bytes, table.macAt + this.#row * 8, 6) : undefined;
  }

  /** `null` = no VLAN. */
  get vlan(): VfVlan | null | undefined {
    if (!this.#has(FIELD_VLAN)) return undefined;
    const id = this.#cell(COLUMN_VLAN_ID);
    const qos = this.#cell(COLUMN_VLAN_QOS);
    return id === 0 && qos === 0 ? null : { id, qos, proto: protoText(this.#cell(COLUMN_VLAN_PROTO)) };
  }

  /** Limits in Mbit/s; 0 = none. */
  get rate(): VfRate | undefined {
    const rate: Writable<VfRate> = {};
    if (this.#has(FIELD_RATE_MIN)) rate.min = this.#cell(COLUMN_RATE_MIN);
    if (this.#has(FIELD_RATE_MAX)) rate.max = this.#cell(COLUMN_RATE_MAX);
    return rate.min === undefined && rate.max === undefined ? undefined : rate;
  }

  get spoofCheck(): boolean | undefined {
    return this.#switch(FIELD_SPOOF_CHECK, COLUMN_SPOOF_CHECK);
  }

  get trust(): boolean | undefined {
    return this.#switch(FIELD_TRUST, COLUMN_TRUST);
  }

  get rssQuery(): boolean | undefined {
    return this.#switch(FIELD_RSS_QUERY, COLUMN_RSS_QUERY);
  }

  /** `auto` is also what a driver without this setting reports. */
  get linkState(): VfLinkState | undefined {
    return this.#has(FIELD_LINK_STATE) ? LINK_STATES[this.#cell(COLUMN_LINK_STATE)] : undefined;
  }

  get nodeGuid(): string | undefined {
    return this.#has(FIELD_NODE_GUID) ? formatGuid(this.#wide(0)) : undefined;
  }

  get portGuid(): string | undefined {
    return this.#has(FIELD_PORT_GUID) ? formatGuid(this.#wide(1)) : undefined;
  }

  get stats(): VfStats | undefined {
    if (!this.#has(FIELD_STATS)) return undefined;
    return {
      rxPackets: this.#wide(2),
      txPackets: this.#wide(3),
      rxBytes: this.#wide(4),
      txBytes: this.#wide(5),
      broadcast: this.#wide(6),
      multicast: this.#wide(7),
      rxDropped: this.#wide(8),
      txDropped: this.#wide(9),
    };
  }

  /** The row as a plain object. */
  toConfig(): VfState {
    const config: Writable<VfState> = { vf: this.vf };
    const { mac, vlan, rate, spoofCheck, trust, linkState, rssQuery, nodeGuid, portGuid, stats } = this;
    if (mac !== undefined) config.mac = mac;
    if (vlan !== undefined) config.vlan = vlan;
    if (rate !== undefined) config.rate = rate;
    if (spoofCheck !== undefined) config.spoofCheck = spoofCheck;
    if (trust !== undefined) config.trust = trust;
    if (linkState !== undefined) config.linkState = linkState;
    if (rssQuery !== undefined) config.rssQuery = rssQuery;
    if (nodeGuid !== undefined) config.nodeGuid = nodeGuid;
    if (portGuid !== undefined) config.portGuid = portGuid;
    if (stats !== undefined) config.stats = stats;
    return config;
  }

  /** Makes `JSON.stringify` show the row; counters become text, since JSON has no 64-bit integers. */
  toJSON(): unknown {
    const { stats, ...config } = this.toConfig();
    if (stats === undefined) return config;
    return { ...config, stats: Object.fromEntries(Object.entries(stats).map(([k, v]) => [k, String(v)])) };
  }

  #has(field: number): boolean {
    return (this.#cell(COLUMN_MASK) & field) !== 0;
  }

  #cell(column: number): number {
    const table = this.#table;
    return table.words[table.columnAt(column) + this.#row] as number;
  }

  #switch(field: number, column: number): boolean | undefined {
    return this.#has(field) ? this.#cell(column) !== 0 : undefined;
  }

  #wide(column: number): bigint {
    return this.#table.wide()[column * this.#table.capacity + this.#row] as bigint;
  }
}

/** A protocol of 0 is what a VF reports that never had a VLAN. */
function protoText(proto: number): NonNullable<VfVlan['proto']> {
  if (proto === PROTO_8021Q || proto === 0) return '802.1Q';
  return proto === PROTO_8021AD ? '802.1ad' : `0x${proto.toString(16).padStart(4, '0')}`;
}
