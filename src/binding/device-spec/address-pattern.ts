/**
 * The `address` of a device spec: a glob, or a regular expression for each field.
 *
 * Owns reading, writing and matching it. The text form of an address is that of src/pci/address.ts.
 */
import { formatPciAddress, parsePciAddress } from '../../pci/address.ts';
import type { RefuseField } from './error.ts';
import { isPlainObject } from './plain-object.ts';
import { compilePythonRegex } from './python-regex.ts';

const FIELDS = ['domain', 'bus', 'slot', 'function'] as const;
type Field = (typeof FIELDS)[number];

/** Largest value and width of each field. The domain has 32 bits: VMD and Hyper-V use more than 16. */
const LIMITS: Readonly<Record<Field, { readonly max: number; readonly width: number }>> = {
  domain: { max: 0xffffffff, width: 4 },
  bus: { max: 0xff, width: 2 },
  slot: { max: 0x1f, width: 2 },
  function: { max: 7, width: 1 },
};

/** Each field of an address in lower-case hexadecimal, as the kernel writes it: domain of at least 4 digits. */
export type AddressFields = Readonly<Record<Field, string>>;

/** A pattern of Python's, and what it became. */
export interface FieldRegex {
  readonly source: string;
  readonly expression: RegExp;
}

export type AddressPattern =
  /** Null = any value. */
  | { readonly kind: 'glob'; readonly fields: Readonly<Record<Field, string | null>> }
  /** Each matched from its start, not to its end. */
  | { readonly kind: 'regex'; readonly fields: Readonly<Record<Field, FieldRegex>> };

/** Every address; what a spec without address and devname has. */
export const ANY_ADDRESS: AddressPattern = Object.freeze({
  kind: 'glob',
  fields: Object.freeze({ domain: null, bus: null, slot: null, function: null }),
});

/** @throws InvalidConfigError - it is no PCI address */
export function addressFields(pciAddress: string): AddressFields {
  const [domain = '', bus = '', slot = '', fn = ''] = formatPciAddress(parsePciAddress(pciAddress)).split(
    /[:.]/,
  );
  return { domain, bus, slot, function: fn };
}

/** Reads the value of the key `address`, which is not blank. */
export function parseAddressPattern(value: unknown, refuse: RefuseField): AddressPattern {
  if (typeof value === 'string') return parseGlob(value, refuse);
  if (isPlainObject(value)) return parseRegex(value, refuse);
  throw refuse(
    'address',
    value,
    'must be text such as 0000:03:00.* or an object of regular expressions for domain, bus, slot, function',
  );
}

function parseGlob(text: string, refuse: RefuseField): AddressPattern {
  const dot = text.indexOf('.');
  const before = dot < 0 ? text : text.slice(0, dot);
  const parts = before.split(':');
  if (parts.length > 3) {
    throw refuse(
      'address',
      text,
      'must have at most 3 fields before the dot: [[domain:]bus:]slot[.function]',
    );
  }
  // Fields are left out from the left: `00.1` is a slot and a function.
  const [domain = '', bus = '', slot = ''] = [...Array<string>(3 - parts.length).fill(''), ...parts];
  const given = { domain, bus, slot, function: dot < 0 ? '' : text.slice(dot + 1) };
  const read = (field: Field): string | null => parseGlobField(field, given[field].trim(), refuse);
  return freeze({
    kind: 'glob',
    fields: { domain: read('domain'), bus: read('bus'), slot: read('slot'), function: read('function') },
  });
}

function parseGlobField(field: Field, text: string, refuse: RefuseField): string | null {
  if (text === '' || text === '*') return null;
  const { max, width } = LIMITS[field];
  return parseHex(`address.${field}`, text, max, width, refuse);
}

/**
 * A number in hexadecimal, with or without `0x`, in lower case and at least `width` digits wide.
 *
 * Python's int(), which Nova uses, takes signs and underscores as well; those are refused here.
 */
export function parseHex(
  field: string,
  text: string,
  max: number,
  width: number,
  refuse: RefuseField,
): string {
  if (!/^(?:0x)?[0-9a-f]+$/i.test(text)) {
    throw refuse(field, text, `must be hexadecimal, up to ${max.toString(16)}, or *`);
  }
  const value = Number.parseInt(text, 16);
  if (value > max) throw refuse(field, text, `is above the largest value, ${max.toString(16)}`);
  return value.toString(16).padStart(width, '0');
}

function parseRegex(value: Readonly<Record<string, unknown>>, refuse: RefuseField): AddressPattern {
  for (const key of Object.keys(value)) {
    // Nova ignores such a key, which leaves the field that was meant open to every value.
    if (!FIELDS.some((field) => field === key)) {
      throw refuse(`address.${key}`, value[key], `is not known; the fields are ${FIELDS.join(', ')}`);
    }
  }
  const read = (field: Field): FieldRegex => {
    const source = value[field] ?? '.*';
    if (typeof source !== 'string') {
      throw refuse(`address.${field}`, source, 'must be text, a regular expression');
    }
    const expression = compilePythonRegex(source);
    if (!(expression instanceof RegExp)) throw refuse(`address.${field}`, source, expression.reason);
    return Object.freeze({ source, expression });
  };
  return freeze({
    kind: 'regex',
    fields: { domain: read('domain'), bus: read('bus'), slot: read('slot'), function: read('function') },
  });
}

function freeze(pattern: AddressPattern): AddressPattern {
  Object.freeze(pattern.fields);
  return Object.freeze(pattern);
}

/** As `parseAddressPattern` reads it. */
export function formatAddressPattern(pattern: AddressPattern): string | Record<string, string> {
  if (pattern.kind === 'regex') {
    return Object.fromEntries(FIELDS.map((field) => [field, pattern.fields[field].source]));
  }
  const { domain, bus, slot, function: fn } = pattern.fields;
  return `${domain ?? '*'}:${bus ?? '*'}:${slot ?? '*'}.${fn ?? '*'}`;
}

export function matchesAddress(pattern: AddressPattern, address: AddressFields): boolean {
  return pattern.kind === 'glob'
    ? FIELDS.every((field) => (pattern.fields[field] ?? address[field]) === address[field])
    : FIELDS.every((field) => pattern.fields[field].expression.test(address[field]));
}

/**
 * Whether the pattern is this one address written out, as a glob or as a regular expression without any
 * special character. Only such a pattern can stand for a PF and thereby for its VFs.
 */
export function isExactly(pattern: AddressPattern, address: AddressFields): boolean {
  return pattern.kind === 'glob'
    ? FIELDS.every((field) => pattern.fields[field] === address[field])
    : FIELDS.every((field) => pattern.fields[field].source === address[field]);
}
