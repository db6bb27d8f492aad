/**
 * Random sequences of all that ports and hosts go through, against a model of what must hold.
 *
 * After each step, and once both hosts have recovered: a bound port's VF is exactly as wanted, any other VF is as it
 * was found or, made anew, as it was made; nobody's VF is lost without a word; records, claims and journal agree.
 *
 * SRIOV_SEED (a number) and SRIOV_RUNS choose other sequences; without them they are the same each time.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLmdbStore } from '../../../src/store/lmdb-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { ModelRun, type Tally } from './model-run.ts';
import { steps } from './model-steps.ts';

const SEED = Number(process.env['SRIOV_SEED'] ?? 20_140_130);
const RUNS = Number(process.env['SRIOV_RUNS'] ?? 300);

let directory: string;
let store: Store;
beforeAll(async () => {
  // Tens of thousands of commits; what is tried is not the disk.
  directory = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'sriov-model-'));
  store = await openLmdbStore(directory);
});
afterAll(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

test('whatever happens, ports and VFs are as they must be once everybody has recovered', async () => {
  const tally: Tally = new Map();
  const begun = performance.now();
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const run = await ModelRun.begin(store, tally);
      for (const step of sequence) await run.take(step);
    }),
    { seed: SEED, numRuns: RUNS },
  );
  const counts = [...tally].sort().map(([what, count]) => `${what} ${count}`);
  console.log(
    `model: ${RUNS} runs of seed ${SEED}, ${((performance.now() - begun) / 1000).toFixed(1)} s: ${counts.join(', ')}`,
  );
  const kinds = ['bind', 'bind, died', 'release, died', 'activate', 'activate, died', 'recover, died'];
  expect(kinds.filter((what) => (tally.get(what) ?? 0) < RUNS / 60)).toEqual([]);
}, 120_000);
