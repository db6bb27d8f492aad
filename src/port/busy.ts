/**
 * Claims that half-done work holds.
 *
 * Owns the question alone. Whoever would write such a VF has to leave it: the work's process, or recovery in its
 * place, will still write it.
 */
import { type Claim, journalKey } from '../binding/record.ts';
import type { Store } from '../store/store.ts';
import type { Journal } from './journal.ts';

/**
 * Whether the transaction of a claim is not closed. A claim that is `releasing` without one is of a VF that could
 * not be put back, and may be tried again by anyone.
 */
export async function isHalfDone(store: Store, host: string, { phase, journal }: Claim): Promise<boolean> {
  if (phase !== 'applying' && phase !== 'releasing') return false;
  const entry = await store.get(journalKey(host, journal));
  return (entry?.value as unknown as Journal | undefined)?.state === 'open';
}
