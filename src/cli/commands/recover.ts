/** `sriov recover`: half-done work finished or undone, lost settings given again. */
import type { RecoveryReport } from '../../port/report.ts';
import type { Command, Outcome } from '../command.ts';
import { changesOf } from '../port/outcome-text.ts';
import { lostLines, recoveryExitCode, workLine } from '../port/release-text.ts';
import { SESSION_OPTIONS, withPorts } from '../port/session.ts';
import { count } from '../output.ts';

export function recoverOutcome(report: RecoveryReport): Outcome {
  const { work, restored, lost, messages } = report;
  const done = work.filter(({ outcome }) => outcome !== 'kept');
  const given = restored.map((one) => ({ ...one, changes: changesOf(one, new Map()) }));
  const lines = [
    ...done.map(workLine),
    ...given.map(
      ({ port, place, changes }) =>
        `port ${port}: ${count(changes.length, 'setting')} of ${place} given again`,
    ),
  ];
  const nothing = work.length + lost.length === 0 ? ['nothing to recover'] : [];
  return {
    data: { work, restored: given, lost, messages },
    text: (lines.length === 0 ? nothing : lines).map((line) => `${line}\n`).join(''),
    warnings: [],
    failures: [...work.filter(({ outcome }) => outcome === 'kept').map(workLine), ...lostLines(lost)],
    exitCode: recoveryExitCode(report),
  };
}

export const recover: Command = {
  name: 'recover',
  summary: 'finish or undo half-done work, give lost settings again',
  args: [],
  options: SESSION_OPTIONS,
  examples: [
    ['sriov recover', 'after a crash, a reboot, a reset or re-created VFs'],
    ['sriov plan', 'what it would do'],
  ],
  notes:
    "A VF that is someone else's by now is left alone. Work that another process may still be at is left to it and\n" +
    'gives exit status 75.',
  async run(invocation) {
    return recoverOutcome(await withPorts(invocation, ({ ports }) => ports.recover()));
  },
};
