/**
 * Where a port is bound: a VF of a PF, or a whole PF, by names that a renaming does not change.
 *
 * Owns the text form, which is the key of claims in the store.
 */
import { InvalidConfigError } from '../errors.ts';

/** A VF, or with `vf` null the PF itself (`direct-physical`). */
export interface Place {
  /** The PF's name in sysfs: its PCI address, or `netdevsim1`. */
  readonly pf: string;
  /** VF number, from 0; null = the PF itself. */
  readonly vf: number | null;
}

/** `0000:03:00.0/3`, and `0000:03:00.0` for the PF itself. */
export function formatPlace({ pf, vf }: Place): string {
  return vf === null ? pf : `${pf}/${vf}`;
}

/** @throws InvalidConfigError - it is not of the form that {@link formatPlace} writes */
export function parsePlace(text: string): Place {
  const [, pf, vf] = /^([^/\s]+)(?:\/(0|[1-9]\d{0,4}))?$/.exec(text) ?? [];
  if (pf === undefined) {
    throw new InvalidConfigError(
      `${JSON.stringify(text)} is no place of a port; write PF/VF, 0000:03:00.0/3`,
    );
  }
  return { pf, vf: vf === undefined ? null : Number(vf) };
}
