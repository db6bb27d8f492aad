/**
 * Compiler command lines as two builds really pass them, made comparable.
 *
 * Owns the reading and the comparing; which differences are meant is said in build-flags.test.ts.
 */

import path from 'node:path';

/** One call of the compiler or, when it makes an object of objects, of the linker. */
export interface CompilerCall {
  /** Files that are compiled, relative to the sources' root; none for a link. */
  readonly sources: readonly string[];
  /** Everything that changes what is made, in order; paths within the sources' root begin with `ROOT/`. */
  readonly flags: readonly string[];
}

/** Splits a line as a shell does: quotes and backslashes, no expansion. */
export function shellWords(line: string): string[] {
  const word = /(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])+/g;
  return (line.match(word) ?? []).map((quoted) =>
    quoted.replace(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g, (_, single, double, escaped) =>
      String(single ?? double?.replace(/\\(.)/g, '$1') ?? escaped),
    ),
  );
}

/** Options whose value is the next word and says only where things are: each build has its own copy of Node-API. */
const PLACE_OPTIONS = new Set(['-o', '-MF', '-MT', '-MQ', '-I', '-isystem']);
/** Options whose value is the next word and belongs to what is made. */
const VALUE_OPTIONS = new Set(['-include']);

/**
 * @param words of one call, without the compiler itself
 * @param folder that relative paths are relative to
 * @param root of the sources, which differs between the two builds
 */
export function readCall(words: readonly string[], folder: string, root: string): CompilerCall {
  const sources: string[] = [];
  const flags: string[] = [];
  const rooted = (text: string): string => text.replace(`${root}/`, 'ROOT/');
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (PLACE_OPTIONS.has(word)) i++;
    else if (VALUE_OPTIONS.has(word)) flags.push(`${word} ${rooted(words[++i] ?? '')}`);
    else if (/^-(I.+|MMD|MD|c)$|^-Wl,(-soname|--(start|end)-group)/.test(word)) continue;
    else if (/\.(cc|c)$/.test(word)) sources.push(path.relative(root, path.resolve(folder, word)));
    else if (!/\.(o|a)$/.test(word)) flags.push(rooted(word));
  }
  return { sources, flags };
}

/** The last of the flags that decide one thing, which is the one that holds. */
export function lastOf(flags: readonly string[], pattern: RegExp): string | undefined {
  return flags.findLast((flag) => pattern.test(flag));
}

/** Flags of `a` that `b` lacks, each once, sorted. */
export function missingFrom(b: readonly string[], a: readonly string[]): string[] {
  return [...new Set(a.filter((flag) => !b.includes(flag)))].sort();
}
