/**
 * Bound ports whose VF is not as it should be: what it lost is given again.
 *
 * Owns the difference between a VF that lost its settings (PF reset, drift), one that was made anew (its state
 * before the port is another now), and one that is someone else's (left alone).
 */
import { bindingOn } from '../binding/life/binding.ts';
import { formatPlace } from '../binding/place.ts';
import { type Claim, journalKey, type PortRecord, portKey } from '../binding/record.ts';
import { StoreConflictError } from '../store/errors.ts';
import type { Change } from '../store/store.ts';
import type { VfConfig, VfState } from '../vf/config.ts';
import { isHalfDone } from './busy.ts';
import { carryOut } from './carry-out.ts';
import { closeWork, type Ending } from './close-work.ts';
import type { Context } from './context.ts';
import { type Before, newJournalId, openJournal, type Step, whileAtWork } from './journal.ts';
import { differences, type Have, readPfs } from './program-places.ts';
import type { NotRestored, RecoveryReport } from './report.ts';
import { deviceFound, isUpperDone } from './upper.ts';
import {
  claimBefore,
  claimChange,
  claimGuard,
  type HeldClaim,
  readView,
  recordOf,
  toJson,
  vacatedGuard,
  type View,
} from './view.ts';

export interface Drift {
  readonly view: View;
  readonly have: Have;
  /** What is to be done, with the claim as it is to be held while and after. */
  readonly repairs: readonly {
    readonly step: Step;
    readonly claim: Claim;
    readonly changes: VfConfig;
    /** The port's, as it is in the store. */
    readonly record: Before;
  }[];
  readonly lost: readonly NotRestored[];
  /** Claims without a binding: unbound by another host's activation, or never put back. By text of the place. */
  readonly leftOver: ReadonlyMap<string, Claim>;
}

/** Looks at every claim of this host; one read for each PF. */
export async function findDrift(context: Context): Promise<Drift> {
  const { store, host } = context;
  const view = await readView(store, host.name);
  const bound: { readonly held: HeldClaim; readonly record: Before }[] = [];
  const leftOver = new Map<string, Claim>();
  for (const held of view.claims.values()) {
    const { port, phase, place } = held.claim;
    const entry = await store.get(portKey(port));
    const record = recordOf(entry);
    if (phase === 'applying' || (await isHalfDone(store, host.name, held.claim))) continue;
    if (phase === 'releasing' || !isBoundTo(record, host.name, held.claim))
      leftOver.set(formatPlace(place), held.claim);
    else if (phase === 'bound' && place.vf !== null && entry !== undefined)
      bound.push({ held, record: entry });
  }
  const have = await readPfs(
    host,
    bound.map(({ held }) => held.claim.place.pf),
  );
  const repairs: Drift['repairs'][number][] = [];
  const lost: NotRestored[] = [];
  for (const { held, record } of bound) {
    const judged = await judge(context, held, have);
    if (judged === undefined) continue;
    if ('message' in judged) lost.push(judged);
    else
      repairs.push({
        ...judged,
        record: { key: record.key, ...(record.value !== undefined && { value: record.value }) },
      });
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
): Promise<NotRestored | Omit<Drift['repairs'][number], 'record'> | undefined> {
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
  const macvtap =
    claim.macvtap && isNew
      ? { ...claim.macvtap, found: deviceFound(await host.netDevice(place)) }
      : claim.macvtap;
  const upper = macvtap && { ...macvtap, action: 'create' as const, mac: wanted.mac ?? null };
  const done = { port, place, generation, before: now, after: wanted, ...(upper && { upper }) };
  const isThere = await isUpperDone(host, done);
  if (changes === undefined && !isNew && isThere) return undefined;
  const step: Step = upper && isThere ? { ...done, upper: { ...upper, kept: true } } : done;
  const life = { generation, boot_id: host.bootId, found: now, ...(macvtap && { macvtap }) };
  const next: Claim = isNew ? { ...claim, ...life } : claim;
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
 * Gives the VFs what they lost. A transaction like any other: while it is at work nobody may release these ports,
 * and a VF that was made anew is on disk with its new state before it is touched.
 */
export async function repair(
  context: Context,
  drift: Drift,
): Promise<Pick<RecoveryReport, 'restored' | 'lost' | 'messages'>> {
  if (drift.repairs.length === 0) return { restored: [], lost: drift.lost, messages: drift.have.size };
  const id = newJournalId();
  try {
    return await whileAtWork(id, () => carryOutRepair(context, drift, id));
  } catch (error) {
    const isOurs = error instanceof StoreConflictError && error.key !== journalKey(context.host.name, id);
    if (!isOurs) throw error;
    // Someone has changed a claim since it was read; nothing was done yet.
    return repair(context, await findDrift(context));
  }
}

async function carryOutRepair(
  { store, host }: Context,
  { repairs, have, view, lost: lostBefore }: Drift,
  id: string,
): ReturnType<typeof repair> {
  const ports = repairs.map(({ claim }) => claim.port);
  const steps = repairs.map(({ step }) => step);
  const before = repairs.flatMap(({ claim, record }) => [record, claimBefore(view, claim.place)]);
  const journal = openJournal({ kind: 'repair', ports, steps, before });
  const guards = repairs.flatMap(({ claim }) => [
    claimGuard(view, claim.place),
    vacatedGuard(view, claim.place.pf),
  ]);
  const changes: Change[] = repairs.map(({ claim }) =>
    claimChange(host.name, { ...claim, phase: 'applying', journal: id }),
  );
  changes.push({ key: journalKey(host.name, id), value: toJson(journal) });
  const revision = await store.commit({ guards, changes });
  const { problems, messages } = await carryOut(host, steps, have);
  const message = `${ports.length - problems.size} of ${ports.length} ports as wanted again`;
  const endings = repairs.map(({ claim }): Ending => {
    const held: Claim = { ...claim, phase: 'bound', journal: id };
    return { port: claim.port, record: (now) => now, claims: [held], vacated: [] };
  });
  await closeWork(store, host.name, { id, journal, revision, state: 'finished', message, endings });
  const lost = [...lostBefore];
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
