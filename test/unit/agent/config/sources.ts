/** Settings from a text, and what is refused. Owns no rule. */
import { AgentConfigError, type ConfigProblem } from '../../../../src/agent/config/error.ts';
import { type ConfigSources, readSettings } from '../../../../src/agent/config/read.ts';
import type { AgentSettings } from '../../../../src/agent/settings.ts';

/** Written out, so that a changed default is seen. Without host and store. */
export const DEFAULTS: Omit<AgentSettings, 'host' | 'store'> = {
  policy: { choose: 'spread' },
  reconcile: {
    debounceMs: 5,
    maxDelayMs: 100,
    pollMs: 300_000,
    concurrency: 4,
    backoffFirstMs: 1000,
    backoffMaxMs: 60_000,
    trustedMac: 'guest',
    retryFailed: true,
  },
  api: {
    socket: '/run/sriov/agent.sock',
    read: { users: [], groups: [] },
    write: { users: [], groups: [] },
  },
  metrics: { listen: null, vfStatistics: false },
  log: { level: 'info', format: 'json' },
  onStop: 'keep',
};

export function fromFile(text: string, more: Omit<ConfigSources, 'file'> = {}): AgentSettings {
  return readSettings({ file: { path: 'a.yaml', text }, ...more });
}

/** Fails when nothing is refused. */
export function problemsOf(read: () => unknown): readonly ConfigProblem[] {
  try {
    read();
  } catch (error) {
    if (error instanceof AgentConfigError) return error.problems;
    throw error;
  }
  throw new Error('nothing was refused');
}
