/**
 * What `plan` and `port bind --dry-run` give back: the difference between the host and what it should be.
 *
 * Owns that one form. It changes nothing.
 */
import type { PortRequest } from '../../binding/port.ts';
import type { PlanReport, PortOutcome } from '../../port/report.ts';
import type { Invocation, Outcome } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import {
  type Difference,
  bindExitCode,
  changesOf,
  changesOfOutcome,
  differenceLine,
  differenceOf,
  outcomeJson,
  placeLines,
  readPlaces,
  refusedLines,
} from './outcome-text.ts';
import { lostLines, workLine } from './release-text.ts';
import type { PortsSession } from './session.ts';

export const PLAN_NOTE = '"sriov plan" shows what is not as it should be on all ports of this host.';

interface Compared {
  readonly outcome: PortOutcome;
  readonly difference: Difference;
}

async function compare(session: PortsSession, outcomes: readonly PortOutcome[]): Promise<Compared[]> {
  return Promise.all(
    outcomes.map(async (outcome) => {
      const before = await session.ports.get(outcome.id);
      return { outcome, difference: differenceOf(outcome, before, session.host) };
    }),
  );
}

/**
 * @param whole - with what recovery would do, too
 */
export async function planOutcome(
  { io, options }: Invocation,
  session: PortsSession,
  requests: readonly PortRequest[],
  whole: boolean,
): Promise<Outcome> {
  const report = await session.ports.plan(requests);
  const { bind, restore, lost, work }: PlanReport = whole
    ? report
    : { bind: report.bind, restore: [], lost: [], work: [] };
  const compared = await compare(session, bind);
  const places = [...bind.flatMap(changesOfOutcome), ...restore];
  const have = await readPlaces(
    session,
    places.map(({ place }) => place),
  );
  const lines = [
    ...work.map((one) => io.paint('yellow', `~ ${workLine(one)}`)),
    ...compared.flatMap(({ outcome, difference }) => differenceLine(outcome, difference, io.paint)),
    ...restore.map(({ port, place }) => io.paint('yellow', `~ port ${port} has lost settings of ${place}`)),
    ...placeLines(places, have, io.paint),
  ];
  const differences =
    work.length + restore.length > 0 || compared.some(({ difference }) => difference !== undefined);
  const refused = bindExitCode(bind);
  const exitCode = refused === EXIT.done && lost.length > 0 ? EXIT.failed : refused;
  const asked = options['exitCode'] === true;
  return {
    data: {
      dryRun: true,
      host: session.host,
      differences,
      ports: bind.map((outcome) => outcomeJson(outcome, have)),
      ...(whole
        ? { restore: restore.map((one) => ({ ...one, changes: changesOf(one, have) })), lost, work }
        : {}),
    },
    text:
      lines.length === 0 && exitCode === EXIT.done
        ? 'no changes\n'
        : lines.map((line) => `${line}\n`).join(''),
    warnings: [],
    failures: [...bind.flatMap(refusedLines), ...lostLines(lost)],
    exitCode: exitCode === EXIT.done && asked && differences ? EXIT.differences : exitCode,
  };
}
