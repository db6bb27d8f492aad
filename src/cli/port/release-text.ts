/**
 * What came of giving functions back and of recovery: lines, exit status.
 *
 * Owns these lines; the reasons come from the engine.
 */
import type { NotRestored, RecoveredWork, RecoveryReport, ReleaseReport } from '../../port/report.ts';
import { EXIT, exitCodeForFailures } from '../exit-codes.ts';
import { count } from '../output.ts';
import { duration } from '../report-text.ts';

/** `3 ports released in 1.3 ms (1 message)`. */
export function releasedLine({ released, messages, durationMs }: ReleaseReport): string {
  const effort = `in ${duration(durationMs)} (${count(messages, 'message')})`;
  return `${count(released.length, 'port')} released ${effort}\n`;
}

/** A message often begins with the place. */
function notRestoredLine({ port, place, message }: NotRestored): string {
  return `port ${port}: ${message.startsWith(place) ? message : `${place}: ${message}`}`;
}

/** What is left of ports that are still bound. */
function stuck({ released, notRestored }: ReleaseReport): NotRestored[] {
  const gone = new Set(released);
  return notRestored.filter(({ port }) => !gone.has(port));
}

/** Released, and yet the VF is not as found: it is gone, made anew or someone else's. Nothing is left to do. */
export function releaseWarnings({ released, notRestored }: ReleaseReport): string[] {
  const gone = new Set(released);
  return notRestored
    .filter(({ port }) => gone.has(port))
    .map((one) => `not put back: ${notRestoredLine(one)}`);
}

export function releaseFailures(report: ReleaseReport): string[] {
  return [
    ...report.unknown.map((id) => `failed: port ${id}: not bound on this host`),
    ...stuck(report).map((one) => `failed: ${notRestoredLine(one)}`),
  ];
}

function codesOf({ failures }: NotRestored): string[] {
  return failures.length === 0 ? ['SRIOV_NOT_RESTORED'] : failures.map(({ code }) => code);
}

export function releaseExitCode(report: ReleaseReport): number {
  const codes = [...report.unknown.map(() => 'SRIOV_NO_PORT'), ...stuck(report).flatMap(codesOf)];
  return exitCodeForFailures(codes, report.released.length);
}

/** `bind of p1, p2: undone: the process that did it is gone`. */
export function workLine({ kind, ports, outcome, message }: RecoveredWork): string {
  const shown = ports.length > 5 ? `${count(ports.length, 'port')}` : ports.join(', ');
  return `${kind} of ${shown}: ${outcome}${message === '' ? '' : `: ${message}`}`;
}

export function lostLines(lost: readonly NotRestored[]): string[] {
  return lost.map((one) => `lost: ${notRestoredLine(one)}`);
}

/** Work that someone else may still be at is no failure, but the host is not yet as it should be. */
export function recoveryExitCode({ lost, work, restored }: RecoveryReport): number {
  const failed = exitCodeForFailures(lost.flatMap(codesOf), restored.length);
  if (failed !== EXIT.done) return failed;
  return work.some(({ outcome }) => outcome === 'kept') ? EXIT.busy : EXIT.done;
}
