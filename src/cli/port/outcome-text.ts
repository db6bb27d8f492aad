/**
 * What binding did, or would do, to ports: lines for people, data for programs, exit status.
 *
 * Owns these forms. The diff of settings is that of `sriov apply`.
 */
import { isDeepStrictEqual } from 'node:util';
import { formatPlace, parsePlace } from '../../binding/place.ts';
import type { BindingRecord, PortRecord } from '../../binding/record.ts';
import type { Refusal } from '../../binding/refusal.ts';
import type { BindReport, PortOutcome } from '../../port/report.ts';
import type { VfConfig } from '../../vf/config.ts';
import { type VfChange, changeLines, listChanges } from '../changes.ts';
import { exitCodeForFailures } from '../exit-codes.ts';
import { type Paint, count } from '../output.ts';
import { duration } from '../report-text.ts';
import { refusalLines } from './refusal-text.ts';
import { type PortsSession, bindingOn } from './session.ts';

/** VFs as they are, by text of the place. */
export type HaveVfs = ReadonlyMap<string, VfConfig>;

/** Reads the VFs of these places, each PF once. */
export async function readPlaces(session: PortsSession, places: Iterable<string>): Promise<HaveVfs> {
  const pfs = new Set([...places].map((place) => parsePlace(place).pf));
  const read = await Promise.all(
    [...pfs].map(async (pf) =>
      (await session.vfHost.read(pf)).map((vf) => [formatPlace({ pf, vf: vf.vf }), vf] as const),
    ),
  );
  return new Map(read.flat());
}

/** Settings that change at one place. */
export interface PlaceChanges {
  /** Text of `formatPlace`. */
  readonly place: string;
  readonly changes: VfConfig;
}

export function changesOf({ place, changes }: PlaceChanges, have: HaveVfs): VfChange[] {
  const now = have.get(place);
  return listChanges([changes], now === undefined ? [] : [now]);
}

/** The diff of all places together, so that VFs of a PF that change alike share a line. */
export function placeLines(all: readonly PlaceChanges[], have: HaveVfs, paint: Paint): string[] {
  const byPf = new Map<string, VfChange[]>();
  const sorted = [...all].sort((a, b) => a.changes.vf - b.changes.vf);
  for (const one of sorted) {
    const { pf } = parsePlace(one.place);
    byPf.set(pf, [...(byPf.get(pf) ?? []), ...changesOf(one, have)]);
  }
  return [...byPf].flatMap(([pf, changes]) => changeLines(pf, changes, true, paint));
}

export function placeOf(binding: BindingRecord | null | undefined): string | undefined {
  return binding?.place == null ? undefined : formatPlace(binding.place);
}

/** `hw_veb at 0000:03:00.0/3, vlan 100`. */
export function bindingText(binding: BindingRecord | null): string {
  const place = placeOf(binding);
  const vlan = binding?.vif_details.vlan;
  return [
    `${binding?.vif_type ?? 'unbound'}${place === undefined ? '' : ` at ${place}`}`,
    ...(vlan === undefined || vlan === '0' ? [] : [`vlan ${vlan}`]),
    ...(binding?.status === 'INACTIVE' ? ['inactive'] : []),
  ].join(', ');
}

export function changesOfOutcome({ binding, changes }: PortOutcome): PlaceChanges[] {
  const place = placeOf(binding);
  return place === undefined || changes === null ? [] : [{ place, changes }];
}

/** `data` of one port. */
export function outcomeJson(outcome: PortOutcome, have: HaveVfs): object {
  const { id, record, binding, refusals } = outcome;
  return {
    id,
    status: record.status,
    binding,
    refusals,
    changes: changesOfOutcome(outcome).flatMap((one) => changesOf(one, have)),
  };
}

/** How a port's binding here would differ from what it is. */
export type Difference = 'new' | 'settings' | 'record' | undefined;

export function differenceOf(outcome: PortOutcome, before: PortRecord | undefined, host: string): Difference {
  if (outcome.refusals.length > 0) return undefined;
  const old = before === undefined ? undefined : bindingOn(before, host);
  if (placeOf(old) !== placeOf(outcome.binding)) return 'new';
  if (outcome.changes !== null) return 'settings';
  const { port, network } = outcome.record;
  return isDeepStrictEqual([port, network], [before?.port, before?.network]) ? undefined : 'record';
}

export function differenceLine(outcome: PortOutcome, difference: Difference, paint: Paint): string[] {
  const port = `port ${outcome.id}`;
  if (difference === 'new') return [paint('green', `+ ${port} ${bindingText(outcome.binding)}`)];
  if (difference === 'record') return [paint('yellow', `~ ${port} as it is kept; its VF stays`)];
  return difference === 'settings' ? [paint('yellow', `~ ${port} ${bindingText(outcome.binding)}`)] : [];
}

/** A line for each reason. */
export function refusedLines({ id, refusals }: PortOutcome): string[] {
  const port = `port ${id}: `;
  // What holds for the host as a whole names the port itself.
  return refusalLines(refusals).map((line) => `failed: ${line.startsWith(port) ? '' : port}${line}`);
}

function codesOf({ code, detail }: Refusal): readonly string[] {
  const failures = detail?.['failures'];
  if (code !== 'APPLY' || !Array.isArray(failures)) return [code];
  return (failures as { readonly code: string }[]).map((failure) => failure.code);
}

/** Settings that the driver refused count by their errno; all other refusals are failures. */
export function bindExitCode(outcomes: readonly PortOutcome[]): number {
  const refused = outcomes.filter(({ refusals }) => refusals.length > 0);
  const codes = refused.flatMap(({ refusals }) => refusals.flatMap(codesOf));
  return exitCodeForFailures(codes, outcomes.length - refused.length);
}

function boundLine(outcome: PortOutcome): string[] {
  if (outcome.refusals.length > 0) return [];
  const settings = changesOfOutcome(outcome).flatMap((one) => changesOf(one, new Map())).length;
  const done = settings === 0 ? 'no settings changed' : `${count(settings, 'setting')} changed`;
  return [`port ${outcome.id}: ${bindingText(outcome.binding)}; ${done}\n`];
}

/** A line for each port that is bound, and one for all when there are several. */
export function boundText({ ports, messages, durationMs }: BindReport): string {
  const lines = ports.flatMap(boundLine);
  const all = `${lines.length} of ${count(ports.length, 'port')} bound in ${duration(durationMs)} (${count(messages, 'message')})\n`;
  return [...lines, ...(ports.length > 1 ? [all] : [])].join('');
}
