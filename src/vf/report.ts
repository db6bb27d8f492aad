/**
 * What came of a request to program VFs: options in, report out.
 *
 * Owns these types and the words of a failure's message.
 */
import type { VfAttribute } from './config.ts';

/** How {@link PhysicalFunction.programVfs} goes about its work. Every field may be absent. */
export interface ProgramOptions {
  /**
   * Longest time, in ms, that one message should hold the kernel's rtnl lock: the host's other network
   * configuration waits that long. The cost of a setting is measured and messages are cut to fit; one
   * setting is the least a message can hold. 0.1 to 10000. Default 10.
   */
  readonly maxHoldMs?: number;
  /**
   * How long, in ms, EBUSY, EAGAIN and EINTR are retried, and how long `verify` waits for a driver that
   * applies late. 0 = not at all, at most 600000. Default 1000.
   */
  readonly retryMs?: number;
  /** Read back afterwards and report as failed (`NOT_APPLIED`) what the driver accepted but does not show. */
  readonly verify?: boolean;
  /**
   * All or nothing: the first failure stops the work, and everything that was changed is put back as it
   * was read before. What could not be put back is in {@link ProgramReport.notRestored}.
   */
  readonly atomic?: boolean;
}

/** Options of the asynchronous variant. */
export interface ProgramAsyncOptions extends ProgramOptions {
  /**
   * Stops between two messages; a message that the kernel is working on is not interrupted. The promise
   * is rejected with an {@link AbortedError} that carries the report; with `atomic`, changes are put back.
   */
  readonly signal?: AbortSignal;
}

/** One attribute of one VF that is not as it was wanted. */
export interface VfFailure {
  readonly vf: number;
  readonly attribute: VfAttribute;
  /** Negative errno of the kernel; 0 where the driver accepted the setting but does not show it. */
  readonly errno: number;
  /** errno name, or `NOT_APPLIED` (accepted but not shown), or `NOT_REPORTED` (the old value is unknown). */
  readonly code: string;
  /** What was asked, of which VF, why it failed and what to try. */
  readonly message: string;
  /** Text that the kernel attached, if any. */
  readonly extendedAck?: string;
}

/** Outcome of one call. `failures` empty and `aborted` false means that all is as wanted. */
export interface ProgramReport {
  /** VFs named in the request. */
  readonly vfs: number;
  /** Settings asked for, counted as in {@link VfAttribute}. */
  readonly requested: number;
  /** Settings that the kernel accepted and that were not put back. */
  readonly applied: number;
  readonly failures: readonly VfFailure[];
  /** True when `atomic` put things back. */
  readonly rolledBack: boolean;
  /** With `rolledBack`: what could not be put back. */
  readonly notRestored: readonly VfFailure[];
  /** True when stopped by the signal. */
  readonly aborted: boolean;
  /** Settings that `verify` could not check since the driver does not report them. */
  readonly unverified: number;
  /** rtnetlink messages sent, reads among them. */
  readonly messages: number;
  /** Of these, reads of the whole PF. */
  readonly reads: number;
  /** Settings sent again after a transient error. */
  readonly retries: number;
  /** Calls of {@link PhysicalFunction.programVfs} that went out together with this one; at least 1. */
  readonly coalesced: number;
  /** Time spent on the request in ms, waiting in the queue not counted. */
  readonly durationMs: number;
}
