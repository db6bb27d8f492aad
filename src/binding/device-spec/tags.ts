/**
 * Tags of a device spec: reading them, and comparing them with what a port asks for.
 *
 * Owns both. A tag says something of the functions that a spec matches and never decides which those are,
 * except `remote_managed` (`match.ts`).
 */
import type { DeviceSpec, DeviceTag } from './device-spec.ts';
import type { RefuseField } from './error.ts';

/** Yes or no. Nova parses `managed`, `live_migratable` and `one_time_use` strictly; here all five are. */
const BOOLEAN_TAGS: ReadonlySet<string> = new Set([
  'trusted',
  'remote_managed',
  'managed',
  'live_migratable',
  'one_time_use',
]);

/** The words of oslo.utils' `bool_from_string`. */
const YES: ReadonlySet<string> = new Set(['1', 't', 'true', 'on', 'y', 'yes']);
const NO: ReadonlySet<string> = new Set(['0', 'f', 'false', 'off', 'n', 'no']);

/** Longest `physical_network`, as in Neutron's database. */
const MAX_PHYSICAL_NETWORK = 64;

/** Reads the keys of a spec that are no selectors. Null and undefined are absent. */
export function parseTags(
  entries: readonly (readonly [string, unknown])[],
  refuse: RefuseField,
): Readonly<Record<string, DeviceTag>> {
  const tags: [string, DeviceTag][] = [];
  for (const [key, value] of entries) {
    if (value !== null && value !== undefined) tags.push([key, parseTag(key, value, refuse)]);
  }
  return Object.freeze(Object.fromEntries(tags));
}

function parseTag(key: string, value: unknown, refuse: RefuseField): DeviceTag {
  if (BOOLEAN_TAGS.has(key)) return parseBoolean(key, value, refuse);
  if (key === 'physical_network') return parsePhysicalNetwork(value, refuse);
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return Object.freeze([...value]);
  }
  throw refuse(key, value, 'a tag must be text, a number, a boolean or a list of texts');
}

function parseBoolean(key: string, value: unknown, refuse: RefuseField): 'true' | 'false' {
  const isSimple = typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number';
  const word = isSimple ? String(value).trim().toLowerCase() : '';
  if (YES.has(word)) return 'true';
  if (NO.has(word)) return 'false';
  throw refuse(key, value, 'must be true or false (or 1, t, on, y, yes; 0, f, off, n, no)');
}

function parsePhysicalNetwork(value: unknown, refuse: RefuseField): string {
  if (typeof value === 'string' && value.trim() !== '' && value.length <= MAX_PHYSICAL_NETWORK) return value;
  throw refuse(
    'physical_network',
    value,
    `must be text of 1 to ${MAX_PHYSICAL_NETWORK} characters; null = no physical network`,
  );
}

/** What a request asks of tags: undefined = nothing, null = the spec must not have the tag. */
export type WantedTags = Readonly<Record<string, string | boolean | readonly string[] | null | undefined>>;

/**
 * Whether a spec's tags are as wanted. Source: `pci_device_prop_match()` in nova/pci/utils.py.
 *
 * Text is compared without regard to case; true and false stand for `true` and `false`. A wanted list must be
 * a subset of the spec's list, case regarded. A tag that is asked for and absent is no match, so
 * `trusted: false` asks for a spec that says so: leave it out when trust does not matter. Absent
 * `remote_managed` is `false`. Tags that are not asked for don't matter.
 */
export function tagsMatch(wanted: WantedTags, spec: Pick<DeviceSpec, 'tags'>): boolean {
  return Object.entries(wanted).every(([key, want]) => {
    if (want === undefined) return true;
    const have = Object.hasOwn(spec.tags, key) ? spec.tags[key] : undefined;
    return tagMatches(want, have ?? (key === 'remote_managed' ? 'false' : null));
  });
}

function tagMatches(want: string | boolean | readonly string[] | null, have: DeviceTag | null): boolean {
  if (want === null || have === null) return want === have;
  if (typeof want === 'object') return typeof have === 'object' && want.every((item) => have.includes(item));
  return typeof have === 'string' && have.toLowerCase() === String(want).toLowerCase();
}
