/**
 * QoS rules in kbit/s as the rates of a VF in Mbit/s.
 *
 * Owns the rounding, which is that of Neutron's SR-IOV agent (eswitch_manager.py, convert_to_mbps): a rate that
 * is not zero never becomes zero, for that would mean "no limit".
 */
import { InvalidConfigError } from '../errors.ts';
import type { VfRate } from '../vf/config.ts';
import type { QosRule } from './port.ts';

/** The kernel takes 32 bits, and drivers take them as a signed number. */
const MAX_MBPS = 0x7fffffff;

/**
 * 0 stays 0, 1–999 become 1, all above is rounded half up: 1499 → 1, 1500 → 2.
 *
 * @throws InvalidConfigError - not a whole number from 0 to 2147483647499
 */
export function toMbps(kbps: number): number {
  if (!Number.isSafeInteger(kbps) || kbps < 0) {
    throw new InvalidConfigError(`a rate must be a whole number of kbit/s from 0, not ${kbps}`);
  }
  if (kbps === 0) return 0;
  const mbps = Math.max(1, Math.floor((kbps + 500) / 1000));
  if (mbps > MAX_MBPS) throw new InvalidConfigError(`${kbps} kbit/s is more than a VF can be told`);
  return mbps;
}

/**
 * What a VF sends at most and at least; null = no limit of either kind.
 *
 * `min` and `max` are always given together, 0 = none: the one that is left out would keep what the last port
 * had. Of several rules of one kind the tightest limit and the highest guarantee hold. Ingress rules have no
 * part in it: the kernel has no such rate for a VF, and `bind` refuses them. Bursts do not exist either.
 *
 * @throws InvalidConfigError - a number that is none, or a guarantee above the limit
 */
export function vfRate(rules: readonly QosRule[]): { readonly min: number; readonly max: number } | null {
  let max = 0;
  let min = 0;
  for (const rule of rules) {
    if (rule.direction !== 'egress') continue;
    if (rule.type === 'bandwidth_limit') {
      const limit = toMbps(rule.max_kbps);
      if (limit > 0 && (max === 0 || limit < max)) max = limit;
    } else {
      min = Math.max(min, toMbps(rule.min_kbps));
    }
  }
  if (max > 0 && min > max) {
    throw new InvalidConfigError(
      `the guaranteed rate of ${min} Mbit/s is above the limit of ${max} Mbit/s; lower min_kbps or raise max_kbps`,
    );
  }
  return min === 0 && max === 0 ? null : ({ min, max } satisfies VfRate);
}
