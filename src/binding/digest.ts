/**
 * Refusals as history keeps them: a full host has one for each of a thousand VFs, for every port that asks.
 */
import type { Refusal } from './refusal.ts';

/** Functions of each code that are kept by name. */
const NAMED = 3;

/** The first of each code, and how many more there were; in the order in which codes come first. */
export function digest(refusals: readonly Refusal[]): Refusal[] {
  const byCode = new Map<Refusal['code'], Refusal[]>();
  for (const refusal of refusals) {
    const same = byCode.get(refusal.code);
    if (same === undefined) byCode.set(refusal.code, [refusal]);
    else same.push(refusal);
  }
  return [...byCode].flatMap(([code, same]) => {
    const more = same.length - NAMED;
    if (more <= 1) return same;
    return [
      ...same.slice(0, NAMED),
      { code, message: `the same of ${more} more functions`, detail: { more } },
    ];
  });
}
