/**
 * `--binding:profile` as the clients of OpenStack write it: `key=value`, repeated or after `type=dict`, or JSON.
 *
 * Owns this grammar. What the keys mean and which values they take is checked with the rest of the port.
 */
import { UsageError } from '../usage-error.ts';

const FLAG = '--binding:profile';

/** Keys that are no text; on a command line everything is. */
const VALUE: Readonly<Record<string, (text: string) => unknown>> = {
  vf_num: (text) => (/^\d+$/.test(text) ? Number(text) : text),
  capabilities: (text) => text.split(',').map((part) => part.trim()),
};

function fromJson(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${FLAG} ${text}: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(`${FLAG} ${text}: expected an object`);
  }
  return value as Record<string, unknown>;
}

function fromPair(pair: string): Record<string, unknown> {
  const at = pair.indexOf('=');
  const key = pair.slice(0, at).trim();
  if (at < 0 || key === '') throw new UsageError(`${FLAG} ${pair}: expected key=value or JSON`);
  const value = pair.slice(at + 1).trim();
  return { [key]: VALUE[key]?.(value) ?? value };
}

/** `key=value,key=value` after `type=dict`; a comma that begins no new key belongs to the value. */
function fromDict(text: string): Record<string, unknown> {
  return Object.assign({}, ...text.split(/,(?=[^,={}]+=)/).map(fromPair)) as Record<string, unknown>;
}

/** Words that belong to a profile, among words that stand alone. */
export function isProfileWord(word: string): boolean {
  return word.startsWith('{') || word.includes('=');
}

/**
 * The profile of all words together, or undefined when there are none. A later word wins.
 *
 * @param values - of the option, in order
 * @param loose - words that followed `type=dict`, which the shell hands over as words of their own
 * @throws UsageError - neither `key=value` nor a JSON object, or loose words without `type=dict`
 */
export function parseProfileWords(
  values: readonly string[],
  loose: readonly string[],
): Record<string, unknown> | undefined {
  const dict = values.some((value) => /^type=dict(,|$)/.test(value));
  const [stray] = loose;
  if (stray !== undefined && !dict) {
    throw new UsageError(`"${stray}" stands alone; write ${FLAG} ${stray}`);
  }
  if (values.length === 0) return undefined;
  const parts = [...values, ...loose].map((value) => {
    const rest = value.replace(/^type=dict(,|$)/, '');
    if (rest === '') return {};
    if (rest.startsWith('{')) return fromJson(rest);
    return rest !== value || loose.includes(value) ? fromDict(rest) : fromPair(rest);
  });
  return Object.assign({}, ...parts) as Record<string, unknown>;
}
