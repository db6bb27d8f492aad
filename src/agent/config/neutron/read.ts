/**
 * A configuration for the agent, from that of Neutron's SR-IOV agent (and Nova's of PCI devices).
 *
 * Owns the change of values, and the notes that say of every option what became of it. It writes no file.
 */
import { Document, isMap, isScalar } from 'yaml';
import { parseDeviceSpecs } from '../../../binding/device-spec/parse.ts';
import { formatDeviceSpec } from '../../../binding/device-spec/device-spec.ts';
import { InvalidConfigError } from '../../../errors.ts';
import { AgentConfigError, type ConfigProblem } from '../error.ts';
import { nested } from '../format.ts';
import { CONFIG_KEYS, configKey } from '../keys.ts';
import { readSettings } from '../read.ts';
import type { ConfigText } from '../yaml-source.ts';
import { type IniOption, parseIni } from './ini.ts';
import { meaningOf } from './meanings.ts';

/** What became of one option. */
export interface NeutronNote {
  readonly where: string;
  readonly section: string;
  readonly option: string;
  /** `overridden` = a later line or file says it again. */
  readonly kind: 'kept' | 'not needed' | 'no counterpart' | 'unknown' | 'overridden';
  /** `kept`: the key. Else why, or what to do. */
  readonly text: string;
}

export interface NeutronConfig {
  /** With a comment above each key. */
  readonly yaml: string;
  /** In the order of the files. */
  readonly notes: readonly NeutronNote[];
}

/** Options that may be given several times: all of one file count, and a later file replaces them. */
const MULTIPLE: ReadonlySet<string> = new Set(['policy.device_spec']);

/**
 * Reads files in the order in which Neutron gets them; a later one lies over the earlier ones.
 *
 * @throws AgentConfigError - a line is no INI, or a value can't be used here; with `FILE:LINE`
 */
export function readNeutronConfig(texts: readonly ConfigText[]): NeutronConfig {
  const problems: ConfigProblem[] = [];
  const said = new Map<string, IniOption[]>();
  const notes: NeutronNote[] = [];
  for (const text of texts) {
    const seen = new Set<string>();
    for (const option of parseIni(text, problems)) {
      const { section, key, where } = option;
      const meaning = meaningOf(section, key);
      const note = { where, section, option: key };
      if (meaning === undefined)
        notes.push({ ...note, kind: 'unknown', text: 'not known here; nothing was made of it' });
      else if (meaning.kind !== 'kept') notes.push({ ...note, kind: meaning.kind, text: meaning.why });
      else {
        notes.push({ ...note, kind: 'kept', text: meaning.to });
        const more = MULTIPLE.has(meaning.to) && seen.has(meaning.to) ? (said.get(meaning.to) ?? []) : [];
        seen.add(meaning.to);
        said.set(meaning.to, [...more, option]);
      }
    }
  }
  const values = new Map<string, unknown>();
  for (const { path } of CONFIG_KEYS) {
    const options = said.get(path);
    const value = options === undefined ? undefined : valueOf(path, options, problems);
    if (value !== undefined) values.set(path, value);
  }
  if (problems.length > 0) throw new AgentConfigError(problems);
  const used = new Set([...said.values()].flat().map(({ where }) => where));
  const yaml = commented(values, said);
  check(yaml, said);
  return {
    yaml,
    notes: notes.map((note) =>
      note.kind === 'kept' && !used.has(note.where)
        ? { ...note, kind: 'overridden', text: `a later line says ${note.text}` }
        : note,
    ),
  };
}

/** Undefined = as by default, or among `problems`. */
function valueOf(path: string, options: readonly IniOption[], problems: ConfigProblem[]): unknown {
  const last = options.at(-1);
  if (last === undefined) return undefined;
  const { key, value, where, section } = last;
  const line = value.replaceAll('\n', ' ').trim();
  switch (path) {
    case 'host':
      return line === '' ? undefined : line;
    case 'log.level':
    case 'log.format': {
      const yes = /^(?:true|1|on|yes)$/i.test(line);
      if (!yes && !/^(?:false|0|off|no)$/i.test(line)) {
        problems.push({ where, key: `[${section}] ${key}`, message: 'expected true or false' });
        return undefined;
      }
      return path === 'log.level' ? (yes ? 'debug' : 'info') : yes ? 'json' : 'text';
    }
    case 'policy.device_spec':
      return options.flatMap((option) => specsOf(option, problems));
    default: {
      // As in oslo's ListOpt; an empty list is Neutron's default and means no PF.
      const items = value.split(/[,\n]/).map((item) => item.trim());
      const list = items.filter((item) => item !== '');
      return list.length === 0 && path === 'policy.exclude_devices' ? undefined : list;
    }
  }
}

function specsOf({ value, where, section, key }: IniOption, problems: ConfigProblem[]): unknown[] {
  try {
    return parseDeviceSpecs([value.replaceAll('\n', ' ')]).map(formatDeviceSpec);
  } catch (error) {
    if (!(error instanceof InvalidConfigError)) throw error;
    problems.push({ where, key: `[${section}] ${key}`, message: error.message });
    return [];
  }
}

/** Each key with its meaning and with the line it comes from. */
function commented(
  values: ReadonlyMap<string, unknown>,
  said: ReadonlyMap<string, readonly IniOption[]>,
): string {
  if (values.size === 0) return '# Every key has its default.\n{}\n';
  const document = new Document(nested(values));
  const enter = (node: unknown, start: string): void => {
    if (!isMap(node)) return;
    for (const { key, value } of node.items) {
      if (!isScalar(key)) continue;
      const path = `${start}${String(key.value)}`;
      const meaning = configKey(path)?.meaning;
      const options = said.get(path) ?? [];
      if (meaning === undefined) enter(value, `${path}.`);
      else {
        const sources = options.map(({ where, section, key: name }) => ` [${section}] ${name}, ${where}`);
        key.commentBefore = [` ${meaning}`, ...sources].join('\n');
      }
    }
  };
  enter(document.contents, '');
  return document.toString({ lineWidth: 0 });
}

/** What the agent would refuse is told with the line of the file it comes from. */
function check(yaml: string, said: ReadonlyMap<string, readonly IniOption[]>): void {
  try {
    readSettings({ file: { path: 'result', text: yaml } });
  } catch (error) {
    if (!(error instanceof AgentConfigError)) throw error;
    throw new AgentConfigError(
      error.problems.map((problem) => {
        const path = problem.key.replace(/\[.*$/, '');
        const option = said.get(path)?.at(-1);
        return option === undefined
          ? problem
          : { ...problem, where: option.where, key: `[${option.section}] ${option.key}` };
      }),
    );
  }
}
