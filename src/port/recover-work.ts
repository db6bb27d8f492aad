/**
 * Half-done work of processes that are gone: finished when its VFs are all as wanted, undone otherwise; a release
 * is always finished.
 *
 * Owns the judgement from the journal and the kernel's state. What a living process is at work on is left alone.
 */
import { bindingOn, portUp } from '../binding/life/binding.ts';
import { LifeError } from '../binding/life/errors.ts';
import { formatPlace } from '../binding/place.ts';
import { type Claim, claimKey, journalKey, type PortRecord, portKey } from '../binding/record.ts';
import { StoreConflictError } from '../store/errors.ts';
import { activated } from './activate-port.ts';
import { carryOut, putBack, wishesOf } from './carry-out.ts';
import { closeWork, type Ending } from './close-work.ts';
import type { Context } from './context.ts';
import { isAtWork, type OpenJournal, readJournals, type Step } from './journal.ts';
import { isAlive } from './process.ts';
import { differences, type Have, readPfs } from './program-places.ts';
import { endingOfRelease } from './release-ports.ts';
import type { RecoveredWork } from './report.ts';
import { backOnHost } from './undo-record.ts';
import { isUpperDone } from './upper.ts';
import { readView, recordOf, type View } from './view.ts';

export interface OpenWork {
  readonly id: string;
  readonly revision: number;
  readonly journal: OpenJournal;
  /** Why it is left alone; absent = it is to be seen to. */
  readonly kept?: string;
}

/** Work that is not closed, oldest first. */
export async function openWork({ store, host }: Context): Promise<OpenWork[]> {
  const open: OpenWork[] = [];
  for (const { id, entry, journal } of await readJournals(store, host.name)) {
    if (journal.state !== 'open') continue;
    const kept = keptBecause(id, journal, host.bootId);
    open.push({ id, revision: entry.revision, journal, ...(kept === undefined ? {} : { kept }) });
  }
  return open;
}

function keptBecause(id: string, { process: owner }: OpenJournal, bootId: string): string | undefined {
  if (owner.boot_id !== bootId) return undefined;
  if (owner.pid === process.pid && isAlive(owner) === 'alive') {
    return isAtWork(id) ? 'this process is at work on it' : undefined;
  }
  switch (isAlive(owner)) {
    case 'alive':
      return `process ${owner.pid} is at work on it`;
    case 'unknown':
      return `process ${owner.pid} of another PID namespace began it, and nobody here can tell whether it lives`;
    case 'dead':
      return undefined;
  }
}

/** Sees to one piece of work. */
export async function recoverWork(
  context: Context,
  work: OpenWork,
): Promise<{ readonly work: RecoveredWork; readonly messages: number }> {
  const { id, journal, kept } = work;
  const base = { journal: id, kind: journal.kind, ports: journal.ports };
  if (kept !== undefined) return { work: { ...base, outcome: 'kept', message: kept }, messages: 0 };
  try {
    const { outcome, message, messages } = await settle(context, work);
    return { work: { ...base, outcome, message }, messages };
  } catch (error) {
    if (!(error instanceof StoreConflictError) || error.key !== journalKey(context.host.name, id))
      throw error;
    return {
      work: { ...base, outcome: 'kept', message: 'another process saw to it meanwhile' },
      messages: 0,
    };
  }
}

interface Settled {
  readonly outcome: 'finished' | 'undone';
  readonly message: string;
  readonly messages: number;
}

async function settle(context: Context, work: OpenWork): Promise<Settled> {
  const { host, store } = context;
  const { id, journal, revision } = work;
  const view = await readView(store, host.name);
  const steps = await ofThisLife(context, journal.steps);
  const have = await readPfs(
    host,
    wishesOf(steps).map(({ place }) => place.pf),
  );
  const asWanted = steps.length === journal.steps.length && (await isDone(context, steps, have));
  if (journal.kind === 'release') {
    const { problems, messages } = await carryOut(host, steps, have);
    const claimsOf = (port: string): Claim[] =>
      (view.byPort.get(port) ?? []).map(({ claim }) => claim).filter((claim) => claim.journal === id);
    const endings = journal.ports.map((port) =>
      endingOfRelease(claimsOf(port), port, host.name, {
        stuck: problems.has(port),
        asked: journal.left_over !== true,
      }),
    );
    const message = problems.size === 0 ? 'the rest was put back' : problemText(problems);
    await closeWork(store, host.name, { id, journal, revision, state: 'finished', message, endings });
    return { outcome: 'finished', message, messages: messages + have.size };
  }
  if (asWanted && !(await isOvertaken(context, journal))) {
    const endings = journal.ports.map((port) => finishing(id, journal, view, port, host.name));
    const message = 'all was as wanted; only the last entry was missing';
    await closeWork(store, host.name, { id, journal, revision, state: 'finished', message, endings });
    return { outcome: 'finished', message, messages: have.size };
  }
  const back = await putBack(host, steps, new Set(journal.ports));
  const endings = undoing(work, view, back.problems, host.name);
  const message = back.problems.size === 0 ? 'all is as it was before' : problemText(back.problems);
  await closeWork(store, host.name, { id, journal, revision, state: 'undone', message, endings });
  return { outcome: 'undone', message, messages: back.messages + have.size };
}

