/**
 * Two processes bind at once on one store, as an agent and the command do: no VF is ever given twice.
 *
 * In the machine, test/kernel/port-two-processes.test.ts does so with true VFs. SRIOV_SEED chooses another sequence.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkStore } from '../../../src/store/check.ts';
import { openLmdbStore } from '../../../src/store/lmdb-store.ts';
import { type CompiledSources, compileSources } from '../../faults/compiled.ts';

const SCRIPT = fileURLToPath(new URL('two-at-once-child.mjs', import.meta.url));
const SEED = Number(process.env['SRIOV_SEED'] ?? 20_140_130);
const TRIES = 10_000;
const MINUTES = 5 * 60_000;

interface Said {
  readonly tries: number;
  readonly bound: number;
  readonly taken: number;
  readonly conflicts: number;
  readonly twice: readonly string[];
  readonly dirty: readonly string[];
}

let sources: CompiledSources;
let directory: string;
beforeAll(() => {
  sources = compileSources();
  // Tens of thousands of commits; what is tried is not the disk.
  directory = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'sriov-two-'));
  mkdirSync(path.join(directory, 'witness'));
}, MINUTES);
afterAll(() => {
  sources.remove();
  rmSync(directory, { recursive: true });
});

function binder(name: string, seed: number): Promise<Said> {
  const words = [sources.directory, path.join(directory, 'store'), path.join(directory, 'witness'), name];
  const child = spawn(process.execPath, [SCRIPT, ...words, `${TRIES / 2}`, `${seed}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (status) => {
      if (status === 0) resolve(JSON.parse(text) as Said);
      else reject(new Error(`process ${name} ended with ${status}`));
    });
  });
}

test(
  `in ${TRIES} tries of two processes at once no VF is given twice, and all are as found in the end`,
  async () => {
    const store = await openLmdbStore(path.join(directory, 'store'));
    const begun = performance.now();
    const said = await Promise.all([binder('p', SEED), binder('q', SEED + 1)]);
    const sum = (what: 'tries' | 'bound' | 'taken' | 'conflicts'): number =>
      said.reduce((total, one) => total + one[what], 0);
    console.log(
      `two at once, seed ${SEED}: ${sum('tries')} tries, ${sum('bound')} bound, ${sum('taken')} refused as taken, ` +
        `${sum('conflicts')} conflicts, ${((performance.now() - begun) / 1000).toFixed(1)} s`,
    );
    expect(said.map(({ twice }) => twice)).toEqual([[], []]);
    expect(said.map(({ dirty }) => dirty)).toEqual([[], []]);
    expect(sum('tries')).toBeGreaterThanOrEqual(TRIES);
    expect(sum('bound')).toBeGreaterThan(TRIES / 4);
    // Else they have hardly met.
    expect(sum('conflicts')).toBeGreaterThan(TRIES / 100);
    expect(readdirSync(path.join(directory, 'witness'))).toEqual([]);
    expect((await store.range('claim/')).entries).toEqual([]);
    expect((await store.range('port/')).entries).toEqual([]);
    expect(await checkStore(store)).toEqual([]);
    await store.close();
  },
  MINUTES,
);
