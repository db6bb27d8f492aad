/** The examples of ports, run as a user runs them: by name of the package, with the built files. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { ROOT } from '../../scripts/lib/paths.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sriov-examples-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function linesOf(example: string, ...words: string[]): string[] {
  const file = path.join(ROOT, 'examples/ports', example);
  const env = { ...process.env, TMPDIR: folder };
  return execFileSync(process.execPath, [file, ...words], { encoding: 'utf8', env })
    .trimEnd()
    .split('\n');
}

test('an ML2-like source: its own words count, the rest is kept for it', () => {
  expect(linesOf('ml2-source.mjs')).toEqual([
    'ml2-1: direct {"trusted":true}',
    'ml2-2: normal {}',
    'ml2-2, later: {"physical_network":"physnet1"}',
  ]);
  expect(readdirSync(folder)).toEqual([]);
});

test('what an example keeps in a store that is named is there in the next run', () => {
  const store = path.join(folder, 'store');
  linesOf('ml2-source.mjs', store);
  expect(linesOf('ml2-source.mjs', store)[1]).toBe('ml2-2: normal {"physical_network":"physnet1"}');
});

test('a source without vnic types: normal, then what was saved, though the source never saw it', () => {
  expect(linesOf('plain-source.mjs')).toEqual([
    'row-7: normal {}',
    'row-7, saved and loaded by its source: direct {"physical_network":"physnet1"}',
    'with what was read at first: SRIOV_CONFLICT',
    'deleted: normal',
  ]);
  expect(readdirSync(folder)).toEqual([]);
});

test('all examples of ports are run here', () => {
  const files = readdirSync(path.join(ROOT, 'examples/ports'));
  expect(files.sort()).toEqual(['ml2-source.mjs', 'plain-source.mjs', 'with-store.mjs']);
});
