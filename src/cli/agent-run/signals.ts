/**
 * What signals mean to the agent: SIGTERM and SIGINT end it in order, a second one at once, SIGHUP has the
 * configuration read anew.
 *
 * Owns the handlers. What reloading and stopping are is its caller's.
 */

export interface SignalHandlers {
  /** Never rejects. */
  readonly reload: () => Promise<void>;
  readonly stop: (signal: NodeJS.Signals) => void;
}

/** A process's part in signals; tests have one of their own. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
  readonly pid: number;
  kill(pid: number, signal: NodeJS.Signals): unknown;
}

const ENDING: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT'];

/** @returns what takes the handlers away again */
export function handleSignals({ reload, stop }: SignalHandlers, source: SignalSource = process): () => void {
  let stopping = false;
  let reloading = false;
  let again = false;
  const onHup = async (): Promise<void> => {
    // Signals that come while a file is read may stand for a change that this reading missed: once more, not each.
    again = true;
    if (reloading) return;
    reloading = true;
    while (again) {
      again = false;
      if (!stopping) await reload();
    }
    reloading = false;
  };
  const ends = ENDING.map((signal) => {
    const listener = (): void => {
      if (stopping) {
        // By the signal itself, so that whoever waits for the process sees what ended it.
        dispose();
        source.kill(source.pid, signal);
        return;
      }
      stopping = true;
      stop(signal);
    };
    return { signal, listener };
  });
  const hup = (): void => void onHup();
  source.on('SIGHUP', hup);
  for (const { signal, listener } of ends) source.on(signal, listener);
  const dispose = (): void => {
    source.off('SIGHUP', hup);
    for (const { signal, listener } of ends) source.off(signal, listener);
  };
  return dispose;
}
