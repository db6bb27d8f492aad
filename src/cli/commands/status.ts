/** `sriov status`: how the agent of this host finds it. */
import type { AgentStatus } from '../../agent/status.ts';
import { viewOf } from '../agent/one-pf.ts';
import { agentOf, SOCKET_OPTION } from '../agent/socket.ts';
import { statusText } from '../agent/status-text.ts';
import type { Command, Invocation, Outcome } from '../command.ts';
import { EXIT } from '../exit-codes.ts';

function exitCodeOf({ healthy }: AgentStatus): number {
  return healthy ? EXIT.done : EXIT.failed;
}

async function run(invocation: Invocation): Promise<Outcome> {
  const { args, io } = invocation;
  const agent = await agentOf(invocation);
  if (invocation.options['watch'] === true) {
    const { liveStatus } = await import('../agent/live-status.ts');
    const json = invocation.options['json'] === true;
    const exitCode = await liveStatus({ agent, io, json, view: (status) => viewOf(status, args[0]) });
    return { data: null, text: '', warnings: [], failures: [], streamed: true, exitCode };
  }
  const data = viewOf(await agent.status(), args[0]);
  return { data, text: statusText(data, io.paint), warnings: [], failures: [], exitCode: exitCodeOf(data) };
}

export const status: Command = {
  name: 'status',
  summary: "show the agent's view of this host",
  args: [['[pf]', 'only this PF: its name in sysfs, or that of its net device']],
  options: [['--watch', 'show it again whenever it changes, until SIGINT'], SOCKET_OPTION],
  examples: [
    ['sriov status', 'the agent, its PFs, and its ports: those that need attention first'],
    ['sriov status --json | jq -r \'.data.ports[] | select(.state != "ok") | .id\'', 'ids of the others'],
  ],
  notes:
    'Exit status is 0 when the agent is healthy, 1 when it is not, 69 when there is none. Ports that are lost or held do not make it unhealthy.',
  run,
};
