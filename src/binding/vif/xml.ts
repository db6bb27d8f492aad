/**
 * Writes XML elements.
 *
 * Owns the escaping: what is passed as a value can never become markup. Reads no XML.
 */
import { InvalidConfigError } from '../../errors.ts';

/** An element, written with its children on lines of their own; attributes that are undefined are left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | undefined>> = {},
  children: readonly string[] = [],
): string {
  const words = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escapeAttribute(value)}"`],
  );
  const start = `<${name}${words.join('')}`;
  if (children.length === 0) return `${start}/>`;
  const inner = children.map((child) => `  ${child.replaceAll('\n', '\n  ')}`).join('\n');
  return `${start}>\n${inner}\n</${name}>`;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/**
 * A value for an attribute in double quotes. Tabs and line ends are written as numbers, since a reader would
 * make blanks of them.
 *
 * @throws InvalidConfigError - it has a character that XML 1.0 has no way to write (a NUL, half a surrogate pair)
 */
export function escapeAttribute(value: string): string {
  const illegal = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u.exec(value);
  if (illegal !== null) {
    const code = illegal[0].codePointAt(0)?.toString(16).padStart(4, '0');
    throw new InvalidConfigError(`character U+${code} can't be written in XML; remove it`);
  }
  return value.replace(/[&<>"\t\n\r]/g, (char) => ESCAPES[char] ?? `&#${char.charCodeAt(0)};`);
}
