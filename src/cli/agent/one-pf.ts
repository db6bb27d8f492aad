/**
 * The part of the agent's view that is about one PF.
 *
 * Owns which PF a word means. Health and counters stay those of the whole agent.
 */
import type { AgentStatus } from '../../agent/status.ts';
import { suggestion } from '../../suggest.ts';
import { UsageError } from '../usage-error.ts';

/**
 * @param word - name in sysfs, or that of the net device; absent = everything
 * @throws UsageError - the agent looks at no such PF
 */
export function viewOf(status: AgentStatus, word: string | undefined): AgentStatus {
  if (word === undefined) return status;
  const { pfs, ports } = status;
  const found = pfs.find(({ pf }) => pf === word) ?? pfs.find(({ netDevice }) => netDevice === word);
  if (found === undefined) {
    const names = pfs.flatMap(({ pf, netDevice }) => (netDevice === null ? [pf] : [pf, netDevice]));
    const known = names.length === 0 ? 'it looks at none' : suggestion(word, names);
    throw new UsageError(`the agent does not look at a PF ${word}; ${known}`);
  }
  const { pf } = found;
  return {
    ...status,
    pfs: [found],
    ports: ports.filter(({ place }) => place === pf || place?.startsWith(`${pf}/`) === true),
  };
}
