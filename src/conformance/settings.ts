/**
 * Trying settings on one VF: accepted or not, at once or later, and at what cost.
 *
 * Owns the judgement of one setting. Putting things back is run.ts's.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PhysicalFunction } from '../host/physical-function.ts';
import type { VfAttribute } from '../vf/config.ts';
import { diffVfs } from '../vf/diff.ts';
import { VfTable } from '../vf/table.ts';
import { type Probe, PROBES, REPEATS } from './probes.ts';
import type { SettingResult } from './result.ts';

/** How long a driver may take to show what it accepted, in ms. */
const PATIENCE = 3000;

/** All probes in turn. */
export async function trySettings(
  pf: PhysicalFunction,
  vf: number,
  signal?: AbortSignal,
): Promise<SettingResult[]> {
  const results: SettingResult[] = [];
  for (const probe of PROBES) {
    signal?.throwIfAborted();
    results.push(await trySetting(pf, vf, probe));
  }
  return results;
}

async function trySetting(pf: PhysicalFunction, vf: number, probe: Probe): Promise<SettingResult> {
  const { attribute, value } = probe;
  const table = VfTable.from([{ vf, ...probe.config }]);
  const report = await pf.programVfs(table, { retryMs: 1000 });
  const times = [report.durationMs];
  const [failure] = report.failures;
  if (failure !== undefined) {
    return { attribute, value, outcome: 'refused', code: failure.code, ...cost(times) };
  }
  const seen = await waitUntilSeen(pf, vf, attribute, table);
  // Once more for the cost alone: what it is already is work for most drivers all the same.
  for (let i = 1; i < REPEATS; i++) times.push((await pf.programVfs(table)).durationMs);
  return { attribute, value, ...seen, ...cost(times) };
}

type Seen = Pick<SettingResult, 'outcome' | 'laterMs'>;

async function waitUntilSeen(
  pf: PhysicalFunction,
  vf: number,
  attribute: VfAttribute,
  want: VfTable,
): Promise<Seen> {
  const start = performance.now();
  for (let look = 0; ; look++) {
    const have = await pf.readVfs();
    if (have.find(vf)?.[attribute] === undefined) return { outcome: 'not reported' };
    if (diffVfs(want, have).length === 0) {
      return look === 0
        ? { outcome: 'at once' }
        : { outcome: 'later', laterMs: Math.round(performance.now() - start) };
    }
    if (performance.now() - start > PATIENCE) return { outcome: 'not applied' };
    await sleep(20);
  }
}

function cost(times: readonly number[]): Pick<SettingResult, 'medianMs' | 'longestMs'> {
  const sorted = times.toSorted((a, b) => a - b);
  const round = (ms: number): number => Math.round(ms * 1000) / 1000;
  return {
    medianMs: round(sorted[Math.floor(sorted.length / 2)] ?? 0),
    longestMs: round(sorted.at(-1) ?? 0),
  };
}
