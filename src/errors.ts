/**
 * The errors of this package: one family, told apart by `code`.
 *
 * Owns the classes and nothing else; which message belongs to which failure is decided where it fails.
 */

import type { FunctionUser } from './lifecycle/users.ts';
import type { ProgramReport } from './vf/report.ts';

/** What an error is about, as far as it is known. */
export interface ErrorTarget {
  /** Name, ifindex or PCI address of the physical function, as the caller gave it. */
  readonly pf?: string;
  /** VF number, counted from 0. */
  readonly vf?: number;
  /** Key of {@link VfConfig} that was refused. */
  readonly attribute?: string;
}

/** Extra facts for a {@link SriovError}; absent fields are unknown. */
export interface ErrorDetails {
  /** Negative errno as in Node's own errors, e.g. -22; absent when the kernel was not asked. */
  readonly errno?: number;
  /** The system call that failed. */
  readonly syscall?: string;
  /** Text that the kernel attached to its refusal (netlink extended acknowledgement). */
  readonly extendedAck?: string;
  readonly target?: ErrorTarget;
  readonly cause?: unknown;
}

/**
 * Base of every error that this package throws.
 *
 * `code` is stable: an errno name (`EPERM`, `ENODEV`, ...) when the kernel refused, else one of the
 * `SRIOV_*` codes of the subclasses below.
 *
 * @example
 * try { await pf.programVfs(configs) } catch (e) { if (e instanceof SriovError && e.code === 'EPERM') ... }
 */
export class SriovError extends Error {
  readonly code: string;
  readonly errno: number | undefined;
  readonly syscall: string | undefined;
  readonly extendedAck: string | undefined;
  readonly target: ErrorTarget;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.errno = details.errno;
    this.syscall = details.syscall;
    this.extendedAck = details.extendedAck;
    this.target = details.target ?? {};
  }
}

/** The caller's input is wrong; nothing was sent to the kernel. `code` is `SRIOV_INVALID_CONFIG`. */
export class InvalidConfigError extends SriovError {
  constructor(message: string, target: ErrorTarget = {}) {
    super('SRIOV_INVALID_CONFIG', message, { target });
  }
}

/** This operating system or processor has no addon. `code` is `SRIOV_UNSUPPORTED_PLATFORM`. */
export class UnsupportedPlatformError extends SriovError {
  constructor(message: string, cause?: unknown) {
    super('SRIOV_UNSUPPORTED_PLATFORM', message, { cause });
  }
}

/** The device is there but is no SR-IOV physical function. `code` is `SRIOV_NOT_A_PF`. */
export class NotAPhysicalFunctionError extends SriovError {
  constructor(message: string, target: ErrorTarget) {
    super('SRIOV_NOT_A_PF', message, { target });
  }
}

/** The kernel refused a request as a whole. `code` is the errno name. */
export class KernelError extends SriovError {}

/**
 * The kernel did not give every VF. `code` is `SRIOV_INCOMPLETE_READ`; {@link missing} says which VFs
 * are not known, {@link listed} how many are.
 */
export class IncompleteReadError extends SriovError {
  readonly missing: readonly number[];
  readonly listed: number;

  constructor(message: string, missing: readonly number[], listed: number, target: ErrorTarget) {
    super('SRIOV_INCOMPLETE_READ', message, { target });
    this.missing = missing;
    this.listed = listed;
  }
}

/** VFs exist, so their number cannot be changed without destroying them. `code` is `SRIOV_VFS_EXIST`. */
export class VfsExistError extends SriovError {
  constructor(message: string, target: ErrorTarget) {
    super('SRIOV_VFS_EXIST', message, { errno: -16, target });
  }
}

/** The caller's signal stopped the work. `code` is `SRIOV_ABORTED`; {@link report} says what was done. */
export class AbortedError extends SriovError {
  /** Absent when the request was still waiting, so that nothing was sent. */
  readonly report: ProgramReport | undefined;

  constructor(message: string, report: ProgramReport | undefined, target: ErrorTarget) {
    super('SRIOV_ABORTED', message, { target });
    this.report = report;
  }
}

/**
 * VFs (or another function) are in use by someone, so they are not taken away. `code` is
 * `SRIOV_VFS_IN_USE`; {@link users} names each and its user.
 */
export class VfsInUseError extends SriovError {
  readonly users: readonly FunctionUser[];

  constructor(message: string, users: readonly FunctionUser[], target: ErrorTarget) {
    super('SRIOV_VFS_IN_USE', message, { target });
    this.users = users;
  }
}

/** Something that must be so before the step is not so; nothing was changed. `code` is `SRIOV_REFUSED`. */
export class RefusedError extends SriovError {
  constructor(message: string, target: ErrorTarget = {}) {
    super('SRIOV_REFUSED', message, { target });
  }
}

/** The time is over. `code` is `SRIOV_DEADLINE`. */
export class DeadlineError extends SriovError {
  /**
   * True when the kernel is still at work: it can't be interrupted and may finish later, and until then no
   * other step on that device is begun. False when something that was waited for did not come about.
   */
  readonly stillRunning: boolean;

  constructor(message: string, stillRunning: boolean, target: ErrorTarget = {}) {
    super('SRIOV_DEADLINE', message, { target });
    this.stillRunning = stillRunning;
  }
}
