/**
 * The agent's view again and again, as it changes.
 *
 * Owns when the agent is asked: when it told of an event, and not more often than what shows it can take. Nothing is
 * asked while nothing happens. Where the view goes is the caller's.
 */
import type { AgentClient } from '../../agent/api/client.ts';
import { AgentUnreachableError } from '../../agent/api/errors.ts';
import type { AgentStatus } from '../../agent/status.ts';

export interface WatchOptions {
  readonly agent: Pick<AgentClient, 'status' | 'events'>;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** A view, perhaps the one that was there before. */
  readonly onStatus: (status: AgentStatus) => void;
  /** The agent that was there is gone; it is looked for, and `onStatus` is called once it is back. */
  readonly onLost: (error: AgentUnreachableError) => void;
  /** Waits between two views; ends early with the signal. */
  readonly pause: (signal: AbortSignal) => Promise<void>;
}

/** Remembers one call until somebody waits for it. */
class Bell {
  #rung = false;
  #wake: () => void = () => undefined;

  readonly ring = (): void => {
    this.#rung = true;
    this.#wake();
  };

  /** At once when it was rung since the last time. */
  async wait(): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#rung = false;
  }
}

async function views(
  options: WatchOptions,
  bell: Bell,
  signal: AbortSignal,
  stands: () => boolean,
): Promise<void> {
  const { agent, onStatus, pause } = options;
  while (!signal.aborted) {
    await bell.wait();
    if (signal.aborted) return;
    try {
      onStatus(await agent.status(signal));
    } catch (error) {
      if (!(error instanceof AgentUnreachableError)) throw error;
      // As a rule the stream is lost as well, and rings once it is back.
      if (stands()) bell.ring();
    }
    await pause(signal);
  }
}

/**
 * Resolves when the signal is aborted.
 *
 * @throws AgentUnreachableError - there is no agent to begin with
 * @throws AgentRefusedError - at any time
 */
export async function watchStatus(options: WatchOptions): Promise<void> {
  const { agent, signal, onLost } = options;
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const bell = new Bell();
  let stands = false;
  const onOpen = (): void => {
    stands = true;
    bell.ring();
  };
  const lost = (error: AgentUnreachableError): void => {
    stands = false;
    onLost(error);
  };
  const follow = async (): Promise<void> => {
    const events = agent.events({ follow: true, signal: either, onOpen, onLost: lost });
    while ((await events.next()).done !== true) bell.ring();
  };
  either.addEventListener('abort', bell.ring, { once: true });
  const ends = [follow(), views(options, bell, either, () => stands)];
  try {
    await Promise.all(ends);
  } finally {
    // Whichever failed ends the other, and neither goes on behind the caller's back.
    failed.abort();
    await Promise.allSettled(ends);
  }
}
