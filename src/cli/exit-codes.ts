/**
 * Exit status of the command: the one place that turns what happened into a number.
 *
 * Owns the numbers and the mapping from error codes. Texts are made where the error is made.
 */
import { AgentUnreachableError } from '../agent/api/errors.ts';
import { SriovError } from '../errors.ts';

/** The numbers from 64 on are those of sysexits.h. */
export const EXIT = {
  done: 0,
  failed: 1,
  differences: 2,
  usage: 64,
  unsupported: 69,
  bug: 70,
  busy: 75,
  permission: 77,
} as const;

/** What each number means, for help and docs. */
export const EXIT_MEANINGS: readonly (readonly [number, string])[] = [
  [EXIT.done, 'done'],
  [EXIT.failed, 'failed in whole or part; each failure is listed'],
  [EXIT.differences, 'differences found, with --exit-code'],
  [EXIT.usage, 'wrong usage or wrong plan file; nothing was changed'],
  [EXIT.unsupported, 'not on this platform, hardware or driver; or no agent answers'],
  [EXIT.bug, 'the agent ended at an error that it did not expect; its log says which'],
  [EXIT.busy, 'busy: try again, or remove the VFs first'],
  [EXIT.permission, 'missing capability (CAP_NET_ADMIN, or root for sysfs); or the agent does not allow it'],
];

const BY_CODE: ReadonlyMap<string, number> = new Map<string, number>([
  ['SRIOV_USAGE', EXIT.usage],
  ['SRIOV_INVALID_CONFIG', EXIT.usage],
  ['SRIOV_UNSUPPORTED_PLATFORM', EXIT.unsupported],
  ['SRIOV_NOT_A_PF', EXIT.unsupported],
  ['ENODEV', EXIT.unsupported],
  ['EOPNOTSUPP', EXIT.unsupported],
  ['ENOTSUP', EXIT.unsupported],
  ['EPROTONOSUPPORT', EXIT.unsupported],
  ['SRIOV_VFS_EXIST', EXIT.busy],
  ['SRIOV_VFS_IN_USE', EXIT.busy],
  ['SRIOV_REFUSED', EXIT.busy],
  ['SRIOV_DEADLINE', EXIT.busy],
  ['SRIOV_BUSY', EXIT.busy],
  ['SRIOV_CONFLICT', EXIT.busy],
  ['EBUSY', EXIT.busy],
  ['EAGAIN', EXIT.busy],
  ['EINTR', EXIT.busy],
  ['EPERM', EXIT.permission],
  ['EACCES', EXIT.permission],
  ['SRIOV_FORBIDDEN', EXIT.permission],
]);

/** Exit status for one error or failure code, such as `EPERM`; anything unknown is 1. */
export function exitCodeForCode(code: string): number {
  return BY_CODE.get(code) ?? EXIT.failed;
}

/** Exit status for an error that ended a command. */
export function exitCodeForError(error: unknown): number {
  // By class: the same errno names, from a store or a plan file, mean something else.
  if (error instanceof AgentUnreachableError && error.code !== 'EACCES') return EXIT.unsupported;
  return error instanceof SriovError ? exitCodeForCode(error.code) : EXIT.failed;
}

/**
 * Exit status for a request that was carried out, from the codes of all that failed in it.
 *
 * Failures of one kind get that kind's number, since a script can act on it: 75 = running the same
 * command again finishes the work, 77 = privilege is missing. 69 also needs that nothing was applied:
 * a driver that lacks one of several attributes is a failure in part. All else that failed is 1.
 */
export function exitCodeForFailures(codes: readonly string[], applied: number): number {
  const first = codes[0];
  if (first === undefined) return EXIT.done;
  const kind = exitCodeForCode(first);
  if (codes.some((code) => exitCodeForCode(code) !== kind)) return EXIT.failed;
  if (kind === EXIT.busy || kind === EXIT.permission) return kind;
  return kind === EXIT.unsupported && applied === 0 ? kind : EXIT.failed;
}
