/**
 * Binds ports and sets their functions up.
 *
 * Owns the transaction: intent and state as found on disk, then the VFs, then the outcome on disk. What fails is
 * put back, port by port; the others stay bound.
 */
import { isDeepStrictEqual } from 'node:util';
import { bindingOn, failBinding, portUp } from '../binding/life/binding.ts';
import { noteFailure } from '../binding/life/failures.ts';
import { formatPlace } from '../binding/place.ts';
import type { PortRequest } from '../binding/port.ts';
import { type Claim, journalKey, type PortRecord, portKey } from '../binding/record.ts';
import type { Refusal } from '../binding/refusal.ts';
import { StoreConflictError } from '../store/errors.ts';
import type { Change, Guard } from '../store/store.ts';
import type { VfConfig } from '../vf/config.ts';
import { type CarriedOut, carryOut, putBack } from './carry-out.ts';
import { closeWork, type Ending } from './close-work.ts';
import type { Context } from './context.ts';
import { type BindDraft, type BindTask, changesOf, draftBind } from './draft-bind.ts';
import { type Before, newJournalId, openJournal, whileAtWork } from './journal.ts';
import type { BindReport, PortOutcome } from './report.ts';
import type { Problem } from './program-places.ts';
import { backOnHost } from './undo-record.ts';
import {
  claimBefore,
  claimChange,
  claimGuard,
  recordChange,
  recordOf,
  toJson,
  vacatedGuard,
} from './view.ts';

/** What {@link bindPorts} would do. */
export async function planBind(context: Context, requests: readonly PortRequest[]): Promise<PortOutcome[]> {
  if (requests.length === 0) return [];
  const draft = await draftBind(context, requests);
  return draft.tasks.map((task) => outcome(task, context.host.name, draft));
}

export async function bindPorts(context: Context, requests: readonly PortRequest[]): Promise<BindReport> {
  const started = performance.now();
  for (;;) {
    const draft = await draftBind(context, requests);
    const id = newJournalId();
    try {
      const { ports, messages } = await whileAtWork(id, () => carryOutBind(context, draft, id));
      return { ports, messages: messages + draft.have.size, durationMs: performance.now() - started };
    } catch (error) {
      // Someone was faster; nothing was done yet. He is through with it, so this comes to an end.
      if (!(error instanceof StoreConflictError) || error.key === journalKey(context.host.name, id))
        throw error;
    }
  }
}

type Done = Pick<BindReport, 'ports' | 'messages'>;

async function carryOutBind(context: Context, drafted: BindDraft, id: string): Promise<Done> {
  const { store, host } = context;
  const draft = { ...drafted, tasks: drafted.tasks.map((task) => settledTask(task, drafted, host.name)) };
  const { tasks, have } = draft;
  const todo = tasks.filter((task) => isWork(task, draft));
  const steps = todo.flatMap((task) => task.steps);
  const ports = todo.map(({ id: port }) => port);
  const before = todo.flatMap((task) => beforeOf(task, draft));
  const journal = openJournal({ kind: 'bind', ports, steps, before });
  const key = journalKey(host.name, id);
  const commit = firstCommit(context, draft, todo, id);
  const entry = todo.length === 0 ? [] : [{ key, value: toJson(journal) }];
  const changes = [...commit.changes, ...entry];
  if (changes.length === 0)
    return { ports: tasks.map((task) => outcome(task, host.name, draft)), messages: 0 };
  const revision = await store.commit({ guards: commit.guards, changes });
  if (todo.length === 0) return { ports: tasks.map((task) => outcome(task, host.name, draft)), messages: 0 };
  const done = await carryOut(host, steps, have);
  const back = await putBack(host, steps, new Set(done.problems.keys()));
  const denied = [...done.problems.values()].find(({ code }) => code === 'EPERM')?.refusedAsAWhole;
  const endings = todo.map((task) =>
    ending(task, draft, host.name, revision, done, back, denied !== undefined),
  );
  const state = denied !== undefined || done.problems.size === todo.length ? 'undone' : 'finished';
  const message = `${todo.length - done.problems.size} of ${todo.length} ports as wanted`;
  const records = await closeWork(store, host.name, { id, journal, revision, state, message, endings });
  if (denied !== undefined) throw denied;
  const outcomes = tasks.map((task) => outcome(task, host.name, draft, records, done.problems));
  return { ports: outcomes, messages: done.messages + back.messages };
}

/** A port whose function is as wanted already has its status at once: no work will end in it. */
function settledTask(task: BindTask, draft: BindDraft, host: string): BindTask {
  if (task.refusals.length > 0 || isWork(task, draft)) return task;
  return { ...task, record: up(task.record, host) ?? task.record };
}

/** Whether a VF, a claim or a macvtap device has to be seen to, rather than the record alone. */
function isWork({ steps, claims, leaving }: BindTask, draft: BindDraft): boolean {
  if (leaving.length > 0) return true;
  const isNew = claims.some(({ place, phase, port }) => {
    const held = draft.view.claims.get(formatPlace(place))?.claim;
    return phase === 'applying' && (held?.port !== port || held.phase !== 'bound');
  });
  return isNew || changesOf(steps, draft.have).size > 0;
}

function beforeOf(task: BindTask, { view }: BindDraft): Before[] {
  const { id, previous, claims, leaving } = task;
  const record: Before =
    previous === undefined ? { key: portKey(id) } : { key: portKey(id), value: previous.value };
  return [record, ...[...claims, ...leaving].map(({ place }) => claimBefore(view, place))];
}

