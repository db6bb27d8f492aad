/**
 * A checked plan made so: number of VFs first, then all that differs, every PF on its own.
 *
 * Owns the order of these steps and one result for each PF. It prints nothing and retries nothing.
 */
import { AbortedError, SriovError } from '../../errors.ts';
import type { ProgramAsyncOptions, ProgramReport } from '../../vf/report.ts';
import type { PfPlan } from './check.ts';

/** What came of one PF. */
export interface PfResult {
  readonly plan: PfPlan;
  /** Undefined when nothing had to be programmed, or it did not come to that. */
  readonly report: ProgramReport | undefined;
  /** What ended the work on this PF, other than failures of single settings. */
  readonly error: SriovError | undefined;
}

async function carryOutPf(plan: PfPlan, options: ProgramAsyncOptions): Promise<PfResult> {
  try {
    if (plan.numVfs !== undefined) await plan.pf.setNumVfs(plan.numVfs.to);
    const report = plan.delta === undefined ? undefined : await plan.pf.programVfs(plan.delta, options);
    return { plan, report, error: undefined };
  } catch (error) {
    if (error instanceof AbortedError) return { plan, report: error.report, error };
    if (error instanceof SriovError) return { plan, report: undefined, error };
    throw error;
  }
}

/** Every PF at once: the library works through one PF's requests in order and several PFs in parallel. */
export function carryOut(plans: readonly PfPlan[], options: ProgramAsyncOptions): Promise<PfResult[]> {
  return Promise.all(plans.map((plan) => carryOutPf(plan, options)));
}
