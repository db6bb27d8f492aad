/**
 * A ProgramReport in words: one summary line, one line for each failure, warnings.
 *
 * Owns those lines. The failure messages themselves come from the library.
 */
import type { ProgramReport, VfFailure } from '../vf/report.ts';
import { count } from './output.ts';
import { ATTRIBUTE_WORD } from './vf-text.ts';

/** `1.3 ms`, `12 ms`. */
export function duration(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** `eni1np1: 192 settings on 64 VFs applied in 1.3 ms (1 message)`. */
export function reportLine(pf: string, report: ProgramReport): string {
  const effort = `in ${duration(report.durationMs)} (${count(report.messages, 'message')})`;
  if (report.rolledBack) {
    const left = report.notRestored.length;
    return left === 0
      ? `${pf}: nothing applied, all that had been changed was put back ${effort}`
      : `${pf}: rolled back ${effort}, but ${count(left, 'setting')} could not be put back`;
  }
  const failed = report.failures.length;
  if (failed === 0 && !report.aborted) {
    return `${pf}: ${count(report.applied, 'setting')} on ${count(report.vfs, 'VF')} applied ${effort}`;
  }
  const left = report.requested - report.applied - failed;
  const stopped = left > 0 ? `, ${left} not tried` : '';
  return `${pf}: ${report.applied} of ${count(report.requested, 'setting')} applied, ${failed} failed${stopped} ${effort}`;
}

function failureLine(pf: string, prefix: string, failure: VfFailure): string {
  const ack = failure.extendedAck === undefined ? '' : ` [kernel: ${failure.extendedAck}]`;
  return `${prefix}${pf} vf ${failure.vf} ${ATTRIBUTE_WORD[failure.attribute]}: ${failure.code}: ${failure.message}${ack}`;
}

/** One line for each failure, then one for each setting that could not be put back. */
export function failureLines(pf: string, report: ProgramReport): string[] {
  return [
    ...report.failures.map((failure) => failureLine(pf, 'failed: ', failure)),
    ...report.notRestored.map((failure) => failureLine(pf, 'not put back: ', failure)),
    ...(report.aborted ? [`stopped: ${pf}: interrupted by a signal`] : []),
  ];
}

/** What an operator should know although nothing failed. */
export function reportWarnings(pf: string, report: ProgramReport): string[] {
  if (report.unverified === 0) return [];
  return [
    `${pf}: ${count(report.unverified, 'setting')} could not be verified: the driver does not report them`,
  ];
}

/** Codes of everything that went wrong, for `exitCodeForFailures`. */
export function failureCodes(report: ProgramReport): string[] {
  return [
    ...[...report.failures, ...report.notRestored].map(({ code }) => code),
    ...(report.aborted ? ['SRIOV_ABORTED'] : []),
  ];
}
