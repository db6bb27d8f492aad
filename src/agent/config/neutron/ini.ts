/**
 * The INI dialect of oslo.config.
 *
 * Owns syntax alone. Source: oslo_config/iniparser.py: sections in brackets; `#` and `;` start a comment at the
 * start of a line only; `=` or `:`, whichever comes first, ends the key; a line that starts with a blank goes on
 * with the value before; a blank line ends it; a key that stands again has several values.
 */
import type { ConfigProblem } from '../error.ts';
import type { ConfigText } from '../yaml-source.ts';

export interface IniOption {
  readonly section: string;
  readonly key: string;
  /** Lines that belong together are joined by `\n`. */
  readonly value: string;
  /** `FILE:LINE` of the key, from 1. */
  readonly where: string;
}

/** Options in the order of the file; a line that is none of the above goes to `problems`. */
export function parseIni({ path, text }: ConfigText, problems: ConfigProblem[]): IniOption[] {
  const options: IniOption[] = [];
  let section: string | undefined;
  // Whether a line with a leading blank has something to go on with.
  let open = false;
  for (const [index, full] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const where = `${path}:${index + 1}`;
    const line = full.trimEnd();
    const refuse = (message: string): void => {
      problems.push({ where, key: '', message });
    };
    if (line === '') open = false;
    else if (/^\s/.test(line)) {
      const last = options.pop();
      if (last === undefined || !open)
        refuse('a line that goes on with nothing: blanks at its start must follow an option');
      if (last !== undefined) options.push(open ? { ...last, value: `${last.value}\n${line.trim()}` } : last);
    } else if (/^[#;]/.test(line)) continue;
    else if (line.startsWith('[')) {
      open = false;
      const name = /^\[([^\]]+)\]$/.exec(line)?.[1];
      if (name === undefined) refuse('a section must be a name in brackets: [sriov_nic]');
      else section = name;
    } else {
      const [, key = '', value = ''] = /^([^:=]*)[:=](.*)$/.exec(line) ?? [];
      open = false;
      if (key.trim() === '') refuse('expected KEY = VALUE, [SECTION], or a comment');
      else if (section === undefined) refuse(`${key.trim()} stands before the first section`);
      else {
        options.push({ section, key: key.trim(), value: unquoted(value.trim()), where });
        open = true;
      }
    }
  }
  return options;
}

/** Quotes around all of a value are not part of it. */
function unquoted(value: string): string {
  const quote = value[0];
  const quoted = value.length > 1 && (quote === '"' || quote === "'") && value.endsWith(quote);
  return quoted ? value.slice(1, -1) : value;
}
