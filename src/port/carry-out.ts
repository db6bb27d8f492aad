/**
 * Does the steps of a transaction, and takes back those that failed.
 *
 * Owns the order: upper devices off, VFs of all PFs in one go, upper devices on. Must be called only when the
 * steps are in the journal on disk.
 */
import { SriovError } from '../errors.ts';
import type { VfConfig } from '../vf/config.ts';
import type { VfHost } from './host.ts';
import type { Step } from './journal.ts';
import { type Have, type Problem, programPlaces, readPfs, type Wish } from './program-places.ts';
import { formatPlace } from '../binding/place.ts';
import { removeUpper, reversed, settleUpper } from './upper.ts';

export interface CarriedOut {
  /** By port: why its steps were not done in full. */
  readonly problems: ReadonlyMap<string, Problem>;
  /** By text of the place: what was sent. */
  readonly changes: ReadonlyMap<string, VfConfig>;
  readonly messages: number;
}

/**
 * Does all steps; one that fails does not stop the others.
 *
 * @param have - the VFs as they are; read anew when absent
 */
export async function carryOut(host: VfHost, steps: readonly Step[], have?: Have): Promise<CarriedOut> {
  const problems = new Map<string, Problem>();
  await each(steps, problems, (step) => removeUpper(host, step));
  const wishes = wishesOf(steps);
  const pfs = new Set(wishes.map(({ place }) => place.pf));
  const states = have ?? (await readPfs(host, pfs));
  const programmed = await programPlaces(host, wishes, states);
  for (const step of steps) {
    const problem = programmed.problems.get(formatPlace(step.place));
    if (problem !== undefined && !problems.has(step.port)) problems.set(step.port, problem);
  }
  await each(steps, problems, (step) => settleUpper(host, step));
  const reads = have === undefined ? pfs.size : 0;
  return { problems, changes: programmed.changes, messages: programmed.messages + reads };
}

/**
 * Takes back the steps of these ports.
 *
 * @returns by port: what could not be put back
 */
export async function putBack(
  host: VfHost,
  steps: readonly Step[],
  ports: ReadonlySet<string>,
): Promise<CarriedOut> {
  const back = steps.filter(({ port }) => ports.has(port)).map(reversed);
  if (back.length === 0) return { problems: new Map(), changes: new Map(), messages: 0 };
  return carryOut(host, back);
}

export function wishesOf(steps: readonly Step[]): Wish[] {
  return steps.flatMap(({ place, after }) => (after === null ? [] : [{ place, config: after }]));
}

/** Side by side; a step whose port has failed already is left out. */
async function each(
  steps: readonly Step[],
  problems: Map<string, Problem>,
  work: (step: Step) => Promise<void>,
): Promise<void> {
  const todo = steps.filter(({ port, upper }) => upper !== undefined && !problems.has(port));
  await Promise.all(
    todo.map(async (step) => {
      try {
        await work(step);
      } catch (error) {
        if (!(error instanceof SriovError)) throw error;
        const message = `${formatPlace(step.place)}: ${error.message}`;
        problems.set(step.port, { code: error.code, message, failures: [], refusedAsAWhole: undefined });
      }
    }),
  );
}
