/**
 * The grammar of `sriov set`: pairs of word and value, turned into VF settings.
 *
 * Owns how words may stand together. What a single word does is in `words.ts`.
 */
import { suggestion } from '../suggest.ts';
import { UsageError } from './usage-error.ts';
import { type Parts, SET_WORDS, type VfSettings, type Word } from './words.ts';

const BY_NAME: ReadonlyMap<string, Word> = new Map(
  SET_WORDS.flatMap((entry) => [entry.word, ...(entry.synonyms ?? [])].map((name) => [name, entry] as const)),
);

function find(given: string): Word {
  const entry = BY_NAME.get(given.replaceAll('_', '-'));
  if (entry !== undefined) return entry;
  const known = SET_WORDS.map(({ word }) => word);
  throw new UsageError(`unknown word "${given}"; ${suggestion(given, known)}`);
}

/** `setBy`: which word has set what so far. */
function refuseTwice(entry: Word, setBy: Map<string, string>): void {
  for (const what of entry.sets ?? [entry.word]) {
    const other = setBy.get(what);
    if (other === entry.word) throw new UsageError(`${entry.word} is given twice`);
    if (other !== undefined)
      throw new UsageError(`${other} and ${entry.word} set the same thing; give one of them`);
    setBy.set(what, entry.word);
  }
}

/** The kernel sets VLAN, QoS and protocol together (struct ifla_vf_vlan_info), so they are asked for together. */
function withVlanParts({ settings, qos, proto }: Parts): VfSettings {
  if (qos === undefined && proto === undefined) {
    return settings.vlan?.id === 0 ? { ...settings, vlan: null } : settings;
  }
  if (settings.vlan === undefined || settings.vlan === null) {
    const word = qos === undefined ? 'proto' : 'qos';
    throw new UsageError(
      `${word} needs "vlan ID" beside it: the kernel sets VLAN, QoS and protocol together`,
    );
  }
  const parts = { ...(qos === undefined ? {} : { qos }), ...(proto === undefined ? {} : { proto }) };
  return { ...settings, vlan: { ...settings.vlan, ...parts } };
}

/**
 * Settings that the words ask for.
 *
 * @throws UsageError on an unknown word (with the nearest known one), a missing or malformed value, two
 *   words that set the same thing, and `qos` or `proto` without `vlan`
 */
export function parseSetWords(words: readonly string[]): VfSettings {
  const parts: Parts = { settings: {} };
  const setBy = new Map<string, string>();
  for (let index = 0; index < words.length; index += 2) {
    const entry = find(words[index] ?? '');
    const value = words[index + 1];
    if (value === undefined) throw new UsageError(`${entry.word} needs a value: ${entry.values}`);
    refuseTwice(entry, setBy);
    entry.take(value, parts);
  }
  return withVlanParts(parts);
}
