/**
 * What the conformance kit found: plain data, the same in the table, in JSON and in JUnit XML.
 *
 * Owns the types only.
 */
import type { VfAttribute } from '../vf/config.ts';

/**
 * What became of one setting.
 * - `at once`: accepted, and read back right after
 * - `later`: accepted, and read back after a while
 * - `not applied`: accepted, and never seen: a failure of the driver
 * - `not reported`: accepted; the driver does not report it, so no one can tell
 * - `refused`: with an errno
 */
export type Outcome = 'at once' | 'later' | 'not applied' | 'not reported' | 'refused';

export interface SettingResult {
  readonly attribute: VfAttribute;
  readonly value: string;
  readonly outcome: Outcome;
  /** errno name, where refused. */
  readonly code?: string;
  /** How much later, in ms. */
  readonly laterMs?: number;
  /**
   * Median time of the kernel for one message with this setting alone, in ms. The rtnl lock is held for it, and all
   * network configuration of the host waits: an upper bound of the hold, since waiting for the lock is in it.
   */
  readonly medianMs: number;
  readonly longestMs: number;
}

export interface SurvivalResult {
  /** What happened to the PF or VF. */
  readonly event: string;
  readonly attribute: VfAttribute;
  /** Whether the setting still reads back. What the hardware has is for the data path to tell. */
  readonly survives: boolean;
}

export interface DataPathResult {
  readonly check: string;
  /** `skipped`: it could not be tried; {@link detail} says why. */
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly detail: string;
}

export interface ConformanceReport {
  readonly pf: string;
  readonly device: string | null;
  readonly driver: string | null;
  readonly kernel: string;
  /** VF that everything was tried on. */
  readonly vf: number;
  readonly vfs: number;
  readonly settings: readonly SettingResult[];
  readonly survival: readonly SurvivalResult[];
  /** Why parts were not run. */
  readonly skipped: readonly string[];
  readonly dataPath: readonly DataPathResult[];
  /** What is not as it was found; empty when everything was put back. */
  readonly notRestored: readonly string[];
}

/** Everything that counts against the driver or the restore, one line each. */
export function failuresOf(report: ConformanceReport): string[] {
  return [
    ...report.settings
      .filter(({ outcome }) => outcome === 'not applied')
      .map(({ attribute, value }) => `${attribute} ${value}: accepted, but never reads back`),
    ...report.dataPath
      .filter(({ outcome }) => outcome === 'failed')
      .map(({ check, detail }) => `${check}: ${detail}`),
    ...report.notRestored.map((what) => `not restored: ${what}`),
  ];
}
