/**
 * A line of the log for people: time, level, sentence.
 *
 * Owns the form, and that one line stays one line which does nothing to the terminal that shows it.
 */

/** What could move a cursor, end a line, or turn the direction of what follows. */
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** Control characters as `\n`, `\x1b` or `\u2028`; all others as they are. */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, (character) => {
    if (character === '\n') return String.raw`\n`;
    if (character === '\r') return String.raw`\r`;
    if (character === '\t') return String.raw`\t`;
    const code = character.codePointAt(0) as number;
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** `2026-01-01T00:00:00.000Z info  0000:03:00.0/3: ...`, with its line break. */
export function textLine(time: string, level: string, message: string): string {
  return `${time} ${level.padEnd(5)} ${escapeControls(message)}\n`;
}
