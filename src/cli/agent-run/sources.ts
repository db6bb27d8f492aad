/** Where the agent's settings come from. Owns the type; `src/agent/config` reads them. */
import type { AgentFlags } from '../../agent/config/words-source.ts';

export interface SettingSources {
  /** Absent = none: the environment, flags and defaults alone. */
  readonly file: string | undefined;
  readonly flags: AgentFlags;
}
