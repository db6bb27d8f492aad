/**
 * From plain objects to the table: checks every value and writes it into its column.
 *
 * Owns the ranges and what is said when a value is out of them. This is a hot path: a thousand VFs go
 * through here for each message, so nothing is allocated for what is right.
 */
import { InvalidConfigError } from '../errors.ts';
import { parseBytes, parseGuid } from './address.ts';
import type { VfConfig, VfRate, VfVlan } from './config.ts';
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
  FIELD_TRUST,
  FIELD_VLAN,
  HEAD_ROWS,
  MAX_ROWS,
  PROTO_8021AD,
  PROTO_8021Q,
} from './layout.ts';
import type { VfTable } from './table.ts';

/** Highest VF number: PCIe's NumVFs has 16 bits, so there are at most 65535 VFs. */
const MAX_VF = MAX_ROWS - 2;
/** The kernel compares rates as signed 32-bit numbers (rtnl_set_vf_rate). */
const MAX_RATE = 0x7fffffff;
const KNOWN_KEYS = 'vf, mac, vlan, rate, spoofCheck, trust, linkState, rssQuery, nodeGuid, portGuid';

/** By VF: the number of the call in which it was last seen, to find one that is named twice. */
const seenIn = new Uint32Array(MAX_ROWS);
let call = 0;

/** @throws InvalidConfigError - it is no list, or one longer than a PF can have VFs */
export function requireList(configs: unknown): asserts configs is readonly VfConfig[] {
  if (!Array.isArray(configs)) {
    throw new InvalidConfigError(`a list of VF settings is wanted, not ${show(configs)}`);
  }
  if (configs.length > MAX_VF + 1) {
    throw new InvalidConfigError(`${configs.length} VFs are more than a PF can have (${MAX_VF + 1})`);
  }
}

/** Writes `configs`, a list that `table` has room for, into it in place of what it held. */
export function fillTable(table: VfTable, configs: readonly VfConfig[]): void {
  call = (call + 1) >>> 0;
  if (call === 0) {
    seenIn.fill(0);
    call = 1;
  }
  const { words, capacity } = table;
  const base = table.columnAt(0);
  for (let row = 0; row < configs.length; row++) {
    const config = configs[row] as VfConfig;
    if (typeof config !== 'object' || config === null) {
      throw new InvalidConfigError(
        `entry ${row}: an object with at least { vf } is wanted, not ${show(config)}`,
      );
    }
    const { vf, mac, vlan, rate, spoofCheck, trust, linkState, rssQuery, nodeGuid, portGuid } = config;
    if (!Number.isInteger(vf) || vf < 0 || vf > MAX_VF) {
      throw new InvalidConfigError(
        `entry ${row}: vf must be a whole number from 0 to ${MAX_VF}, not ${show(vf)}`,
      );
    }
    if (seenIn[vf] === call) throw new InvalidConfigError(`entry ${row}: VF ${vf} is named twice`, { vf });
    seenIn[vf] = call;
    let known = 1;
    let mask = 0;
    if (mac !== undefined) {
      known++;
      mask |= FIELD_MAC;
      fillMac(table, row, vf, mac);
    }
    if (vlan !== undefined) {
      known++;
      mask |= FIELD_VLAN;
      fillVlan(words, base + row, capacity, vf, vlan);
    }
    if (rate !== undefined) {
      known++;
      mask |= fillRate(words, base + row, capacity, vf, rate);
    }
    if (spoofCheck !== undefined) {
      known++;
      mask |= FIELD_SPOOF_CHECK;
      words[base + COLUMN_SPOOF_CHECK * capacity + row] = flag(vf, 'spoofCheck', spoofCheck);
    }
    if (trust !== undefined) {
      known++;
      mask |= FIELD_TRUST;
      words[base + COLUMN_TRUST * capacity + row] = flag(vf, 'trust', trust);
    }
    if (linkState !== undefined) {
      known++;
      mask |= FIELD_LINK_STATE;
      words[base + COLUMN_LINK_STATE * capacity + row] = linkStateNumber(vf, linkState);
    }
    if (rssQuery !== undefined) {
      known++;
      mask |= FIELD_RSS_QUERY;
      words[base + COLUMN_RSS_QUERY * capacity + row] = flag(vf, 'rssQuery', rssQuery);
    }
    if (nodeGuid !== undefined) {
      known++;
      mask |= FIELD_NODE_GUID;
      table.wide()[row] = guid(vf, 'nodeGuid', nodeGuid);
    }
    if (portGuid !== undefined) {
      known++;
      mask |= FIELD_PORT_GUID;
      table.wide()[capacity + row] = guid(vf, 'portGuid', portGuid);
    }
    let keys = 0;
    for (const _ in config) keys++;
    if (keys !== known) refuseUnknownKeys(config, vf);
    words[base + COLUMN_MASK * capacity + row] = mask;
    words[base + COLUMN_VF * capacity + row] = vf;
  }
  words[HEAD_ROWS] = configs.length;
}

function fillMac(table: VfTable, row: number, vf: number, mac: string | null): void {
  const at = table.macAt + row * 8;
  const { bytes } = table;
  if (mac === null) {
    bytes.fill(0, at, at + 6);
    return;
  }
  if (typeof mac !== 'string' || !parseBytes(mac, 6, bytes, at)) {
    throw wrong(
      vf,
      'mac',
      mac,
      'six bytes in hex with colons, such as 02:00:00:00:00:01, or null to clear it',
    );
  }
  if (((bytes[at] as number) & 1) !== 0) {
    throw wrong(vf, 'mac', mac, 'a unicast address: the lowest bit of the first byte must be 0');
  }
}

