/**
 * A try that failed and left a port bound as it was.
 */
import type { PortRecord } from '../record.ts';
import type { Refusal } from '../refusal.ts';
import { FAILURES_KEPT } from './binding.ts';
import { replaceBinding, requireBinding } from './state.ts';

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
  const failures = [...binding.failures, { at, refusals }].slice(-FAILURES_KEPT);
  return replaceBinding(record, host, { ...binding, failures });
}
