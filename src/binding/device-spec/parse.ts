/**
 * Reads Nova's `[pci] device_spec` (once `passthrough_whitelist`).
 *
 * Owns the forms it may have, and its keys that select functions. It asks no kernel: whether an address is a
 * PF's is seen when a function is matched.
 */
import { ANY_ADDRESS, parseAddressPattern, parseHex, type AddressPattern } from './address-pattern.ts';
import type { DeviceSpec } from './device-spec.ts';
import { InvalidDeviceSpecError, type RefuseField } from './error.ts';
import { isPlainObject } from './plain-object.ts';
import { parseTags } from './tags.ts';

export interface DeviceSpecOptions {
  /**
   * Nova's `[pci] report_in_placement`, for a configuration that is shared with it: with it `devname` is
   * refused, without it `one_time_use`. Default false.
   */
  readonly reportInPlacement?: boolean;
}

/** Keys that select functions; all others are tags. */
const SELECTORS: ReadonlySet<string> = new Set(['vendor_id', 'product_id', 'address', 'devname']);
/** IFNAMSIZ - 1, in bytes. */
const MAX_DEVNAME = 15;

/**
 * Reads device specs: JSON text of an object or of a list of objects, the same as a value, or a list of such
 * texts, as an option that may be given several times yields it. Their order is kept: the first match wins.
 *
 * As in Nova (nova/pci/devspec.py): `vendor_id` and `product_id` in hexadecimal up to ffff or `*`; `address` as
 * glob `[[[domain:]bus:]slot][.function]` or as object of Python's regular expressions, which match from the
 * start of each field, case regarded; or `devname`; absent or blank = any. Everything else is a tag.
 *
 * Other than in Nova: domains have 32 bits (Nova: 16 in globs); `trusted` and `remote_managed` must be yes or
 * no; an unknown key within `address`, a `devname` that can't exist and a blank `physical_network` are refused;
 * so is a regular expression that can't be said in JavaScript.
 *
 * @throws InvalidDeviceSpecError - it names the entry, the field, what was given and what would be taken
 */
export function parseDeviceSpecs(value: unknown, options: DeviceSpecOptions = {}): DeviceSpec[] {
  return listEntries(value).map(([entry, spec]) => parseEntry(entry, spec, options));
}

type Entry = readonly [name: string, spec: unknown];

function listEntries(value: unknown): readonly Entry[] {
  // A list may hold objects and texts, but no lists: those are within a text.
  return listOf('device_spec', value).flatMap(([name, item]): readonly Entry[] =>
    typeof item === 'string' && typeof value !== 'string'
      ? listOf(name, item).map(([inner, spec]) => [isList(item) ? inner : name, spec])
      : [[name, item]],
  );
}

function isList(json: string): boolean {
  return json.trimStart().startsWith('[');
}

function listOf(name: string, value: unknown): readonly Entry[] {
  const parsed = typeof value === 'string' ? parseJson(name, value) : value;
  if (Array.isArray(parsed)) {
    return Array.from(parsed, (item: unknown, index): Entry => [`${name}[${index}]`, item]);
  }
  if (isPlainObject(parsed)) return [[`${name}[0]`, parsed]];
  throw new InvalidDeviceSpecError(name, null, value, 'must be a JSON object or a list of objects');
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new InvalidDeviceSpecError(name, null, text, 'is not JSON; an object or a list of objects is');
  }
}

function parseEntry(
  entry: string,
  spec: unknown,
  { reportInPlacement = false }: DeviceSpecOptions,
): DeviceSpec {
  const refuse: RefuseField = (field, given, limit) => new InvalidDeviceSpecError(entry, field, given, limit);
  if (!isPlainObject(spec)) throw refuse(null, spec, 'must be an object');
  const devname = parseDevname(own(spec, 'devname'), refuse);
  const address = parseAddress(own(spec, 'address'), refuse);
  if (devname !== null && address !== null) {
    throw refuse('devname', devname, 'only one of address and devname may be given');
  }
  if (devname !== null && reportInPlacement) {
    throw refuse('devname', devname, 'must not be used with report_in_placement; give the address');
  }
  const tags = parseTags(
    Object.entries(spec).filter(([key]) => !SELECTORS.has(key)),
    refuse,
  );
  if (tags['one_time_use'] === 'true' && !reportInPlacement) {
    throw refuse('one_time_use', spec['one_time_use'], 'may be true with report_in_placement only');
  }
  return Object.freeze({
    vendorId: parseId('vendor_id', own(spec, 'vendor_id'), refuse),
    productId: parseId('product_id', own(spec, 'product_id'), refuse),
    devname,
    address: devname === null ? (address ?? ANY_ADDRESS) : null,
    tags,
  });
}

function own(spec: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(spec, key) ? spec[key] : undefined;
}

function parseId(field: string, value: unknown, refuse: RefuseField): string | null {
  if (value === undefined) return null;
  // A number is refused: JSON has decimal ones only, and 8086 is meant as hexadecimal.
  if (typeof value !== 'string') throw refuse(field, value, 'must be text in hexadecimal, up to ffff, or *');
  const text = value.trim();
  return text === '*' ? null : parseHex(field, text, 0xffff, 4, refuse);
}

function parseDevname(value: unknown, refuse: RefuseField): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw refuse('devname', value, 'must be the name of a network device');
  const name = value.trim();
  if (name === '') return null;
  // The rules of dev_valid_name() in the kernel's net/core/dev.c.
  if (Buffer.byteLength(name) > MAX_DEVNAME || /[/:\s]/.test(name) || name === '.' || name === '..') {
    throw refuse(
      'devname',
      value,
      `must be the name of a network device: up to ${MAX_DEVNAME} bytes, without blank, slash or colon`,
    );
  }
  return name;
}

/** Null = absent or blank. */
function parseAddress(value: unknown, refuse: RefuseField): AddressPattern | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' && value.trim() === '') return null;
  if (isPlainObject(value) && Object.keys(value).length === 0) return null;
  return parseAddressPattern(value, refuse);
}
