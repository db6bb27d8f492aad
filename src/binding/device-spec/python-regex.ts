/**
 * Regular expressions of Python's `re`, as device specs hold them, made into JavaScript's.
 *
 * Owns the translation of one pattern. What can't be said the same way in JavaScript is refused and never
 * guessed at: a pattern that means more than it says gives away functions that nobody offered.
 */

/** Longest pattern for one field of an address, in characters. */
export const MAX_PATTERN = 255;

/** Escapes that mean the same in both languages, outside of brackets and within. */
const SAME_ESCAPE = /^[dDwWsSbB0xunrtfv]$/;
/** A group that took no part fails in Python and is empty in JavaScript. */
const REFERS_BACK = { reason: 'refers back to a group, which is not known here' };
/** What JavaScript lets be escaped in its strict (`u`) mode. */
const SYNTAX = /^[\^$\\.*+?()[\]{}|/]$/;

/**
 * An expression that matches where Python's `re.match` does: at the start of the text, not to its end.
 *
 * JavaScript's `u` mode is used for its strictness: without it `{,3}` or an unknown escape would be literal
 * text. Upper and lower case differ, as in Python; `(?i)` at the start is known.
 *
 * Patterns are the operator's and are trusted: one that backtracks without end, such as `(.?){200}x`, blocks
 * here as it does in Python.
 *
 * @returns the reason in words when the pattern can't be used
 */
export function compilePythonRegex(source: string): RegExp | { readonly reason: string } {
  if (source.length > MAX_PATTERN) return { reason: `must have at most ${MAX_PATTERN} characters` };
  const ignoreCase = source.startsWith('(?i)');
  const translated = translate(ignoreCase ? source.slice(4) : source);
  if (typeof translated !== 'string') return translated;
  const flags = ignoreCase ? 'iu' : 'u';
  try {
    // By itself first: `a)|(b` would be well-formed within the group around it.
    void new RegExp(translated, flags);
    return new RegExp(`^(?:${translated})`, flags);
  } catch (error) {
    return { reason: `is no regular expression that can be used: ${(error as Error).message}` };
  }
}

function translate(source: string): string | { readonly reason: string } {
  let out = '';
  let inBrackets = false;
  for (let at = 0; at < source.length;) {
    const char = source.charAt(at);
    const rest = source.slice(at);
    if (char === '\\') {
      const escape = translateEscape(rest, inBrackets);
      if (typeof escape !== 'string') return escape;
      out += escape;
      at += 2;
    } else if (inBrackets) {
      inBrackets = char !== ']';
      out += char;
      at += 1;
    } else if (char === '[') {
      // The first `]` is a member of the set in Python; JavaScript has empty sets.
      const [opening = '[', caret = '', bracket = ''] = /^\[(\^?)(\]?)/.exec(rest) ?? [];
      inBrackets = true;
      out += `[${caret}${bracket === '' ? '' : '\\]'}`;
      at += opening.length;
    } else {
      const special = translateGroup(rest);
      if ('reason' in special) return special;
      out += special.text;
      at += special.length;
    }
  }
  return out;
}

function translateEscape(rest: string, inBrackets: boolean): string | { readonly reason: string } {
  const char = rest.charAt(1);
  if (char === '') return { reason: 'ends with a backslash' };
  if (char === 'A' && !inBrackets) return '^';
  if (char === 'Z' && !inBrackets) return '$';
  if (rest.startsWith('\\u{')) return { reason: 'has \\u{, which is no escape of Python' };
  if (SAME_ESCAPE.test(char) || SYNTAX.test(char)) return `\\${char}`;
  if (/[1-9]/.test(char)) return REFERS_BACK;
  if (/[a-z]/i.test(char)) return { reason: `has \\${char}, which is not known here` };
  return char === '-' && inBrackets ? '\\-' : char;
}

/** What stands at the start of `rest`, outside of brackets: a group's opening, a count, or one character. */
function translateGroup(
  rest: string,
): { readonly text: string; readonly length: number } | { readonly reason: string } {
  if (rest.startsWith('(?P<')) return { text: '(?<', length: 4 };
  if (rest.startsWith('(?P=')) return REFERS_BACK;
  if (rest.startsWith('(?<')) {
    return { reason: 'has (?<: Python names a group by (?P<; looking back is not known here' };
  }
  const [count, most] = /^\{,(\d*)\}/.exec(rest) ?? [];
  if (count !== undefined) return { text: `{0,${most}}`, length: count.length };
  return { text: rest.charAt(0), length: 1 };
}
