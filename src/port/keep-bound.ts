/**
 * Bound ports whose VF is not as it should be: what it lost is given again.
 *
 * Owns the difference between a VF that lost its settings (PF reset, drift), one that was made anew (its state
 * before the port is another now), and one that is someone else's (left alone).
 */
import { bindingOn } from '../binding/life/binding.ts';
import { formatPlace } from '../binding/place.ts';
import { type Claim, type PortRecord, portKey } from '../binding/record.ts';
import { StoreConflictError } from '../store/errors.ts';
import type { Change, Guard } from '../store/store.ts';
import type { VfConfig, VfState } from '../vf/config.ts';
import { carryOut } from './carry-out.ts';
import type { Context } from './context.ts';
import type { Step } from './journal.ts';
import { differences, type Have, readPfs } from './program-places.ts';
import type { NotRestored, RecoveryReport } from './report.ts';
import { isUpperDone } from './upper.ts';
import { claimChange, type HeldClaim, readView, recordOf, vacatedGuard, type View } from './view.ts';

export interface Drift {
  readonly view: View;
  readonly have: Have;
  /** What is to be done, with the claim as it is to be held while and after. */
  readonly repairs: readonly {
    readonly step: Step;
    readonly claim: Claim;
    readonly held: HeldClaim;
    readonly changes: VfConfig;
  }[];
  readonly lost: readonly NotRestored[];
  /** Claims without a binding: unbound by another host's activation, or never put back. By text of the place. */
  readonly leftOver: ReadonlyMap<string, Claim>;
}

/** Looks at every claim of this host; one read for each PF. */
export async function findDrift(context: Context): Promise<Drift> {
  const { store, host } = context;
  const view = await readView(store, host.name);
  const bound: HeldClaim[] = [];
  const leftOver = new Map<string, Claim>();
  for (const held of view.claims.values()) {
    const { port, phase, place } = held.claim;
    const record = recordOf(await store.get(portKey(port)));
    if (phase === 'applying') continue;
    if (phase === 'releasing' || !isBoundTo(record, host.name, held.claim))
      leftOver.set(formatPlace(place), held.claim);
    else if (phase === 'bound' && place.vf !== null) bound.push(held);
  }
  const have = await readPfs(
    host,
    bound.map(({ claim }) => claim.place.pf),
  );
  const repairs: Drift['repairs'][number][] = [];
  const lost: NotRestored[] = [];
  for (const held of bound) {
    const judged = await judge(context, held, have);
    if (judged === undefined) continue;
    if ('message' in judged) lost.push(judged);
    else repairs.push({ ...judged, held });
  }
  return { view, have, repairs, lost, leftOver };
}

function isBoundTo(record: PortRecord | undefined, host: string, claim: Claim): boolean {
  const binding = record && bindingOn(record, host);
  if (binding === undefined || binding.place === null) return false;
  const expected = binding.status === 'ACTIVE' ? 'bound' : 'reserved';
  return formatPlace(binding.place) === formatPlace(claim.place) && claim.phase === expected;
}

async function judge(
  { host }: Context,
  { claim }: HeldClaim,
  have: Have,
): Promise<NotRestored | Omit<Drift['repairs'][number], 'held'> | undefined> {
  const { port, place, wanted } = claim;
  const now = have.get(place.pf)?.get(place.vf ?? -1);
  const generation = await host.generation(place);
  if (wanted === null) return undefined;
  if (now === undefined || generation === undefined) {
    return lostBecause(claim, 'it is not there; it is set up again as soon as it is back and recovery runs');
  }
  const changes = differences([{ place, config: wanted }], have).get(place.pf)?.[0];
  const isNew = generation !== claim.generation;
  if (isNew && changes !== undefined && isSomeoneElses(now, claim)) {
    return lostBecause(claim, 'it was made anew, and someone else has set it up since; release the port');
  }
  const upper = claim.macvtap && { ...claim.macvtap, action: 'create' as const, mac: wanted.mac ?? null };
  const step: Step = { port, place, generation, before: now, after: wanted, ...(upper && { upper }) };
  if (changes === undefined && !isNew && (await isUpperDone(host, step))) return undefined;
  const next: Claim = isNew ? { ...claim, generation, boot_id: host.bootId, found: now } : claim;
  return { step, claim: next, changes: changes ?? { vf: now.vf } };
}

/** A VF that was just made has none of these (drivers may give it a MAC); whoever set them is not us. */
function isSomeoneElses(now: VfState, { wanted }: Claim): boolean {
  const vlan = now.vlan != null && now.vlan.id !== wanted?.vlan?.id;
  const rate = (now.rate?.max ?? 0) !== 0 || (now.rate?.min ?? 0) !== 0;
  return vlan || now.trust === true || (rate && wanted?.rate == null);
}

function lostBecause({ port, place }: Claim, why: string): NotRestored {
  return { port, place: formatPlace(place), message: `${formatPlace(place)}: ${why}`, failures: [] };
}

/**
 * Gives the VFs what they lost. A claim whose VF was made anew is on disk with its new state before that VF is
 * touched; the others need nothing on disk, since what is wanted is there already.
 */
export async function repair(
  context: Context,
  drift: Drift,
): Promise<Pick<RecoveryReport, 'restored' | 'lost' | 'messages'>> {
  const { store, host } = context;
  const { view, repairs, have } = drift;
  const guards: Guard[] = [];
  const changes: Change[] = [];
  for (const { claim, held } of repairs) {
    if (claim === held.claim) continue;
    const change = claimChange(host.name, claim);
    changes.push(change);
    guards.push({ key: change.key, revision: held.revision }, vacatedGuard(view, claim.place.pf));
  }
  try {
    if (changes.length > 0) await store.commit({ guards, changes });
  } catch (error) {
    if (!(error instanceof StoreConflictError)) throw error;
    return repair(context, await findDrift(context));
  }
  const { problems, messages } = await carryOut(
    host,
    repairs.map(({ step }) => step),
    have,
  );
  const lost = [...drift.lost];
  const restored: RecoveryReport['restored'][number][] = [];
  for (const { claim, changes: made } of repairs) {
    const { port } = claim;
    const place = formatPlace(claim.place);
    const problem = problems.get(port);
    if (problem === undefined) restored.push({ port, place, changes: made });
    else lost.push({ port, place, message: problem.message, failures: problem.failures });
  }
  return { restored, lost, messages: messages + have.size };
}
