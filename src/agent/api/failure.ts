/**
 * Errors as HTTP answers.
 *
 * Owns the mapping from codes to statuses, and the form of an error's body. Codes are the package's own; a client goes
 * by them, the status is for tools that know HTTP alone.
 */
import { ContractError } from '../../binding/contract/error.ts';
import { LifeError } from '../../binding/life/errors.ts';
import { SriovError } from '../../errors.ts';
import { StoreConflictError, StoreError } from '../../store/errors.ts';

/** A request that is wrong in itself, or that nothing was done for. */
export class RequestError extends SriovError {
  /** HTTP status. */
  readonly status: number;
  /** More keys of the error's body. */
  readonly more: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, message: string, more: Readonly<Record<string, unknown>> = {}) {
    super(code, message);
    this.status = status;
    this.more = more;
  }
}

const BY_CODE: ReadonlyMap<string, number> = new Map([
  ['SRIOV_INVALID_CONFIG', 400],
  ['SRIOV_NO_PORT', 404],
  ['SRIOV_NOT_A_PF', 404],
  ['ENODEV', 404],
  ['SRIOV_BUSY', 409],
  ['SRIOV_CONFLICT', 409],
  ['SRIOV_REFUSED', 409],
  ['SRIOV_VFS_EXIST', 409],
  ['SRIOV_VFS_IN_USE', 409],
  ['EINVAL', 422],
  ['ERANGE', 422],
  ['EOPNOTSUPP', 422],
  ['ENOTSUP', 422],
  ['EPROTONOSUPPORT', 422],
  ['EBUSY', 503],
  ['EAGAIN', 503],
  ['EINTR', 503],
  ['SRIOV_INCOMPLETE_READ', 503],
  ['SRIOV_ABORTED', 503],
  ['SRIOV_DEADLINE', 503],
]);

/** In s; what is in trouble is tried again by the agent itself within this time, as a rule. */
const RETRY_AFTER = 5;

export interface Failure {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly error: Readonly<Record<string, unknown>> };
  /** Nobody thought of it: to be logged with its stack. */
  readonly bug: boolean;
}

function statusOf(error: SriovError): number {
  if (error instanceof RequestError || error instanceof LifeError) return error.status;
  // A conflict is the caller's to settle; all else that a store says will pass, or is the operator's.
  if (error instanceof StoreError && !(error instanceof StoreConflictError)) return 503;
  return BY_CODE.get(error.code) ?? 500;
}

export function failureOf(error: unknown): Failure {
  if (!(error instanceof SriovError)) {
    const message = `${error instanceof Error ? error.message : String(error)}; this is a bug of the agent, its log says where`;
    return { status: 500, headers: {}, body: { error: { code: 'SRIOV_INTERNAL', message } }, bug: true };
  }
  const status = statusOf(error);
  const { code, message, extendedAck } = error;
  return {
    status,
    headers: status === 503 ? { 'Retry-After': String(RETRY_AFTER) } : {},
    body: {
      error: {
        code,
        message,
        ...(extendedAck === undefined ? {} : { extendedAck }),
        ...(error instanceof ContractError ? { problems: error.problems } : {}),
        ...(error instanceof RequestError ? error.more : {}),
      },
    },
    bug: false,
  };
}
