/**
 * Whether the agent does its work: asked for each beat of the watchdog.
 *
 * Owns what counts as work standing still. A PF or a store in trouble that the agent tells of is not that, nor a store
 * whose lock or disk does not answer: starting again mends nothing there, the next start would wait for the same lock,
 * and API and metrics would be gone with the reason. Time is monotonic: the host's clock may step.
 */
import type { Agent } from '../../agent/agent.ts';
import type { PfView } from '../../agent/status.ts';

/** Polls that may be missed; a driver may take its time. */
const POLLS = 3;
const LEAST_MS = 60_000;

export interface Life {
  readonly agent: Pick<Agent, 'status' | 'settings'>;
  /** The store's thread is late with an answer, which the log tells; looks may wait for it. */
  readonly isStuck: () => boolean;
  /** In ms; tests have their own. */
  readonly now?: () => number;
}

/** @returns resolves when all is well; rejects with what stands still */
export function lifeOf({ agent, isStuck, now = () => performance.now() }: Life): () => Promise<void> {
  let looks = -1;
  let since = now();
  return async () => {
    const { pfs, counters, store } = await agent.status();
    const { pollMs } = agent.settings.reconcile;
    // One PF that hangs in its driver must not take the others along; when none is looked at, it is the queue.
    const moved = counters.looks !== looks;
    const waits = isStuck() || store.state === 'trouble';
    if (moved || waits || pollMs === 0 || !pfs.some(isDue)) since = now();
    looks = counters.looks;
    const limitMs = Math.max(POLLS * pollMs, LEAST_MS);
    if (now() - since <= limitMs) return;
    throw new Error(`no PF was looked at for ${limitMs} ms, though each is due every ${pollMs} ms`);
  };
}

function isDue({ ports, state, trouble }: PfView): boolean {
  return ports > 0 && state !== 'absent' && trouble === null;
}
