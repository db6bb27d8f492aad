/**
 * Makes VFs of several PFs so: one read of each PF, what differs in one request, PFs side by side.
 *
 * Owns the way from wishes for places to requests for PFs, and back from failures to places. Knows nothing of
 * ports.
 */
import { formatPlace, type Place } from '../binding/place.ts';
import { SriovError } from '../errors.ts';
import type { VfConfig, VfState } from '../vf/config.ts';
import { diffVfs } from '../vf/diff.ts';
import type { VfFailure } from '../vf/report.ts';
import { VfTable } from '../vf/table.ts';
import type { VfHost } from './host.ts';

/** What a VF is to be like. */
export interface Wish {
  readonly place: Place;
  readonly config: VfConfig;
}

/** Why a place is not as wished. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  /** Empty when the PF as a whole could not be asked. */
  readonly failures: readonly VfFailure[];
  /** True when nothing at all was done, for want of a capability. */
  readonly refusedAsAWhole: SriovError | undefined;
}

export interface Programmed {
  /** By text of the place. */
  readonly problems: ReadonlyMap<string, Problem>;
  /** What was sent, or would be, by text of the place; places that were so already are absent. */
  readonly changes: ReadonlyMap<string, VfConfig>;
  readonly messages: number;
}

/** States of the VFs of some PFs, by PF and number. */
export type Have = Map<string, ReadonlyMap<number, VfState>>;

/** Reads each PF once; those that are not there are absent. */
export async function readPfs(host: VfHost, pfs: Iterable<string>): Promise<Have> {
  const have: Have = new Map();
  await Promise.all(
    [...new Set(pfs)].map(async (pf) => {
      try {
        const states = await host.read(pf);
        have.set(pf, new Map(states.map((state) => [state.vf, state])));
      } catch (error) {
        if (!(error instanceof SriovError) || !GONE.has(error.code)) throw error;
      }
    }),
  );
  return have;
}

/** The PF is not there, or has no VFs to be asked about. */
const GONE: ReadonlySet<string> = new Set(['ENODEV', 'SRIOV_NOT_A_PF', 'SRIOV_REFUSED']);

/** What differs, by PF. */
export function differences(wishes: readonly Wish[], have: Have): Map<string, VfConfig[]> {
  const byPf = new Map<string, VfConfig[]>();
  for (const { place, config } of wishes) {
    const list = byPf.get(place.pf);
    if (list === undefined) byPf.set(place.pf, [config]);
    else list.push(config);
  }
  const delta = new Map<string, VfConfig[]>();
  for (const [pf, configs] of byPf) {
    const states = have.get(pf);
    if (states === undefined) continue;
    const wanted = configs.map((config) => states.get(config.vf)).filter((state) => state !== undefined);
    const changes = diffVfs(VfTable.from(configs), VfTable.from(wanted)).toConfigs();
    if (changes.length > 0) delta.set(pf, changes);
  }
  return delta;
}

/** Programs what differs from `have`; what could not be done is in the result, nothing is thrown for it. */
export async function programPlaces(host: VfHost, wishes: readonly Wish[], have: Have): Promise<Programmed> {
  const problems = new Map<string, Problem>();
  const changes = new Map<string, VfConfig>();
  let messages = 0;
  for (const { place } of wishes) {
    if (have.get(place.pf)?.has(place.vf ?? -1) !== true) problems.set(formatPlace(place), gone(place));
  }
  const work = [...differences(wishes, have)].map(async ([pf, configs]) => {
    for (const config of configs) changes.set(formatPlace({ pf, vf: config.vf }), config);
    const asked = configs.filter(({ vf }) => !problems.has(formatPlace({ pf, vf })));
    if (asked.length === 0) return;
    try {
      const report = await host.program(pf, asked);
      messages += report.messages;
      for (const failure of [...report.failures, ...report.notRestored]) addFailure(problems, pf, failure);
    } catch (error) {
      if (!(error instanceof SriovError)) throw error;
      for (const { vf } of asked) problems.set(formatPlace({ pf, vf }), refusedAsAWhole(error));
    }
  });
  await Promise.all(work);
  return { problems, changes, messages };
}

function addFailure(problems: Map<string, Problem>, pf: string, failure: VfFailure): void {
  const key = formatPlace({ pf, vf: failure.vf });
  const failures = [...(problems.get(key)?.failures ?? []), failure];
  const message = failures.map((one) => one.message).join('; ');
  problems.set(key, { code: failures[0]?.code ?? '', message, failures, refusedAsAWhole: undefined });
}

function gone(place: Place): Problem {
  const message = `${formatPlace(place)} is not there: its PF or the VF itself is gone`;
  return { code: 'ENODEV', message, failures: [], refusedAsAWhole: undefined };
}

function refusedAsAWhole(error: SriovError): Problem {
  return { code: error.code, message: error.message, failures: [], refusedAsAWhole: error };
}
