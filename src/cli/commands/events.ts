/** `sriov events`: what the agent of this host decided, and decides. */
import type { AgentClient, EventsOptions } from '../../agent/api/client.ts';
import { type GapEvent, gapText } from '../../agent/api/gap.ts';
import { eventText } from '../../agent/event-text.ts';
import type { AgentEvent, AgentEventBody } from '../../agent/events.ts';
import { agentOf, SOCKET_OPTION } from '../agent/socket.ts';
import { streamEnd } from '../agent/stream-end.ts';
import type { CliIo, Command, Invocation, Outcome } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { toJson } from '../json.ts';
import { UsageError } from '../usage-error.ts';

/** Time, number, and what happened. */
export function eventLine(event: AgentEvent | GapEvent, paint: CliIo['paint']): string {
  if (event.type === 'gap') return paint('yellow', `-- ${gapText(event)}`);
  return `${event.at} ${event.seq} ${eventText(event)}`;
}

function optionsOf({ options }: Invocation): EventsOptions {
  const { since, type } = options;
  if (typeof since === 'string' && !/^\d{1,15}$/.test(since)) {
    throw new UsageError(`--since ${since}: must be the number of an event, 0 or more`);
  }
  return {
    follow: options['follow'] === true,
    ...(typeof since === 'string' ? { since: Number(since) } : {}),
    // Which types there are is the agent's to say; it names the nearest.
    ...(Array.isArray(type) ? { types: type.map(String) as AgentEventBody['type'][] } : {}),
  };
}

async function print(agent: AgentClient, invocation: Invocation, options: EventsOptions): Promise<void> {
  const { io } = invocation;
  const json = invocation.options['json'] === true;
  for await (const event of agent.events(options)) {
    io.out(`${json ? toJson(event) : eventLine(event, io.paint)}\n`);
  }
}

async function run(invocation: Invocation): Promise<Outcome> {
  const options = optionsOf(invocation);
  const { io } = invocation;
  const agent = await agentOf(invocation);
  let lost = false;
  await print(agent, invocation, {
    ...options,
    signal: streamEnd(io),
    onOpen: () => {
      lost = false;
    },
    onLost: ({ message }) => {
      // Once, and not for each attempt.
      if (!lost) io.err(`sriov: ${message}; it is looked for\n`);
      lost = true;
    },
  });
  const exitCode = lost ? EXIT.unsupported : EXIT.done;
  return { data: null, text: '', warnings: [], failures: [], streamed: true, exitCode };
}

export const events: Command = {
  name: 'events',
  summary: 'show what the agent of this host decided',
  args: [],
  options: [
    ['--follow', 'go on with those to come, over restarts of the agent, until SIGINT'],
    ['--since <number>', 'only those after this one (default: all that are kept, with --follow none)'],
    ['--type <type>', 'only these: drift, repaired, lost and so on; may be repeated', { repeat: true }],
    SOCKET_OPTION,
  ],
  examples: [
    ['sriov events', 'those that are kept, the last 1024: time, number, what happened'],
    ['sriov events --follow --type drift --type repaired', 'until interrupted'],
    ['sriov events --json | jq -r \'select(.type == "lost") | .port\'', 'one line of JSON each, no envelope'],
  ],
  notes:
    'A line that begins with -- says that events are missing: they are no longer kept, or the agent was started anew.',
  run,
};
