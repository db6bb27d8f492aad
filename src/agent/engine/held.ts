/**
 * VFs that are left alone for a while, since they could not be repaired or do not stay repaired.
 *
 * Owns how long, and what counts as a fight: the very same drift again and again means that someone else sets it, or
 * that the driver does not keep what it accepts. Both would go on for ever.
 */
import type { Difference } from '../events.ts';
import { backoffMs, type BackoffSettings } from './backoff.ts';

/** As many times the same drift within this time is a fight. */
export const FIGHT_TIMES = 5;
const FIGHT_MS = 60_000;

export interface Hold {
  readonly code: string;
  readonly message: string;
  readonly differences: readonly Difference[];
  readonly attempt: number;
  /** By `performance.now()`. */
  readonly until: number;
}

interface Same {
  readonly drift: string;
  readonly times: number[];
}

export class Held {
  readonly #holds = new Map<string, Hold>();
  readonly #same = new Map<string, Same>();

  get(place: string): Hold | undefined {
    return this.#holds.get(place);
  }

  isHeld(place: string, now: number = performance.now()): boolean {
    const hold = this.#holds.get(place);
    return hold !== undefined && hold.until > now;
  }

  hold(
    place: string,
    why: Pick<Hold, 'code' | 'message' | 'differences'>,
    settings: BackoffSettings,
    now: number = performance.now(),
  ): Hold & { readonly retryInMs: number } {
    const attempt = (this.#holds.get(place)?.attempt ?? 0) + 1;
    const retryInMs = backoffMs(attempt, settings);
    const hold = { ...why, attempt, until: now + retryInMs };
    this.#holds.set(place, hold);
    return { ...hold, retryInMs };
  }

  /** When the first of a PF's VFs may be tried again, by `performance.now()`; undefined = none is held. */
  next(pf: string): number | undefined {
    let next: number | undefined;
    for (const [place, { until }] of this.#holds) {
      if (place.startsWith(`${pf}/`) && (next === undefined || until < next)) next = until;
    }
    return next;
  }

  /** It is as wanted. */
  clear(place: string): void {
    this.#holds.delete(place);
  }

  /** The claim is gone. */
  forget(place: string): void {
    this.#holds.delete(place);
    this.#same.delete(place);
  }

  /** Notes a drift, and says whether it is one too many. */
  isFight(place: string, differences: readonly Difference[], now: number = performance.now()): boolean {
    const drift = JSON.stringify(differences.map(({ attribute, found }) => [attribute, found]));
    const before = this.#same.get(place);
    const times = before?.drift === drift ? before.times.filter((time) => now - time < FIGHT_MS) : [];
    times.push(now);
    this.#same.set(place, { drift, times });
    return times.length > FIGHT_TIMES;
  }

  /** It is still as it was noted last: nobody had to set it again. */
  notRepaired(place: string): void {
    this.#same.get(place)?.times.pop();
  }
}
