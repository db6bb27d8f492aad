/**
 * Requests for looks at PFs: now, gathered with others, or after a wait.
 *
 * Owns who has to wait, and the one timer of each PF that ends it. It never looks at anything itself.
 */
import type { Trigger } from '../events.ts';
import type { ClaimIndex } from './claim-index.ts';
import type { LookQueue } from './queue.ts';
import type { Troubles } from './troubles.ts';

export interface RequestOptions {
  readonly full?: boolean;
  readonly now?: boolean;
  /** Of the event that led to it, by `performance.now()`. */
  readonly since?: number | null;
}

/** Looks that one which is due soon anyway makes needless. */
const WAITS: ReadonlySet<Trigger> = new Set(['link', 'store']);

export class Requests {
  readonly #queue: LookQueue;
  readonly #index: ClaimIndex;
  readonly #troubles: Troubles;
  readonly #signal: AbortSignal;
  readonly #retries = new Map<string, { readonly at: number; readonly timer: NodeJS.Timeout }>();

  constructor(queue: LookQueue, index: ClaimIndex, troubles: Troubles, signal: AbortSignal) {
    this.#queue = queue;
    this.#index = index;
    this.#troubles = troubles;
    this.#signal = signal;
  }

  /** @returns when it was looked at; at once when it has no ports, or has to wait */
  look(
    pf: string,
    trigger: Trigger,
    { full = false, now = false, since = null }: RequestOptions = {},
  ): Promise<void> {
    if (this.#signal.aborted || this.#index.claimsOf(pf).length === 0) return Promise.resolve();
    const wait = Math.max(this.#troubles.waitMs('pf', pf), this.#troubles.waitMs('store', null));
    // What failed as a whole is looked at again then, and in full.
    if (wait > 0 && WAITS.has(trigger)) return Promise.resolve(this.again(pf, wait));
    return this.#queue.add({ pf, trigger, full, since }, { now });
  }

  /** A full look after so many ms, or sooner if one is due already; what is held for longer is asked for anew by that. */
  again(pf: string, ms: number): void {
    if (this.#signal.aborted) return;
    const at = performance.now() + ms;
    const before = this.#retries.get(pf);
    if (before !== undefined && before.at <= at) return;
    clearTimeout(before?.timer);
    const timer = setTimeout(() => {
      this.#retries.delete(pf);
      void this.look(pf, 'retry', { full: true, now: true });
    }, ms);
    this.#retries.set(pf, { at, timer });
  }

  /** Nothing is asked for any more; resolves when what is under way is done. */
  stop(): Promise<void> {
    for (const { timer } of this.#retries.values()) clearTimeout(timer);
    return this.#queue.stop();
  }
}
