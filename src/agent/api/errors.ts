/**
 * What can go wrong between a client and the agent.
 *
 * Owns the classes; loads nothing, so that the command can tell them apart at little cost.
 */
import { SriovError } from '../../errors.ts';

const WAYS: Readonly<Record<string, string>> = {
  ENOENT:
    'there is no such socket: is the agent running, and is this the api.socket of its configuration? --socket PATH names another',
  ECONNREFUSED: 'nobody listens: the agent is not running any more (systemctl status sriov-agent)',
  EACCES:
    "this user may not open the socket: run as root, or let api.read or api.write of the agent's configuration name the user or one of its groups",
};

/**
 * No answer from the agent. `code` is the errno name: `ENOENT`, `ECONNREFUSED`, `EACCES`, `ECONNRESET`, `EPIPE`; or
 * `SRIOV_NO_ANSWER` where something else than an agent answered, or it broke off.
 */
export class AgentUnreachableError extends SriovError {
  readonly path: string;

  constructor(path: string, code: string, why: string, cause?: unknown) {
    super(code, `no agent at ${path}: ${WAYS[code] ?? why}`, { cause });
    this.path = path;
  }
}

/** The agent answered that it will not. `code` is the one of the answer. */
export class AgentRefusedError extends SriovError {
  /** Of HTTP. */
  readonly status: number;
  /** The answer's `error`: `problems` of a body, the `report` of ports that were refused. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(status: number, details: Readonly<Record<string, unknown>>) {
    super(
      typeof details['code'] === 'string' ? details['code'] : 'SRIOV_INTERNAL',
      typeof details['message'] === 'string'
        ? details['message']
        : `the agent answered with status ${status}`,
      typeof details['extendedAck'] === 'string' ? { extendedAck: details['extendedAck'] } : {},
    );
    this.status = status;
    this.details = details;
  }
}
