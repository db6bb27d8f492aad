/** `sriov agent`: keeps this host's VFs as their bindings say, until it is told to end. */
import type { AgentFlags } from '../../agent/config/words-source.ts';
import type { Command, Invocation, Outcome } from '../command.ts';
import { UsageError } from '../usage-error.ts';

const FLAGS = [
  ['--store', 'store'],
  ['--host', 'host'],
  ['--log-level', 'logLevel'],
] as const;

/** What the command line says over file and environment; whether the values are right is judged with them. */
function flagsOf(options: Invocation['options']): AgentFlags {
  const given = FLAGS.flatMap(([, name]): [string, string][] => {
    const value = options[name];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  const set = options['set'];
  return { ...Object.fromEntries(given), ...(Array.isArray(set) ? { set: set.map(String) } : {}) };
}

function fileOf(options: Invocation['options']): string | undefined {
  const file = options['config'];
  if (file === '') throw new UsageError('--config needs the path of a file');
  return typeof file === 'string' ? file : undefined;
}

async function run({ options }: Invocation): Promise<Outcome> {
  const sources = { file: fileOf(options), flags: flagsOf(options) };
  if (options['check'] === true) {
    const { checkAgent } = await import('../agent-run/check.ts');
    return checkAgent(sources, process.env);
  }
  if (options['json'] === true)
    throw new UsageError('--json goes with --check; log.format is that of the log');
  const { runAgent } = await import('../agent-run/run.ts');
  const exitCode = await runAgent(sources);
  return { data: null, text: '', warnings: [], failures: [], exitCode };
}

export const agent: Command = {
  name: 'agent',
  summary: "keep this host's VFs as their bindings say",
  args: [],
  options: [
    ['--config <file>', 'YAML or JSON; schemas/agent-config.json describes it (default: none)'],
    ['--check', 'print the configuration in effect, say what is wrong with it, and end'],
    ['--set <key=value>', 'over the file and SRIOV_AGENT_*; may be repeated', { repeat: true }],
    ['--store <path>', 'where bindings are kept'],
    ['--host <name>', "this host's name in bindings (default: its host name)"],
    ['--log-level <level>', 'error, warn, info or debug'],
  ],
  examples: [
    ['sriov agent --config /etc/sriov/agent.yaml', 'run until SIGTERM; SIGHUP has the file read anew'],
    ['sriov agent --config /etc/sriov/agent.yaml --check', 'what it would do with this file'],
    ['sriov agent --set reconcile.poll_s=60 --set api.socket=null', 'without a file'],
  ],
  notes: 'VFs stay as they are when it ends, unless on_stop says release. docs/agent.md has the rest.',
  run,
};
