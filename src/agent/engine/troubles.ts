/**
 * What does not work just now, and when it is tried again.
 *
 * Owns the count of attempts and the telling: once when it begins, again with each attempt, once when it is over.
 */
import type { SriovError } from '../../errors.ts';
import { StoreError } from '../../store/errors.ts';
import type { Trouble } from '../events.ts';
import { backoffMs, type BackoffSettings } from './backoff.ts';
import type { Recorder } from './recorder.ts';

export interface OpenTrouble extends Omit<Trouble, 'type' | 'retryInMs'> {
  /** By `performance.now()`; null = not by itself. */
  readonly until: number | null;
}

export class Troubles {
  readonly #recorder: Recorder;
  readonly #open = new Map<string, OpenTrouble>();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  get all(): Iterable<OpenTrouble> {
    return this.#open.values();
  }

  get(part: Trouble['part'], pf: string | null = null): OpenTrouble | undefined {
    return this.#open.get(keyOf(part, pf));
  }

  /** How long it is left alone yet, in ms; 0 = not at all. */
  waitMs(part: Trouble['part'], pf: string | null, now: number = performance.now()): number {
    return Math.max(0, (this.get(part, pf)?.until ?? now) - now);
  }

  /** @returns ms until it should be tried again */
  raise(part: Trouble['part'], pf: string | null, error: SriovError, settings: BackoffSettings): number {
    const attempt = (this.get(part, pf)?.attempt ?? 0) + 1;
    const retryInMs = backoffMs(attempt, settings);
    const { code, message } = error;
    const trouble = { part, pf, code, message, attempt };
    this.#open.set(keyOf(part, pf), { ...trouble, until: performance.now() + retryInMs });
    this.#recorder.tell({ type: 'trouble', ...trouble, retryInMs });
    return retryInMs;
  }

  over(part: Trouble['part'], pf: string | null = null): void {
    if (this.#open.delete(keyOf(part, pf))) this.#recorder.tell({ type: 'trouble-over', part, pf });
  }
}

/** Whose fault it is. */
export function partOf(error: SriovError): 'store' | 'pf' {
  return error instanceof StoreError ? 'store' : 'pf';
}

function keyOf(part: Trouble['part'], pf: string | null): string {
  return `${part} ${pf ?? ''}`;
}