function problemText(problems: ReadonlyMap<string, { readonly message: string }>): string {
  return `not put back: ${[...problems.values()].map(({ message }) => message).join('; ')}`;
}

/** A VF that was taken away since, or a boot, has lost what was done to it. */
async function ofThisLife({ host }: Context, steps: readonly Step[]): Promise<Step[]> {
  const alive = await Promise.all(
    steps.map(async (step) => (await host.generation(step.place)) === step.generation),
  );
  return steps.filter((_, index) => alive[index] === true);
}

async function isDone({ host }: Context, steps: readonly Step[], have: Have): Promise<boolean> {
  const wishes = wishesOf(steps);
  const there = wishes.every(({ place }) => have.get(place.pf)?.has(place.vf ?? -1) === true);
  if (!there || differences(wishes, have).size > 0) return false;
  const uppers = await Promise.all(steps.map((step) => isUpperDone(host, step)));
  return uppers.every((done) => done);
}

/** Whether an activation can't be finished any more: another host's was faster, or the binding is gone. */
async function isOvertaken({ store, host }: Context, journal: OpenJournal): Promise<boolean> {
  if (journal.kind !== 'activate') return false;
  for (const port of journal.ports) {
    const now = recordOf(await store.get(portKey(port)));
    if (now === undefined) return true;
    try {
      activated(recordBefore(journal, port) ?? now, now, host.name);
    } catch (error) {
      if (!(error instanceof LifeError)) throw error;
      return true;
    }
  }
  return false;
}

function recordBefore({ before }: OpenJournal, port: string): PortRecord | undefined {
  const value = before.find(({ key }) => key === portKey(port))?.value;
  return value as unknown as PortRecord | undefined;
}

/** What the last commit of the transaction would have written for a port. */
function finishing(id: string, journal: OpenJournal, view: View, port: string, host: string): Ending {
  const mine = (view.byPort.get(port) ?? []).map(({ claim }) => claim).filter((one) => one.journal === id);
  const bound = mine
    .filter(({ phase }) => phase === 'applying')
    .map((claim): Claim => ({ ...claim, phase: 'bound' }));
  const leaving = mine.filter(({ phase }) => phase === 'releasing').map(({ place }) => place);
  const record = (now: PortRecord | undefined): PortRecord | undefined => {
    if (now === undefined) return undefined;
    if (journal.kind === 'activate') return activated(recordBefore(journal, port) ?? now, now, host);
    return bindingOn(now, host)?.status === 'ACTIVE' ? portUp(now) : now;
  };
  return { port, record, claims: bound, vacated: leaving };
}

/** Everything that the first commit wrote, back to what was there before it. */
function undoing(
  { id, journal, revision }: OpenWork,
  view: View,
  problems: ReadonlyMap<string, unknown>,
  host: string,
): Ending[] {
  const before = new Map(journal.before.map(({ key, value }) => [key, value]));
  return journal.ports.map((port): Ending => {
    const stuck = problems.has(port);
    const mine = (view.byPort.get(port) ?? []).map(({ claim }) => claim).filter((one) => one.journal === id);
    const claims = mine.flatMap((claim): Claim[] => {
      const old = before.get(claimKey(host, claim.place)) as unknown as Claim | undefined;
      // A reserved VF is not looked at again; one that could not be put back has to be.
      if (old !== undefined && !(stuck && old.phase === 'reserved')) return [old];
      return stuck ? [{ ...claim, phase: 'releasing' }] : [];
    });
    const kept = new Set(claims.map(({ place }) => formatPlace(place)));
    const vacated = mine.map(({ place }) => place).filter((place) => !kept.has(formatPlace(place)));
    const old = recordBefore(journal, port);
    const record: Ending['record'] = (now, at) => backOnHost(old, now, host, at === revision);
    return { port, record, claims, vacated };
  });
}
