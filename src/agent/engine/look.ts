/**
 * One look at a PF: what its ports want against what its VFs are, and the difference programmed.
 *
 * Owns the order of events and which VFs are left alone. One dump; one request for all that differs.
 */
import { formatPlace } from '../../binding/place.ts';
import type { Claim } from '../../binding/record.ts';
import type { Context } from '../../port/context.ts';
import { type Drift, findDrift, type Repair } from '../../port/find-drift.ts';
import { releaseLeftOver } from '../../port/left-over.ts';
import { repair } from '../../port/repair.ts';
import type { NotRestored } from '../../port/report.ts';
import { VF_ATTRIBUTES, type VfAttribute, type VfConfig, type VfState } from '../../vf/config.ts';
import type { Difference } from '../events.ts';
import type { ReconcileSettings } from '../settings.ts';
import { FIGHT_TIMES, type Held } from './held.ts';
import { lookHost } from './look-host.ts';
import type { Look } from './queue.ts';
import type { Recorder } from './recorder.ts';
import { namesOf, type VfStates } from './vf-states.ts';

export interface LookParts {
  readonly context: Context;
  readonly settings: ReconcileSettings;
  readonly recorder: Recorder;
  readonly held: Held;
  readonly states: VfStates;
}

export interface Looked {
  readonly repaired: number;
  readonly failed: number;
  readonly durationMs: number;
}

/** @throws StoreError, KernelError, IncompleteReadError - nothing is known of the PF, or nothing could be done */
export async function lookAt(parts: LookParts, look: Look): Promise<Looked> {
  const { recorder, held, states } = parts;
  const begun = performance.now();
  const lagMs = look.since === null ? null : begun - look.since;
  const { host, count } = lookHost(parts.context.host);
  const context = { ...parts.context, host };
  const except = (place: string): boolean => held.isHeld(place);
  try {
    const found = await findDrift(context, { pf: look.pf, quick: !look.full, trustUnseen: true, except });
    for (const { claim } of found.guestMacs) held.clear(formatPlace(claim.place));
    const drift = { ...found, repairs: withoutFights(parts, look, found) };
    const done = await repairAll(context, drift, held);
    const repairs = byPlace(drift);
    for (const { place, changes } of done.restored) {
      const repaired = repairs.get(place);
      if (repaired === undefined) continue;
      const { claim, recreated } = repaired;
      held.clear(place);
      states.repaired(claim);
      const attributes = attributesOf(changes);
      const told = { type: 'repaired', trigger: look.trigger, attributes, recreated } as const;
      recorder.tell({
        ...told,
        ...namesOf(claim),
        lagMs: look.since === null ? null : performance.now() - look.since,
      });
    }
    const failed = tellFailed(parts, drift, repairs, done.lost);
    tellHealthy(parts, drift);
    if (look.full) await giveUpLeftOver(parts, context, drift);
    const checked = drift.healthy.length + drift.repairs.length + drift.lost.length;
    const durationMs = performance.now() - begun;
    const result = { checked, repaired: done.restored.length, failed, durationMs };
    const { dumps, messages } = count;
    const { pf, trigger } = look;
    recorder.tell({ type: 'reconciled', pf, trigger, dumps, messages, ...result, lagMs });
    return result;
  } finally {
    recorder.healthyWrites(count.healthyWrites);
  }
}

/** As `repair`; drifts that it could not see to were not seen to by anyone, and will be found again. */
async function repairAll(context: Context, drift: Drift, held: Held): ReturnType<typeof repair> {
  try {
    return await repair(context, drift);
  } catch (error) {
    for (const { claim } of drift.repairs) held.notRepaired(formatPlace(claim.place));
    throw error;
  }
}

/** Tells each drift; one that comes again and again is held instead of repaired. */
function withoutFights(parts: LookParts, { trigger, pf }: Look, { repairs, have }: Drift): Repair[] {
  return repairs.filter(({ claim, changes, recreated }) => {
    const names = namesOf(claim);
    const state = have.get(pf)?.get(claim.place.vf ?? -1);
    const differences = differencesOf(changes, state);
    if (parts.states.drifts(claim, differences)) {
      parts.recorder.tell({ type: 'drift', trigger, ...names, differences, recreated });
    }
    if (recreated || !parts.held.isFight(names.place, differences)) return true;
    const what = differences.map(({ attribute }) => attribute).join(', ') || 'its macvtap device';
    const message = `${names.place}: ${what} came back ${FIGHT_TIMES} times within a minute: someone else sets it, or the driver does not keep it`;
    hold(parts, claim, { code: 'SRIOV_FIGHT', message, differences });
    return false;
  });
}

function hold(
  parts: LookParts,
  claim: Claim,
  why: { readonly code: string; readonly message: string; readonly differences: readonly Difference[] },
): void {
  const names = namesOf(claim);
  const { attempt, retryInMs } = parts.held.hold(names.place, why, parts.settings);
  const { code, message } = why;
  parts.recorder.tell({ type: 'repair-failed', ...names, code, message, attempt, retryInMs });
}

/** @returns how many could not be repaired */
function tellFailed(
  parts: LookParts,
  drift: Drift,
  repairs: ReadonlyMap<string, Repair>,
  lost: readonly NotRestored[],
): number {
  const before = new Set(drift.lost);
  let failed = 0;
  for (const one of lost) {
    const tried = repairs.get(one.place);
    const claim = tried?.claim ?? drift.view.claims.get(one.place)?.claim;
    if (claim === undefined) continue;
    if (before.has(one) || tried === undefined) {
      parts.states.lost(claim, one.message);
      continue;
    }
    failed++;
    parts.held.notRepaired(one.place);
    const state = drift.have.get(claim.place.pf)?.get(claim.place.vf ?? -1);
    const differences = differencesOf(tried.changes, state);
    hold(parts, claim, {
      code: one.failures[0]?.code ?? one.code ?? 'SRIOV_REFUSED',
      message: one.message,
      differences,
    });
  }
  return failed;
}

function tellHealthy({ held, states }: LookParts, { healthy, guestMacs, view }: Drift): void {
  const guests = new Map(guestMacs.map((guest) => [formatPlace(guest.claim.place), guest]));
  for (const { claim, wanted, found } of guests.values()) states.guestMac(claim, wanted, found);
  for (const place of healthy) {
    held.clear(place);
    const claim = view.claims.get(place)?.claim;
    if (claim !== undefined && !guests.has(place)) states.ok(claim);
  }
}

async function giveUpLeftOver({ recorder }: LookParts, context: Context, drift: Drift): Promise<void> {
  const report = await releaseLeftOver(context, drift);
  if (report === null) return;
  const stuck = new Map(report.notRestored.map(({ place, message }) => [place, message]));
  for (const [place, claim] of drift.leftOver) {
    const message = stuck.get(place) ?? '';
    recorder.tell({ type: 'left-over', ...namesOf(claim), released: message === '', message });
  }
}

function byPlace({ repairs }: Drift): ReadonlyMap<string, Repair> {
  return new Map(repairs.map((repaired) => [formatPlace(repaired.claim.place), repaired]));
}

function attributesOf(changes: VfConfig): VfAttribute[] {
  return VF_ATTRIBUTES.filter((attribute) => changes[attribute] !== undefined);
}

function differencesOf(changes: VfConfig, state: VfState | undefined): Difference[] {
  return attributesOf(changes).map((attribute) => {
    const found = state?.[attribute];
    return { attribute, wanted: changes[attribute], ...(found === undefined ? {} : { found }) };
  });
}
