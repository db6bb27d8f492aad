/**
 * Makes this host's binding of a port the active one: the end of a live migration.
 *
 * Owns the swap: the VF is set up first, then one commit makes this binding active and the other inactive. If that
 * commit does not come about, the VF is put back. The host that was active gives its VF back when it sees the
 * record (`recover`).
 */
import { activateBinding, activeBinding, bindingOn, portUp } from '../binding/life/binding.ts';
import { LifeError } from '../binding/life/errors.ts';
import { formatPlace } from '../binding/place.ts';
import { type Claim, journalKey, type PortRecord, portKey } from '../binding/record.ts';
import { KernelError } from '../errors.ts';
import { StoreConflictError } from '../store/errors.ts';
import type { Entry } from '../store/store.ts';
import { isHalfDone } from './busy.ts';
import { carryOut, putBack } from './carry-out.ts';
import { closeWork, type Closing } from './close-work.ts';
import type { Context } from './context.ts';
import { arrive } from './draft-bind.ts';
import { newJournalId, openJournal, type Step, whileAtWork } from './journal.ts';
import { type Have, readPfs } from './program-places.ts';
import { claimBefore, claimChange, claimGuard, readView, recordOf, toJson, type View } from './view.ts';

interface Draft {
  readonly view: View;
  readonly entry: Entry;
  readonly before: PortRecord;
  readonly record: PortRecord;
  readonly step: Step | undefined;
  readonly claim: Claim;
  readonly have: Have;
}

export async function activatePort(context: Context, port: string): Promise<PortRecord> {
  let first: PortRecord | undefined;
  for (;;) {
    const draft = await draftActivation(context, port);
    first ??= draft.before;
    refuseOvertaken(first, draft.before);
    const id = newJournalId();
    try {
      return await whileAtWork(id, () => carryOutActivation(context, draft, id));
    } catch (error) {
      // Before the VF was touched: look again, whether this binding may still be activated.
      if (!(error instanceof StoreConflictError) || error.key === journalKey(context.host.name, id))
        throw error;
    }
  }
}

async function draftActivation(context: Context, port: string): Promise<Draft> {
  const { store, host } = context;
  const entry = await store.get(portKey(port));
  const before = recordOf(entry);
  if (entry === undefined || before === undefined) {
    throw new LifeError('SRIOV_NOT_FOUND', 404, `port ${port} is not in the store`);
  }
  const record = activateBinding(before, host.name);
  const place = bindingOn(record, host.name)?.place ?? null;
  if (place === null) {
    throw new LifeError(
      'SRIOV_NOT_BOUND',
      409,
      `port ${port} has no function on ${host.name}; bind it here first`,
    );
  }
  const view = await readView(store, host.name);
  const held = view.claims.get(formatPlace(place))?.claim;
  if (held !== undefined && (await isHalfDone(store, host.name, held))) {
    const why = `is ${held.phase} for port ${held.port}; if that work was cut off, recover first`;
    throw new LifeError('SRIOV_BUSY', 409, `${formatPlace(place)} ${why}`);
  }
  const have = place.vf === null ? new Map() : await readPfs(host, [place.pf]);
  const inventory = await host.inventory();
  const { step, claim } = await arrive(context, view, inventory, have, record, place);
  return { view, entry, before, record, step, claim, have };
}

async function carryOutActivation({ store, host }: Context, draft: Draft, id: string): Promise<PortRecord> {
  const { view, entry, step, claim, have } = draft;
  const port = claim.port;
  const steps = step === undefined ? [] : [step];
  const before = [{ key: entry.key, value: entry.value }, claimBefore(view, claim.place)];
  const journal = openJournal({ kind: 'activate', ports: [port], steps, before });
  const revision = await store.commit({
    guards: [{ key: entry.key, revision: entry.revision }, claimGuard(view, claim.place)],
    changes: [
      claimChange(host.name, { ...claim, journal: id }),
      { key: journalKey(host.name, id), value: toJson(journal) },
    ],
  });
  const closing = { id, journal, revision, message: '' } as const;
  const done = await carryOut(host, steps, have);
  const problem = done.problems.get(port);
  if (problem !== undefined) {
    await undo(store, host, { ...closing, state: 'undone', endings: [] }, draft);
    throw (
      problem.refusedAsAWhole ??
      new KernelError(
        problem.code,
        `port ${port} was not activated, and is as before: ${problem.message}`,
        {},
      )
    );
  }
  try {
    const records = await closeWork(store, host.name, {
      ...closing,
      state: 'finished',
      message: `active on ${host.name}`,
      endings: [
        {
          port,
          record: (now) => activated(draft.before, now ?? draft.before, host.name),
          claims: [{ ...claim, journal: id, phase: 'bound' }],
          vacated: [],
        },
      ],
    });
    return records.get(port) ?? draft.record;
  } catch (error) {
    if (!(error instanceof LifeError)) throw error;
    await undo(store, host, { ...closing, state: 'undone', endings: [] }, draft);
    throw error;
  }
}

/**
 * The record with this host's binding active, from what is in the store now: of two that activate at once, one
 * finds that it is too late.
 *
 * @param before as it was when the work was begun
 * @throws LifeError
 */
export function activated(before: PortRecord, now: PortRecord, host: string): PortRecord {
  const next = activateBinding(now, host);
  refuseOvertaken(before, now);
  return portUp(next);
}

function refuseOvertaken(before: PortRecord, now: PortRecord): void {
  const host = activeBinding(now)?.host;
  if (host === undefined || host === activeBinding(before)?.host) return;
  throw new LifeError('SRIOV_BUSY', 409, `port ${now.port.id} was made active on ${host} meanwhile`);
}

async function undo(
  store: Context['store'],
  host: Context['host'],
  closing: Closing,
  { view, step, claim }: Draft,
): Promise<void> {
  const back = await putBack(host, step === undefined ? [] : [step], new Set([claim.port]));
  const before = view.claims.get(formatPlace(claim.place))?.claim;
  const problem = back.problems.get(claim.port);
  // A VF that is gone has nothing to be put back.
  const stuck = problem?.code === 'ENODEV' ? undefined : problem;
  const claims =
    stuck === undefined && before !== undefined ? [before] : [{ ...claim, phase: 'releasing' as const }];
  const message = stuck === undefined ? 'not activated; all is as it was' : `not put back: ${stuck.message}`;
  const ending = { port: claim.port, record: (now: PortRecord | undefined) => now, claims, vacated: [] };
  await closeWork(store, host.name, { ...closing, message, endings: [ending] });
}
