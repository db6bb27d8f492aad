/**
 * Proof of life for the service manager.
 *
 * Owns when a beat is due: only after the agent has answered. A timer alone would beat on while the queue stands
 * still. It never ends the process; that is the service manager's, when beats stay away (sd_watchdog_enabled(3)).
 */

export interface WatchdogOptions {
  /** Within which a beat must come, in ms; of `WATCHDOG_USEC`. */
  readonly intervalMs: number;
  /** Resolves when the agent's loop and queue have answered. */
  readonly look: () => Promise<unknown>;
  readonly beat: () => void;
  /** No answer came within half an interval, or a refusal; told once until one comes. */
  readonly onSilence: (reason: string) => void;
}

export interface Watchdog {
  stop(): void;
}

/** Looks at once, and then every half interval unless the last look has no answer yet. */
export function startWatchdog({ intervalMs, look, beat, onSilence }: WatchdogOptions): Watchdog {
  const halfMs = intervalMs / 2;
  let asked: number | null = null;
  let silent = false;
  let ended = false;
  const tell = (reason: string): void => {
    if (!silent && !ended) onSilence(reason);
    silent = true;
  };
  const answered = (): void => {
    asked = null;
    silent = false;
    if (!ended) beat();
  };
  const refused = (error: unknown): void => {
    asked = null;
    tell(error instanceof Error ? error.message : String(error));
  };
  const tick = (): void => {
    if (asked !== null) {
      tell(`no answer for ${Math.round(performance.now() - asked)} ms`);
      return;
    }
    asked = performance.now();
    // In a promise, so that what look throws at once is a refusal as well.
    void Promise.resolve().then(look).then(answered, refused);
  };
  const timer = setInterval(tick, halfMs);
  tick();
  return {
    stop: () => {
      ended = true;
      clearInterval(timer);
    },
  };
}
