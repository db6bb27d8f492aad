/**
 * Which agent a command asks.
 *
 * Owns the option; the client is loaded when it is needed.
 */
import type { AgentClient } from '../../agent/api/client.ts';
import { DEFAULT_SOCKET } from '../../agent/api/default-socket.ts';
import type { Invocation, OptionSpec } from '../command.ts';
import { UsageError } from '../usage-error.ts';

export const SOCKET_OPTION: OptionSpec = [
  '--socket <path>',
  `api.socket of the agent (default: ${DEFAULT_SOCKET})`,
];

/** @throws UsageError - an empty path, which would be the port 80 of this host to node:http */
export async function agentOf({ options }: Invocation): Promise<AgentClient> {
  const { socket } = options;
  if (socket === '') throw new UsageError('--socket needs the path of a Unix socket');
  const { connectAgent } = await import('../../agent/api/client.ts');
  return connectAgent(typeof socket === 'string' ? socket : DEFAULT_SOCKET);
}
