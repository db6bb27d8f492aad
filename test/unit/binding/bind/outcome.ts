/** Reads results of `bind`, and fails where there is none of that kind. */
import type { BindResult, Bound } from '../../../../src/binding/bind.ts';
import { formatPlace } from '../../../../src/binding/place.ts';
import type { Refusal } from '../../../../src/binding/refusal.ts';

export function boundOf(result: BindResult): Bound {
  if ('refusals' in result)
    throw new Error(`refused: ${result.refusals.map(({ message }) => message).join('; ')}`);
  return result.bound;
}

export function placeOf(result: BindResult): string {
  return formatPlace(boundOf(result).place);
}

export function refusalsOf(result: BindResult): readonly Refusal[] {
  if ('bound' in result) throw new Error(`bound to ${formatPlace(result.bound.place)}`);
  return result.refusals;
}

/** The single refusal. */
export function refusalOf(result: BindResult): Refusal {
  const [first, ...others] = refusalsOf(result);
  if (first === undefined || others.length > 0) throw new Error(`${others.length + 1} refusals, or none`);
  return first;
}

/** Place and code of each refusal. */
export function codesOf(result: BindResult): [string | undefined, string][] {
  return refusalsOf(result).map(({ place, code }) => [place, code]);
}
