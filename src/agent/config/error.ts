/**
 * The refusal of the agent's configuration.
 *
 * Owns the error class and how problems are listed; what is wrong is said where it is checked.
 */
import { InvalidConfigError } from '../../errors.ts';

/** One thing that is wrong. */
export interface ConfigProblem {
  /** `FILE:LINE:COLUMN` (from 1), or the name of the environment's variable or of the flag; '' = a default. */
  readonly where: string;
  /** Path of the key, such as `reconcile.poll_s` or `policy.device_spec[0].address`; '' = the whole. */
  readonly key: string;
  /** What was expected, and what to do. */
  readonly message: string;
}

/** The configuration can't be used; nothing was started or changed. `code` is `SRIOV_INVALID_CONFIG`. */
export class AgentConfigError extends InvalidConfigError {
  /** All of them, at least one. */
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(formatProblem);
    super(
      lines.length === 1
        ? `wrong configuration: ${lines.join('')}`
        : `wrong configuration, ${lines.length} problems:\n${lines.map((line) => `  ${line}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

function formatProblem({ where, key, message }: ConfigProblem): string {
  return [where, key, message].filter((part) => part !== '').join(': ');
}
