/**
 * The refusal of a device spec.
 *
 * Owns the error class and how a wrong value is shown; which rule was broken is said where it is checked.
 */
import { InvalidConfigError } from '../../errors.ts';

/** A device spec can't be used. `code` is `SRIOV_INVALID_CONFIG`. */
export class InvalidDeviceSpecError extends InvalidConfigError {
  /** Which entry, by its place in what was given: `device_spec[1]`; `device_spec[1][0]` when that is a list itself. */
  readonly entry: string;
  /** Key of the entry, such as `vendor_id` or `address.slot`; null = the entry as a whole. */
  readonly field: string | null;
  /** What was given, shortened, in JSON where it is a simple value. */
  readonly given: string;
  /** What would have been taken, with the largest value where there is one. */
  readonly limit: string;

  constructor(entry: string, field: string | null, given: unknown, limit: string) {
    const shown = showValue(given);
    super(
      `${entry}${field === null ? '' : `.${field}`} ${shown}: ${limit}`,
      field === null ? {} : { attribute: field },
    );
    this.entry = entry;
    this.field = field;
    this.given = shown;
    this.limit = limit;
  }
}

/** Makes the error for a field of one entry. */
export type RefuseField = (field: string | null, given: unknown, limit: string) => InvalidDeviceSpecError;

/** Bounded, so that a stray file given as a spec does not become the message; never throws. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  }
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return '(a list)';
  return typeof value === 'object' ? '(an object)' : `(${typeof value})`;
}