interface FirstCommit {
  readonly guards: Guard[];
  readonly changes: Change[];
}

function firstCommit(
  { host }: Context,
  draft: BindDraft,
  todo: readonly BindTask[],
  id: string,
): FirstCommit {
  const { view, tasks } = draft;
  const guards: Guard[] = [];
  const changes: Change[] = [];
  const pfs = new Set<string>();
  const working = new Set(todo);
  for (const task of tasks) {
    const before = recordOf(task.previous);
    if (task.record !== before) {
      guards.push({ key: portKey(task.id), revision: task.previous?.revision ?? 0 });
      changes.push(recordChange(task.id, task.record));
    }
    for (const claim of task.claims) {
      const held = view.claims.get(formatPlace(claim.place))?.claim;
      const next =
        working.has(task) || claim.phase === 'reserved' ? { ...claim, journal: id } : settled(claim, held);
      if (isDeepStrictEqual(toJson(next), held)) continue;
      guards.push(claimGuard(view, claim.place));
      changes.push(claimChange(host.name, next));
      pfs.add(claim.place.pf);
    }
    for (const claim of task.leaving) {
      guards.push(claimGuard(view, claim.place));
      changes.push(claimChange(host.name, { ...claim, phase: 'releasing', journal: id }));
    }
  }
  for (const pf of pfs) guards.push(vacatedGuard(view, pf));
  return { guards, changes };
}

/** A claim whose VF is so already. */
function settled(claim: Claim, held: Claim | undefined): Claim {
  return { ...claim, phase: 'bound', journal: held?.journal ?? claim.journal };
}

function ending(
  task: BindTask,
  draft: BindDraft,
  host: string,
  revision: number,
  done: CarriedOut,
  back: CarriedOut,
  denied: boolean,
): Ending {
  const { id, previous, claims, leaving } = task;
  const problem = done.problems.get(id);
  const places = leaving.map(({ place }) => place);
  if (problem === undefined && !denied) {
    const bound = claims.map((claim): Claim =>
      claim.phase === 'reserved' ? claim : { ...claim, phase: 'bound' },
    );
    return { port: id, record: (now) => up(now, host), claims: bound, vacated: places };
  }
  const before = recordOf(previous);
  const record: Ending['record'] = (now, written) => {
    const old = backOnHost(before, now, host, written === revision);
    if (denied) return old;
    const refusals = refusalsOf(task, problem);
    const at = new Date().toISOString();
    if (old !== undefined && before !== undefined && isBoundHere(before, host))
      return noteFailure(old, host, refusals, at);
    return now && failBinding(now, host, refusals, at);
  };
  const stuck = back.problems.has(id);
  const old = [...claims, ...leaving].flatMap(
    ({ place }) => draft.view.claims.get(formatPlace(place))?.claim ?? [],
  );
  const mine = old.filter(({ port }) => port === id);
  const held = new Set(mine.map(({ place }) => formatPlace(place)));
  const given = claims.filter(({ place }) => !held.has(formatPlace(place)));
  // What could not be put back stays ours, so that nobody gets it as it is; recovery tries again.
  const dirty = given.map((claim): Claim => ({ ...claim, phase: 'releasing' }));
  return {
    port: id,
    record,
    claims: stuck ? [...mine, ...dirty] : mine,
    vacated: stuck ? [] : given.map(({ place }) => place),
  };
}

function isBoundHere(record: PortRecord, host: string): boolean {
  return (bindingOn(record, host)?.place ?? null) !== null;
}

function up(record: PortRecord | undefined, host: string): PortRecord | undefined {
  return record !== undefined && bindingOn(record, host)?.status === 'ACTIVE' ? portUp(record) : record;
}

function refusalsOf({ claims }: BindTask, problem: Problem | undefined): Refusal[] {
  if (problem === undefined) return [];
  const place = claims[0] === undefined ? {} : { place: formatPlace(claims[0].place) };
  const failures = problem.failures.map(({ attribute, errno, code }) => ({ attribute, errno, code }));
  const detail = failures.length === 0 ? {} : { detail: { failures } };
  return [{ code: 'APPLY', ...place, message: problem.message, ...detail }];
}

function outcome(
  task: BindTask,
  host: string,
  draft: BindDraft,
  records?: ReadonlyMap<string, PortRecord | undefined>,
  problems?: ReadonlyMap<string, Problem>,
): PortOutcome {
  const record = records?.get(task.id) ?? task.record;
  const binding = bindingOn(record, host) ?? null;
  const refusals = [
    ...task.refusals,
    ...refusalsOf(task, problems?.get(task.id)),
    ...overtaken(task, records !== undefined, binding),
  ];
  return { id: task.id, record, binding, refusals, changes: mergedChanges(task, draft) };
}

/** What was bound here is not any more: another host activated its binding, or someone released this one. */
function overtaken(task: BindTask, done: boolean, binding: PortOutcome['binding']): Refusal[] {
  if (!done || task.claims.length === 0 || task.refusals.length > 0) return [];
  if (binding !== null && binding.vif_type !== 'unbound') return [];
  return [{ code: 'STATE', message: `port ${task.id} was bound, and unbound by others meanwhile` }];
}

/** Of the VF that the port is bound to; one that it leaves is not shown. */
function mergedChanges({ steps, claims }: BindTask, draft: BindDraft): VfConfig | null {
  const place = claims[0]?.place;
  return place === undefined ? null : (changesOf(steps, draft.have).get(formatPlace(place)) ?? null);
}
