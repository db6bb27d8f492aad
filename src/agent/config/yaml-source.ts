/**
 * The configuration file: YAML, with the place of each value.
 *
 * Owns syntax and positions. What keys mean is `keys.ts`'s.
 */
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import type { ConfigProblem } from './error.ts';
import { configKey } from './keys.ts';
import { formatPath, type KeyPath, type Layer, layerOf } from './layer.ts';

export interface ConfigText {
  /** For messages. */
  readonly path: string;
  readonly text: string;
}

/** What the file says. Nothing when it is no YAML, which is then among `problems`. */
export function fileLayer({ path: file, text }: ConfigText, problems: ConfigProblem[]): Layer {
  const lineCounter = new LineCounter();
  const place = (offset: number): string => {
    const { line, col } = lineCounter.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  // prettyErrors would put line and column into the message as well.
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const wrong = [...document.errors, ...document.warnings];
  for (const { pos, message } of wrong) problems.push({ where: place(pos[0]), key: '', message });
  if (wrong.length > 0) return new Map();
  refuseBlanks(document, place, problems);
  try {
    return layerOf(document.toJS(), (path, part) => place(offsetOf(document, path, part)), problems);
  } catch (error) {
    // Aliases that stand for too much.
    problems.push({ where: file, key: '', message: (error as Error).message });
    return new Map();
  }
}

/** A key with nothing after it: in YAML that is null, which for some keys means "everything". */
function refuseBlanks(
  { contents }: Document,
  place: (offset: number) => string,
  problems: ConfigProblem[],
): void {
  const enter = (node: unknown, at: readonly string[]): void => {
    if (!isMap(node)) return;
    for (const { key, value } of node.items) {
      const path = [...at, String(isScalar(key) ? key.value : key)];
      const isKey = configKey(path.join('.')) !== undefined;
      if (!isKey) enter(value, path);
      else if (value === null || (isScalar(value) && value.value === null && value.source === '')) {
        const where = place(isNode(key) ? (key.range?.[0] ?? 0) : 0);
        problems.push({
          where,
          key: formatPath(path),
          message: 'has no value; leave the key out for its default',
        });
      }
    }
  };
  enter(contents, []);
}

/** Where the value at `path` starts, or its word; a map is where its word is, and what lies behind an alias at it. */
function offsetOf(document: Document, path: KeyPath, part?: 'word'): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const [index, step] of path.entries()) {
    if (isAlias(node)) break;
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step));
      if (pair === undefined) break;
      const { key, value } = pair;
      if (isNode(key)) offset = key.range?.[0] ?? offset;
      if (part === 'word' && index === path.length - 1) break;
      next = value;
    } else if (isSeq(node)) next = node.items[Number(step)];
    else break;
    if (isNode(next) && !isMap(next)) offset = next.range?.[0] ?? offset;
    node = next;
  }
  return offset;
}
