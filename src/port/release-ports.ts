/**
 * Gives functions back as they were found.
 *
 * Owns what is restored and what must not be: a VF that was taken away and made anew is not the one whose state
 * was found.
 */
import { formatPlace } from '../binding/place.ts';
import { type Claim, journalKey, type PortRecord, portKey } from '../binding/record.ts';
import { bindingOn, unbindOn } from '../binding/life/binding.ts';
import { replaceBinding, unbound } from '../binding/life/state.ts';
import { StoreConflictError } from '../store/errors.ts';
import type { Change, Guard } from '../store/store.ts';
import { isHalfDone } from './busy.ts';
import { carryOut } from './carry-out.ts';
import { closeWork, type Ending } from './close-work.ts';
import type { Context } from './context.ts';
import { newJournalId, openJournal, type Step, whileAtWork } from './journal.ts';
import { type Have, readPfs } from './program-places.ts';
import type { NotRestored, ReleaseReport } from './report.ts';
import { type HeldClaim, readView, toJson, type View, claimBefore, claimGuard, claimChange } from './view.ts';

interface Draft {
  readonly ids: readonly string[];
  /** Of ports without a claim: the record's revision. Nothing of these is written before the last commit. */
  readonly unclaimed: ReadonlyMap<string, number>;
  /** That they are without one still, when the work begins. */
  readonly guards: readonly Guard[];
  readonly unknown: readonly string[];
  readonly steps: readonly Step[];
  readonly held: readonly HeldClaim[];
  readonly notRestored: readonly NotRestored[];
  readonly have: Have;
}

/**
 * @param only - claims to be given up; absent = all that the ports have here, and their bindings with them
 */
export async function releasePorts(
  context: Context,
  ids: readonly string[],
  only?: (claim: Claim) => boolean,
): Promise<ReleaseReport> {
  const started = performance.now();
  const { store, host } = context;
  for (;;) {
    const view = await readView(store, host.name);
    const draft = await draftRelease(context, view, [...new Set(ids)], only);
    const id = newJournalId();
    try {
      return await whileAtWork(id, () =>
        carryOutRelease(context, view, draft, id, only === undefined, started),
      );
    } catch (error) {
      // Someone has changed a claim since it was read; nothing was done yet.
      if (!(error instanceof StoreConflictError) || error.key === journalKey(host.name, id)) throw error;
    }
  }
}

async function draftRelease(
  context: Context,
  view: View,
  ids: readonly string[],
  only: (claim: Claim) => boolean = () => true,
): Promise<Draft> {
  const { store, host } = context;
  const known: string[] = [];
  const unknown: string[] = [];
  const held: HeldClaim[] = [];
  const notRestored: NotRestored[] = [];
  const unclaimed = new Map<string, number>();
  const guards: Guard[] = [];
  for (const id of ids) {
    const entry = await store.get(portKey(id));
    const binding = entry && bindingOn(entry.value as unknown as PortRecord, host.name);
    const mine = (view.byPort.get(id) ?? []).filter(({ claim }) => only(claim));
    const busy = await halfDone(context, mine);
    if (busy !== undefined) {
      const why = `it is ${busy.phase} for this port; if that work was cut off, recover first`;
      notRestored.push(left(busy, why));
      continue;
    }
    if (mine.length === 0 && binding === undefined) unknown.push(id);
    else known.push(id);
    if (mine.length === 0 && entry !== undefined && binding !== undefined) {
      unclaimed.set(id, entry.revision);
      guards.push({ key: entry.key, revision: entry.revision });
      if (binding.place !== null) guards.push(claimGuard(view, binding.place));
    }
    held.push(...mine);
  }
  const have = await readPfs(host, held.filter(({ claim }) => claim.found !== null).map(pfOf));
  const steps: Step[] = [];
  for (const { claim } of held) {
    const step = await releaseStep(context, claim, have);
    if ('message' in step) notRestored.push(step);
    else steps.push(step);
  }
  return { ids: known, unclaimed, guards, unknown, steps, held, notRestored, have };
}

/** Half-done work is recovery's; a VF is not given away from under it. */
async function halfDone({ store, host }: Context, mine: readonly HeldClaim[]): Promise<Claim | undefined> {
  for (const { claim } of mine) if (await isHalfDone(store, host.name, claim)) return claim;
  return undefined;
}

function pfOf({ claim }: HeldClaim): string {
  return claim.place.pf;
}

/** How a claim's function goes back; or why it must be left as it is. */
export async function releaseStep(
  { host }: Pick<Context, 'host'>,
  claim: HeldClaim['claim'],
  have: Have,
): Promise<Step | NotRestored> {
  const { port, place, found } = claim;
  const base = { port, place, generation: claim.generation };
  if (found === null || claim.phase === 'reserved') return { ...base, before: null, after: null };
  const now = have.get(place.pf)?.get(found.vf);
  const generation = await host.generation(place);
  if (now === undefined || generation === undefined) {
    return left(claim, 'it is gone, so there is nothing to put back');
  }
  if (generation !== claim.generation) {
    return left(claim, 'it was taken away and made anew since, so what was found then is not its state');
  }
  const { macvtap } = claim;
  if (macvtap === undefined) return { ...base, before: now, after: found };
  const upper = {
    name: macvtap.name,
    action: 'remove',
    mac: claim.wanted?.mac ?? null,
    found: macvtap.found,
  } as const;
  return { ...base, before: now, after: found, upper };
}

