/**
 * Gives the VFs of bound ports what they lost.
 *
 * Owns the transaction around it. What is to be repaired was found by `find-drift.ts`.
 */
import { formatPlace } from '../binding/place.ts';
import { type Claim, journalKey } from '../binding/record.ts';
import { StoreConflictError } from '../store/errors.ts';
import type { Change } from '../store/store.ts';
import { carryOut } from './carry-out.ts';
import { closeWork, type Ending } from './close-work.ts';
import type { Context } from './context.ts';
import { type Drift, findDrift } from './find-drift.ts';
import { newJournalId, openJournal, whileAtWork } from './journal.ts';
import type { RecoveryReport } from './report.ts';
import { claimBefore, claimChange, claimGuard, toJson, vacatedGuard } from './view.ts';

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
    return repair(context, await findDrift(context, drift.scope));
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
    else lost.push({ port, place, message: problem.message, code: problem.code, failures: problem.failures });
  }
  return { restored, lost, messages: messages + have.size };
}
