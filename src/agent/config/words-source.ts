/**
 * Configuration by words: variables of the environment, and flags.
 *
 * Owns the names of both, and how a text becomes the value that the file would have.
 */
import { resolve } from 'node:path';
import { nearest } from '../../suggest.ts';
import type { ConfigProblem } from './error.ts';
import { type ConfigKey, VARIABLE_START, variableOf } from './key.ts';
import { CONFIG_KEYS, configKey } from './keys.ts';
import { isRight, type Layer, type Said } from './layer.ts';

/** What the command line says; each is over the file and the environment. */
export interface AgentFlags {
  /** `KEY=VALUE` each, such as `reconcile.poll_s=60`; of one key the last counts. */
  readonly set?: readonly string[];
  /** Over `set`, as are the others below. */
  readonly host?: string;
  /** A relative path is one from the working directory. */
  readonly store?: string;
  readonly logLevel?: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export function environmentLayer(environment: Environment, problems: ConfigProblem[]): Layer {
  const layer = new Map<string, Said>();
  const known = new Map(CONFIG_KEYS.map((key) => [variableOf(key), key]));
  for (const [name, text] of Object.entries(environment)) {
    if (text === undefined || !name.startsWith(VARIABLE_START)) continue;
    const key = known.get(name);
    if (key === undefined) {
      const message = `unknown variable, ${meant(name, [...known.keys()], 'KEY is written SRIOV_AGENT_SECTION_KEY')}`;
      problems.push({ where: name, key: '', message });
    } else take(layer, key, text, name, problems);
  }
  return layer;
}

export function flagsLayer(flags: AgentFlags, problems: ConfigProblem[]): Layer {
  const layer = new Map<string, Said>();
  for (const pair of flags.set ?? []) {
    const equals = pair.indexOf('=');
    const path = (equals < 0 ? pair : pair.slice(0, equals)).trim();
    const where = `--set ${path}`;
    const key = configKey(path);
    if (key === undefined) {
      const paths = CONFIG_KEYS.map((one) => one.path);
      problems.push({
        where,
        key: '',
        message: `unknown key, ${meant(path, paths, 'write it as in the file: reconcile.poll_s')}`,
      });
    } else if (equals < 0) problems.push({ where, key: path, message: `expected ${path}=VALUE` });
    else take(layer, key, pair.slice(equals + 1), where, problems);
  }
  const { host, store, logLevel } = flags;
  for (const [path, flag, text] of [
    ['host', '--host', host],
    ['store', '--store', store === undefined || store === '' ? store : resolve(store)],
    ['log.level', '--log-level', logLevel],
  ] as const) {
    const key = configKey(path);
    if (text !== undefined && key !== undefined) take(layer, key, text, flag, problems);
  }
  return layer;
}

function take(
  layer: Map<string, Said>,
  key: ConfigKey,
  text: string,
  where: string,
  problems: ConfigProblem[],
): void {
  // A list of names may be empty. An empty list of PFs is hardly meant by a variable that is set to nothing.
  if (text.trim() === '' && key.kind !== 'names') {
    problems.push({ where, key: key.path, message: `has no value; expected ${key.expected}` });
    return;
  }
  const said = { value: valueOf(key, text), where };
  if (isRight(key, said, () => where, problems)) layer.set(key.path, said);
}

/** A text that can't be the value stays text, so that the check shows it as it was written. */
function valueOf({ kind, schema }: ConfigKey, text: string): unknown {
  const word = text.trim();
  if (word === 'null' && schema.safeParse(null).success) return null;
  switch (kind) {
    case 'integer':
      return integerOf(word);
    case 'boolean':
      return word === 'true' ? true : word === 'false' ? false : text;
    case 'names':
      return itemsOf(word).map(integerOf);
    case 'list':
      return itemsOf(word);
    case 'text':
      return word;
    case 'json':
      return text;
  }
}

function itemsOf(text: string): string[] {
  const items = text.split(',').map((item) => item.trim());
  return items.filter((item) => item !== '');
}

function integerOf(word: string): number | string {
  return /^-?\d{1,15}$/.test(word) ? Number(word) : word;
}

function meant(wrong: string, known: readonly string[], form: string): string {
  const word = nearest(wrong, known);
  return word === undefined ? form : `did you mean ${word}?`;
}
