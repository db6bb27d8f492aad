/**
 * The options that `set` and `apply` share, and their translation for the library.
 *
 * Owns their spelling. Ranges of the numbers are the library's to check.
 */
import type { ProgramOptions } from '../vf/report.ts';
import type { OptionSpec } from './command.ts';
import { UsageError } from './usage-error.ts';

export const PROGRAM_OPTIONS: readonly OptionSpec[] = [
  ['--verify', 'read back afterwards; what the driver does not show has failed'],
  ['--atomic', 'all or nothing: the first failure puts the PF back as it was'],
  ['--retry-ms <ms>', 'how long busy drivers are asked again (default 1000)'],
  ['--max-hold-ms <ms>', "longest hold of the kernel's rtnl lock by one message (default 10)"],
];

function milliseconds(flag: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^\d+(\.\d+)?$/.test(value)) {
    throw new UsageError(`${flag} ${String(value)}: expected a number of milliseconds`);
  }
  return Number(value);
}

/** @throws UsageError when a number is none */
export function programOptions(options: Readonly<Record<string, unknown>>): ProgramOptions {
  const retryMs = milliseconds('--retry-ms', options['retryMs']);
  const maxHoldMs = milliseconds('--max-hold-ms', options['maxHoldMs']);
  return {
    verify: options['verify'] === true,
    atomic: options['atomic'] === true,
    ...(retryMs === undefined ? {} : { retryMs }),
    ...(maxHoldMs === undefined ? {} : { maxHoldMs }),
  };
}
