/**
 * Claims that no binding has any more: given up.
 */
import { isDeepStrictEqual } from 'node:util';
import { formatPlace } from '../binding/place.ts';
import type { Claim } from '../binding/record.ts';
import type { Context } from './context.ts';
import type { Drift } from './find-drift.ts';
import { releasePorts } from './release-ports.ts';
import type { ReleaseReport } from './report.ts';

/** @returns null when there are none */
export async function releaseLeftOver(
  context: Context,
  { leftOver }: Pick<Drift, 'leftOver'>,
): Promise<ReleaseReport | null> {
  if (leftOver.size === 0) return null;
  const ids = [...leftOver.values()].map(({ port }) => port);
  // As it was seen: one that is another's, or bound, by now is none any more.
  const isLeft = (claim: Claim): boolean => isDeepStrictEqual(leftOver.get(formatPlace(claim.place)), claim);
  return releasePorts(context, ids, isLeft);
}
