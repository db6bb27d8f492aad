/**
 * Tries that failed, and the history that a binding keeps of them.
 */
import type { BindingRecord, PortRecord } from '../record.ts';
import type { Refusal } from '../refusal.ts';
import { replaceBinding, requireBinding } from './state.ts';

/** Failed attempts that a binding remembers. */
export const FAILURES_KEPT = 10;

/** Internal: the history with one more. */
export function oneMore(
  { failures }: BindingRecord,
  refusals: readonly Refusal[],
  at: string,
): BindingRecord['failures'] {
  return [...failures, { at, refusals }].slice(-FAILURES_KEPT);
}

/**
 * Enters why a change of a bound port failed; nothing else changes.
 *
 * @param at ISO 8601, UTC
 * @throws LifeError - `SRIOV_NO_BINDING`
 */
export function noteFailure(
  record: PortRecord,
  host: string,
  refusals: readonly Refusal[],
  at: string,
): PortRecord {
  const binding = requireBinding(record, host);
  return replaceBinding(record, host, { ...binding, failures: oneMore(binding, refusals, at) });
}