function fillVlan(words: Uint32Array, at: number, capacity: number, vf: number, vlan: VfVlan | null): void {
  let id = 0;
  let qos = 0;
  let proto = PROTO_8021Q;
  if (vlan !== null) {
    if (typeof vlan !== 'object') throw wrong(vf, 'vlan', vlan, '{ id, qos, proto } or null');
    id = wholeNumber(vf, 'vlan', 'vlan.id', vlan.id, 4095);
    if (vlan.qos !== undefined) qos = wholeNumber(vf, 'vlan', 'vlan.qos', vlan.qos, 7);
    if (vlan.proto !== undefined) proto = protoNumber(vf, vlan.proto);
    for (const key in vlan) {
      if (key !== 'id' && key !== 'qos' && key !== 'proto')
        throw unknownKey(vf, 'vlan', key, 'id, qos, proto');
    }
  }
  words[at + COLUMN_VLAN_ID * capacity] = id;
  words[at + COLUMN_VLAN_QOS * capacity] = qos;
  words[at + COLUMN_VLAN_PROTO * capacity] = proto;
}

function fillRate(words: Uint32Array, at: number, capacity: number, vf: number, rate: VfRate | null): number {
  if (rate === null) {
    words[at + COLUMN_RATE_MIN * capacity] = 0;
    words[at + COLUMN_RATE_MAX * capacity] = 0;
    return FIELD_RATE_MIN | FIELD_RATE_MAX;
  }
  if (typeof rate !== 'object') throw wrong(vf, 'rate', rate, '{ min, max } in Mbit/s, or null');
  for (const key in rate) {
    if (key !== 'min' && key !== 'max') throw unknownKey(vf, 'rate', key, 'min, max');
  }
  const { min, max } = rate;
  let mask = 0;
  if (min !== undefined) {
    words[at + COLUMN_RATE_MIN * capacity] = wholeNumber(vf, 'rate', 'rate.min', min, MAX_RATE);
    mask |= FIELD_RATE_MIN;
  }
  if (max !== undefined) {
    words[at + COLUMN_RATE_MAX * capacity] = wholeNumber(vf, 'rate', 'rate.max', max, MAX_RATE);
    mask |= FIELD_RATE_MAX;
  }
  if (mask === 0) throw wrong(vf, 'rate', rate, 'min, max or both, in Mbit/s, or null to clear them');
  if (min !== undefined && max !== undefined && max !== 0 && min > max) {
    throw wrong(vf, 'rate', rate, 'min not above max (a max of 0 is no limit)');
  }
  return mask;
}

function wholeNumber(vf: number, attribute: string, name: string, value: unknown, most: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most) {
    const unit = attribute === 'rate' ? ' (Mbit/s)' : '';
    throw new InvalidConfigError(
      `VF ${vf}: ${name} must be a whole number from 0 to ${most}${unit}, not ${show(value)}`,
      { vf, attribute },
    );
  }
  return value;
}

function protoNumber(vf: number, proto: unknown): number {
  if (proto === '802.1Q') return PROTO_8021Q;
  if (proto === '802.1ad') return PROTO_8021AD;
  throw new InvalidConfigError(`VF ${vf}: vlan.proto must be '802.1Q' or '802.1ad', not ${show(proto)}`, {
    vf,
    attribute: 'vlan',
  });
}

function flag(vf: number, attribute: string, value: boolean | null): number {
  if (value === true) return 1;
  if (value === false || value === null) return 0;
  throw wrong(vf, attribute, value, 'true, false or null (off)');
}

function linkStateNumber(vf: number, value: unknown): number {
  if (value === 'auto' || value === null) return 0;
  if (value === 'enable') return 1;
  if (value === 'disable') return 2;
  throw wrong(vf, 'linkState', value, "'auto', 'enable', 'disable' or null (auto)");
}

function guid(vf: number, attribute: string, value: string | null): bigint {
  if (value === null) return 0n;
  const parsed = typeof value === 'string' ? parseGuid(value) : undefined;
  if (parsed === undefined)
    throw wrong(vf, attribute, value, 'eight bytes in hex with colons, or null to clear it');
  return parsed;
}

/** `stats` is what a read adds; it is not a setting, and taking it back is no mistake. */
function refuseUnknownKeys(config: VfConfig, vf: number): void {
  const known = KNOWN_KEYS.split(', ');
  for (const key in config) {
    if (!known.includes(key) && key !== 'stats') throw unknownKey(vf, undefined, key, KNOWN_KEYS);
  }
}

function unknownKey(
  vf: number,
  attribute: string | undefined,
  key: string,
  known: string,
): InvalidConfigError {
  const where = attribute === undefined ? '' : `${attribute}.`;
  const target = attribute === undefined ? { vf } : { vf, attribute };
  return new InvalidConfigError(
    `VF ${vf}: unknown key ${show(`${where}${key}`)}; known are ${known}`,
    target,
  );
}

function wrong(vf: number, attribute: string, value: unknown, wanted: string): InvalidConfigError {
  return new InvalidConfigError(`VF ${vf}: ${attribute} is ${show(value)}; wanted: ${wanted}`, {
    vf,
    attribute,
  });
}

function show(value: unknown): string {
  const text = typeof value === 'object' || typeof value === 'string' ? json(value) : plain(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** JSON has no words for NaN, symbols and the like. */
function plain(value: unknown): string {
  return typeof value === 'bigint' ? `${value}n` : String(value);
}

/** An alias in a YAML file can make an object that holds itself. */
function json(value: unknown): string {
  try {
    return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? plain(part) : part));
  } catch {
    return 'an object that holds itself';
  }
}
