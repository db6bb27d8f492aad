/**
 * One source of configuration: what it says of each key, and where.
 *
 * Owns the check of keys and values of a source by itself; sources are laid over each other in `read.ts`.
 */
import type { z } from 'zod';
import { isPlainObject } from '../../binding/device-spec/plain-object.ts';
import { showValue } from '../../binding/device-spec/error.ts';
import { suggestion } from '../../suggest.ts';
import type { ConfigProblem } from './error.ts';
import type { ConfigKey } from './key.ts';
import { CONFIG_KEYS, configKey, wordsOf } from './keys.ts';

export type KeyPath = readonly (string | number)[];

/** Where the value at a path was written, or the last word of the path itself. */
export type WhereIs = (path: KeyPath, part?: 'word') => string;

/** What a source says of a key. */
export interface Said {
  readonly value: unknown;
  /** Of the value; for problems. */
  readonly where: string;
}

/** By path of the key; only what passed its check. */
export type Layer = ReadonlyMap<string, Said>;

/** Takes the keys out of nested data. */
export function layerOf(data: unknown, whereIs: WhereIs, problems: ConfigProblem[]): Layer {
  const layer = new Map<string, Said>();
  const refuse = (path: KeyPath, message: string): void => {
    problems.push({ where: whereIs(path), key: formatPath(path), message });
  };
  const enter = (section: string, value: unknown, at: readonly string[]): void => {
    // A section whose keys are all commented out.
    if (value === null || value === undefined) return;
    const known = wordsOf(section);
    if (!isPlainObject(value)) {
      refuse(at, `expected the keys ${known.join(', ')}, got ${showValue(value)}`);
      return;
    }
    for (const [word, inner] of Object.entries(value)) {
      const path = [...at, word];
      const name = path.join('.');
      const found = configKey(name);
      if (found !== undefined) {
        const said = { value: inner, where: whereIs(path) };
        if (isRight(found, said, whereIs, problems)) layer.set(name, said);
      } else if (known.includes(word)) enter(name, inner, path);
      else {
        problems.push({ where: whereIs(path, 'word'), key: name, message: unknownKey(word, known) });
      }
    }
  };
  enter('', data, []);
  return layer;
}

/** Checks one value; what is wrong goes to `problems`. */
export function isRight(
  key: ConfigKey,
  { value }: Said,
  whereIs: WhereIs,
  problems: ConfigProblem[],
): boolean {
  const checked = key.schema.safeParse(value);
  if (checked.success) return true;
  for (const issue of checked.error.issues.map(innermost)) {
    const inner = issue.path.filter((step) => typeof step !== 'symbol');
    const path = [...key.path.split('.'), ...inner];
    const message =
      issue.code === 'custom' && issue.message !== 'Invalid input'
        ? `${issue.message} (expected ${key.expected})`
        : `expected ${key.expected}, got ${showValue(valueAt(value, inner))}`;
    problems.push({ where: whereIs(path), key: formatPath(path), message });
  }
  return false;
}

type Issue = z.core.$ZodIssue;

/** Of a value that may have several forms: what is wrong with the form that fits best. */
function innermost(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  let best: Issue = issue;
  for (const [first] of issue.errors) {
    if (first === undefined) continue;
    const inner = innermost(first);
    const path = [...issue.path, ...inner.path];
    if (path.length > best.path.length) best = { ...inner, path };
  }
  return best;
}

function valueAt(value: unknown, path: KeyPath): unknown {
  let at = value;
  for (const step of path) at = (at as Readonly<Record<string | number, unknown>>)[step];
  return at;
}

/** A word that is right in another section is likelier meant than one that looks alike. */
function unknownKey(word: string, known: readonly string[]): string {
  const elsewhere = CONFIG_KEYS.find(({ path }) => path.endsWith(`.${word}`));
  return `unknown key, ${elsewhere === undefined ? suggestion(word, known) : `did you mean ${elsewhere.path}?`}`;
}

/** `policy.device_spec[0].address`. */
export function formatPath(path: KeyPath): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join('');
}
