/**
 * System calls, counted by strace: what a request costs in them must not grow with VFs or attributes.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { inChild } from './child.ts';
import { each, full, macOf, read, usePf } from './pf.ts';

const COUNT = 256;
const ROUNDS = 9;
const has = usePf({ vfs: COUNT });
const folder = mkdtempSync(path.join(tmpdir(), 'strace-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Names of the system calls of the main thread between one umask() and the next, by round. */
function rounds(file: string): string[][] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const [main] = lines[0]?.split(/ +/) ?? [];
  const found: string[][] = [];
  for (const line of lines) {
    const [, tid, name] = /^(\d+) +(?!<\.\.\.)(\w+)\(/.exec(line) ?? [];
    if (tid !== main || name === undefined) continue;
    if (name === 'umask') found.push([]);
    else found.at(-1)?.push(name);
  }
  // umask() before the first round and after each.
  return found.slice(0, -1).slice(-2 * ROUNDS);
}

test('256 VFs × 7 attributes take at most 3 on the synchronous way, from objects and from a table', () => {
  const log = path.join(folder, 'log');
  const wanted = [each(COUNT, full), each(COUNT, (vf) => ({ ...full(vf), mac: macOf(vf, 1) }))];
  const applied = inChild(
    ({ PhysicalFunction, VfTable }, name: string, configs: typeof wanted, count: number) => {
      const pf = PhysicalFunction.open(name);
      const tables = configs.map((list) => VfTable.from(list));
      const options = { maxHoldMs: 10_000 };
      let sum = 0;
      for (let round = 0; round < 100; round++) {
        pf.programVfsSync(configs[round % 2] ?? [], options);
        pf.programVfsSync(tables[round % 2] ?? [], options);
      }
      for (let round = 0; round < count; round++) {
        process.umask(0o22);
        sum += pf.programVfsSync(configs[round % 2] ?? [], options).applied;
        process.umask(0o22);
        sum += pf.programVfsSync(tables[round % 2] ?? [], options).applied;
      }
      process.umask(0o22);
      return sum;
    },
    [has.pf.name, wanted, ROUNDS],
    { under: ['strace', '-f', '-o', log] },
  );
  expect(applied).toBe(2 * ROUNDS * COUNT * 7);
  expect(read(has.pf)).toEqual(wanted[(ROUNDS - 1) % 2]);
  const counts = rounds(log);
  expect(counts).toHaveLength(2 * ROUNDS);
  console.log(
    `system calls of a request: ${[...new Set(counts.map((names) => names.join(' ')))].join(' | ')}`,
  );
  // The engine may give back or take memory in one round or another; not in most of them.
  const sorted = counts.map((names) => names.length).sort((a, b) => a - b);
  expect(sorted[ROUNDS]).toBeLessThanOrEqual(3);
  expect(sorted[0]).toBeGreaterThan(0);
});
