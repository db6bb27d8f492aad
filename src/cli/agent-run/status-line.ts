/**
 * The agent's health in one line, for `systemctl status`.
 *
 * Owns its words, and that it is said when it changes and at no other time.
 */
import type { Agent } from '../../agent/agent.ts';
import type { AgentEvent } from '../../agent/events.ts';
import type { AgentStatus, PortState } from '../../agent/status.ts';

/** Events come in bursts: one line for all of them. */
const GATHER_MS = 250;

const BAD: readonly PortState[] = ['held', 'lost', 'failed'];

export function statusLine({ ready, healthy, reasons, ports, pfs }: AgentStatus): string {
  const bad = BAD.flatMap((state) => {
    const count = ports.filter((port) => port.state === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  const counts = [`${ports.length} ports on ${pfs.filter((pf) => pf.ports > 0).length} PFs`, ...bad].join(
    ', ',
  );
  if (!ready) return `starting: ${counts}`;
  return healthy ? `healthy: ${counts}` : `in trouble: ${reasons.join('; ')}; ${counts}`;
}

/** @returns ends it */
export function tellStatus(
  agent: Pick<Agent, 'on' | 'off' | 'status'>,
  tell: (line: string) => void,
): () => void {
  let said = '';
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    timer = undefined;
    const line = statusLine(await agent.status());
    if (line !== said) tell(line);
    said = line;
  };
  const onEvent = ({ type }: AgentEvent): void => {
    // A look that found nothing changes nothing.
    if (type !== 'reconciled') timer ??= setTimeout(() => void look(), GATHER_MS).unref();
  };
  agent.on('event', onEvent);
  void look();
  return () => {
    clearTimeout(timer);
    agent.off('event', onEvent);
  };
}
