/** What the command loads before it knows what it is to do: starting must stay quick. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const IMPORT = /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;

/** Everything that loads at once with a file: its static imports, and theirs. */
function loadedWith(url: URL, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(url.href)) return seen;
  seen.add(url.href);
  for (const [, name = ''] of readFileSync(fileURLToPath(url), 'utf8').matchAll(IMPORT)) {
    if (name.startsWith('.')) loadedWith(new URL(name, url), seen);
    else seen.add(name);
  }
  return seen;
}

const loaded = [...loadedWith(new URL('../../../src/cli/main.ts', import.meta.url))];

test('the command starts with commander alone: no zod, no lmdb, no yaml, no addon', () => {
  expect(loaded.filter((name) => !name.startsWith('file:') && !name.startsWith('node:'))).toEqual([
    'commander',
  ]);
  expect(loaded.filter((name) => name.endsWith('/src/addon.ts'))).toEqual([]);
  // So that a pattern that finds nothing does not pass.
  expect(loaded.some((name) => name.endsWith('/src/cli/commands/port-bind.ts'))).toBe(true);
});
