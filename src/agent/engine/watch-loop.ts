/**
 * A watch that is begun anew when it fails.
 *
 * Owns the loop and its waits. What events mean is its caller's.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { SriovError } from '../../errors.ts';

export interface WatchLoop<E> {
  /** Begins the watch; may fail. */
  readonly open: () => Promise<AsyncIterable<E>>;
  readonly each: (event: E) => void;
  /** @returns ms to wait before the next attempt */
  readonly failed: (error: SriovError) => number;
  /** It is open again. */
  readonly opened: () => void;
  readonly signal: AbortSignal;
}

/** Resolves when `signal` is aborted; rejects with what is no {@link SriovError}, which is a mistake of ours. */
export async function watchLoop<E>({ open, each, failed, opened, signal }: WatchLoop<E>): Promise<void> {
  while (!signal.aborted) {
    try {
      const events = await open();
      opened();
      for await (const event of events) {
        if (signal.aborted) return;
        each(event);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof SriovError)) throw error;
      await wait(failed(error), signal);
      continue;
    }
    // Ended without an error: its source was closed.
    return;
  }
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // Aborted: the loop sees that.
  }
}
