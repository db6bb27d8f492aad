/**
 * The error for ports, bindings and networks that are not as the contract wants them.
 *
 * Owns the class and how paths are written; which value is wrong is decided where it is checked.
 */
import { InvalidConfigError } from '../../errors.ts';

/** One value that was refused. */
export interface ContractProblem {
  /** Where it is: `binding:profile.pci_slot`, `qos_rules[1].max_kbps`; empty = the value as a whole. */
  readonly path: string;
  /** What is wrong and what is expected. */
  readonly message: string;
}

/** The data breaks the contract; {@link problems} lists everything that does. `code` is `SRIOV_INVALID_CONFIG`. */
export class ContractError extends InvalidConfigError {
  /** In the order in which they were found; never empty. */
  readonly problems: readonly ContractProblem[];

  /** @param subject - what was read: `port`, `network` */
  constructor(subject: string, problems: readonly ContractProblem[]) {
    const lines = problems.map(({ path, message }) => `${path === '' ? subject : path}: ${message}`);
    super(lines.length === 1 ? lines.join('') : `${subject} is refused:\n  ${lines.join('\n  ')}`);
    this.problems = problems;
  }
}

/** `['binding:profile', 'capabilities', 0]` → `binding:profile.capabilities[0]`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}
