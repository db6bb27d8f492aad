/**
 * The two forms of a result: tables and lines for people, one JSON envelope for programs.
 *
 * Owns layout and colour. It never writes to a stream itself.
 */
import { toJson } from './json.ts';

/** Select Graphic Rendition numbers of ECMA-48. Not util.styleText: it decides by process.stdout alone. */
const SGR = { bold: 1, red: 31, green: 32, yellow: 33 } as const;

/** Colours text, or leaves it as it is. */
export type Paint = (style: keyof typeof SGR, text: string) => string;

export const plain: Paint = (_style, text) => text;
export const coloured: Paint = (style, text) => `\u001b[${SGR[style]}m${text}\u001b[0m`;

/** Colour is for terminals, unless NO_COLOR (no-color.org) is set to anything or the terminal is dumb. */
export function paintFor(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): Paint {
  const refused = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return isTerminal && !refused ? coloured : plain;
}

/** The envelope of every `--json` result. The version rises only when a field changes its meaning or goes. */
export function envelope(command: string, data: unknown, warnings: readonly string[]): string {
  return `${toJson({ schema: `sriov/${command}/v1`, data, warnings })}\n`;
}

/** Columns of text, two spaces apart, without trailing blanks. Cells that are all numbers go right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[], paint: Paint): string {
  const columns = header.map((title, index) => {
    const cells = rows.map((row) => row[index] ?? '');
    return {
      width: Math.max(title.length, ...cells.map((cell) => cell.length)),
      numeric:
        cells.length > 0 &&
        cells.every((cell) => /^(\d+|-)$/.test(cell)) &&
        cells.some((cell) => cell !== '-'),
    };
  });
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ width, numeric }, index) => {
        const cell = cells[index] ?? '';
        return numeric ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return `${[paint('bold', line(header)), ...rows.map(line)].join('\n')}\n`;
}

/** `1 VF`, `2 VFs`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
