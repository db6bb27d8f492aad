/** `sriov apply PLAN`: makes the VFs as a plan file says; shows the difference before and the result after. */
import { changeLines } from '../changes.ts';
import type { Command, Outcome } from '../command.ts';
import { EXIT, exitCodeForFailures } from '../exit-codes.ts';
import { loadLibrary } from '../library.ts';
import { type Paint, count } from '../output.ts';
import { type PfResult, carryOut } from '../plan/carry-out.ts';
import { type PfPlan, checkPlan } from '../plan/check.ts';
import { expandPlan, retarget } from '../plan/expand.ts';
import { PROGRAM_OPTIONS, programOptions } from '../program-options.ts';
import { failureCodes, failureLines, reportLine, reportWarnings } from '../report-text.ts';

function differs(plan: PfPlan): boolean {
  return plan.numVfs !== undefined || plan.changes.length > 0;
}

/** The difference, empty when there is none. */
export function planText(plans: readonly PfPlan[], paint: Paint): string {
  const lines = plans.flatMap(({ name, numVfs, changes }) => [
    ...(numVfs === undefined ? [] : [paint('yellow', `~ ${name} numVfs ${numVfs.from} → ${numVfs.to}`)]),
    ...changeLines(name, changes, numVfs === undefined, paint),
  ]);
  return lines.map((line) => `${line}\n`).join('');
}

/** One line for each PF that the plan changed. */
export function resultText(results: readonly PfResult[]): string {
  return results
    .filter(({ plan, error, report }) => differs(plan) && (error === undefined || report !== undefined))
    .map(({ plan, report }) =>
      report === undefined
        ? `${plan.name}: ${count(plan.numVfs?.to ?? 0, 'VF')}, nothing to program\n`
        : `${reportLine(plan.name, report)}\n`,
    )
    .join('');
}

function jsonOf(plan: PfPlan, result: PfResult | undefined): object {
  const error = result?.error;
  return {
    name: plan.name,
    ifindex: plan.pf.ifindex,
    device: plan.pf.device,
    numVfs: plan.numVfs ?? null,
    changes: plan.changes,
    report: result?.report ?? null,
    error: error === undefined ? null : { code: error.code, message: error.message },
  };
}

function outcome(
  dryRun: boolean,
  plans: readonly PfPlan[],
  results: readonly PfResult[],
  asked: boolean,
): Outcome {
  const changed = plans.some(differs);
  const codes = results.flatMap(({ report, error }) => [
    ...(report === undefined ? [] : failureCodes(report)),
    ...(error === undefined || report !== undefined ? [] : [error.code]),
  ]);
  const applied = results.reduce((sum, { report }) => sum + (report?.applied ?? 0), 0);
  const exitCode = exitCodeForFailures(codes, applied);
  const unchanged = changed ? '' : 'no changes\n';
  return {
    data: { dryRun, differences: changed, pfs: plans.map((plan, index) => jsonOf(plan, results[index])) },
    text: dryRun || !changed ? unchanged : resultText(results),
    warnings: results.flatMap(({ plan, report }) =>
      report === undefined ? [] : reportWarnings(plan.name, report),
    ),
    failures: results.flatMap(({ plan, report, error }) => [
      ...(report === undefined ? [] : failureLines(plan.name, report)),
      ...(error === undefined || report !== undefined
        ? []
        : [`failed: ${plan.name}: ${error.code}: ${error.message}`]),
    ]),
    exitCode: exitCode === EXIT.done && asked && changed ? EXIT.differences : exitCode,
  };
}

export const apply: Command = {
  name: 'apply',
  summary: 'make VFs as a plan file says',
  args: [['<plan>', 'YAML or JSON file, "-" is standard input']],
  options: [
    ['--dry-run', 'show the difference, change nothing'],
    ['--exit-code', 'exit with 2 when there were differences, applied or not'],
    ['--pf <pf>', 'apply to this PF instead of the one that the plan names'],
    ...PROGRAM_OPTIONS,
  ],
  examples: [
    ['sriov apply plan.yaml --dry-run', 'what would change'],
    ['sriov apply plan.yaml', 'change what differs; a second time: "no changes"'],
    ['sriov apply plan.yaml --dry-run --exit-code', 'exit 2 when the host is not as planned'],
    ['render-plan | sriov apply - --atomic --verify', 'from a pipe, all or nothing for each PF, read back'],
  ],
  notes:
    'A plan that cannot work as a whole (unknown PF, VFs that are not there, contradictions) changes nothing.\n' +
    'The format of plan files is described in docs/plan.md.',
  async run({ args, options, io, say }) {
    const settings = programOptions(options);
    const { readPlan } = await import('../plan/read.ts');
    const plan = await readPlan(args[0] ?? '-', io.readInput);
    const library = await loadLibrary();
    const written = expandPlan(plan, library.parseVfConfigs);
    const entries = typeof options['pf'] === 'string' ? retarget(written, options['pf']) : written;
    const plans = await checkPlan(entries, library);
    say(planText(plans, io.paint));
    const dryRun = options['dryRun'] === true;
    const todo = dryRun ? [] : await carryOut(plans, { ...settings, signal: io.interruption() });
    return outcome(dryRun, plans, todo, options['exitCode'] === true);
  },
};