function left({ port, place }: HeldClaim['claim'], why: string): NotRestored {
  return { port, place: formatPlace(place), message: `${formatPlace(place)}: ${why}`, failures: [] };
}

async function carryOutRelease(
  context: Context,
  view: View,
  draft: Draft,
  id: string,
  asked: boolean,
  started: number,
): Promise<ReleaseReport> {
  const { store, host } = context;
  const { ids: ports, steps } = draft;
  const before = draft.held.map(({ claim }) => claimBefore(view, claim.place));
  const journal = openJournal({
    kind: 'release',
    ports,
    steps,
    before,
    ...(asked ? {} : { left_over: true }),
  });
  const guards = [...draft.guards, ...draft.held.map(({ claim }) => claimGuard(view, claim.place))];
  const changes: Change[] = draft.held.map(({ claim }) =>
    claimChange(host.name, { ...claim, phase: 'releasing', journal: id }),
  );
  const key = journalKey(host.name, id);
  if (draft.ids.length === 0) {
    const { unknown, notRestored } = draft;
    return { released: [], records: [], unknown, notRestored, messages: 0, durationMs: 0 };
  }
  const revision = await store.commit({ guards, changes: [...changes, { key, value: toJson(journal) }] });
  const { problems, messages } = await carryOut(host, draft.steps, draft.have);
  const failed: NotRestored[] = draft.steps.flatMap(({ port, place }) => {
    const problem = problems.get(port);
    if (problem === undefined) return [];
    return [{ port, place: formatPlace(place), message: problem.message, failures: problem.failures }];
  });
  const held = new Map<string, Claim[]>();
  for (const { claim } of draft.held) held.set(claim.port, [...(held.get(claim.port) ?? []), claim]);
  const claimsOf = (port: string): Claim[] => held.get(port) ?? [];
  const denied = [...problems.values()].find(({ code }) => code === 'EPERM')?.refusedAsAWhole;
  if (denied !== undefined) {
    const endings = draft.ids.map((port) => untouched(claimsOf(port), port));
    const message = 'not permitted; nothing was changed';
    await closeWork(store, host.name, { id, journal, revision, state: 'undone', message, endings });
    throw denied;
  }
  const endings = draft.ids.map((port) =>
    endingOfRelease(claimsOf(port), port, host.name, {
      stuck: problems.has(port),
      asked,
      revision: draft.unclaimed.get(port),
    }),
  );
  const message = problems.size === 0 ? 'all put back' : `not put back: ${[...problems.keys()].join(', ')}`;
  const records = new Map<string, PortRecord>();
  const told = endings.map((ending) => remembering(ending, host.name, records));
  await closeWork(store, host.name, { id, journal, revision, state: 'finished', message, endings: told });
  const released = draft.ids.filter((port) => !problems.has(port));
  return {
    released,
    records: released.flatMap((port) => records.get(port) ?? []),
    unknown: draft.unknown,
    notRestored: [...draft.notRestored, ...failed],
    messages: messages + draft.have.size,
    durationMs: performance.now() - started,
  };
}

/** Notes the record with its binding unbound rather than gone, so that the caller sees the profile as it was. */
function remembering(ending: Ending, host: string, records: Map<string, PortRecord>): Ending {
  const record: Ending['record'] = (now, revision) => {
    const binding = now && bindingOn(now, host);
    if (now !== undefined && binding !== undefined) {
      records.set(ending.port, replaceBinding(now, host, unbound(binding)));
    }
    return ending.record(now, revision);
  };
  return { ...ending, record };
}

/**
 * A port after these claims of it were given up. What could not be put back it keeps, so that nobody else gets it
 * as it is; recovery tries again.
 */
export function endingOfRelease(
  mine: readonly Claim[],
  port: string,
  host: string,
  {
    stuck,
    asked,
    revision,
  }: { readonly stuck: boolean; readonly asked: boolean; readonly revision?: number | undefined },
): Ending {
  if (stuck) {
    const claims = mine.map((claim): Claim => ({ ...claim, phase: 'releasing' }));
    return { port, record: (now) => now, claims, vacated: [] };
  }
  const places = new Set(mine.map(({ place }) => formatPlace(place)));
  const record: Ending['record'] = (now, at) => {
    // Without a claim nothing keeps others from binding the port meanwhile; then it stays as they made it.
    if (revision !== undefined && at !== revision) return now;
    const place = now && bindingOn(now, host)?.place;
    // A port that is bound elsewhere by now, or whose binding failed, keeps that; this was a left-over.
    const isLeftOver = place == null ? !asked : mine.length > 0 && !places.has(formatPlace(place));
    return now === undefined || isLeftOver || bindingOn(now, host) === undefined ? now : unbindOn(now, host);
  };
  return { port, record, claims: [], vacated: mine.map(({ place }) => place) };
}

function untouched(claims: readonly Claim[], port: string): Ending {
  return { port, record: (now) => now, claims, vacated: [] };
}
