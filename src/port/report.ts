/**
 * What came of work on ports.
 */
import type { BindingRecord, PortRecord } from '../binding/record.ts';
import type { Refusal } from '../binding/refusal.ts';
import type { VfConfig } from '../vf/config.ts';
import type { VfFailure } from '../vf/report.ts';

/** One port of a request to bind. */
export interface PortOutcome {
  readonly id: string;
  readonly record: PortRecord;
  /** The binding on this host. Its `vif_type` is `binding_failed` where it was refused; null = there is none. */
  readonly binding: BindingRecord | null;
  /** Empty when it is bound. */
  readonly refusals: readonly Refusal[];
  /** What was, or with a plan would be, changed of its VF; null = nothing. */
  readonly changes: VfConfig | null;
}

export interface BindReport {
  /** In the order of the request. */
  readonly ports: readonly PortOutcome[];
  /** rtnetlink messages sent for VFs, reads among them; the inventory's own read of each PF is not counted. */
  readonly messages: number;
  readonly durationMs: number;
}

/** A setting that a release could not, or must not, put back. */
export interface NotRestored {
  readonly port: string;
  /** Text of `formatPlace`. */
  readonly place: string;
  /** Why: gone, re-created since, someone else's now, other work on the port not done, or the driver's refusal. */
  readonly message: string;
  /** errno name or `SRIOV_*` of what failed as a whole; absent = nothing did, or `failures` says it. */
  readonly code?: string;
  readonly failures: readonly VfFailure[];
}

export interface ReleaseReport {
  /** Ids of the ports that are released. */
  readonly released: readonly string[];
  /** These ports with their binding here unbound: profiles have lost what binding had added. */
  readonly records: readonly PortRecord[];
  /** Ids that the store does not hold, or that have no binding here: nothing was done. */
  readonly unknown: readonly string[];
  readonly notRestored: readonly NotRestored[];
  readonly messages: number;
  readonly durationMs: number;
}

/** What became of work that was found half-done. */
export interface RecoveredWork {
  readonly journal: string;
  /** `repair`: giving bound ports what their VFs lost; what of it was left undone is begun anew at once. */
  readonly kind: 'bind' | 'release' | 'activate' | 'repair';
  /** `kept`: its process still runs, or nobody can tell. */
  readonly outcome: 'finished' | 'undone' | 'kept';
  readonly ports: readonly string[];
  readonly message: string;
}

export interface RecoveryReport {
  readonly work: readonly RecoveredWork[];
  /** Ports whose VF was not as bound (PF reset, re-created VF, reboot, drift) and is again. */
  readonly restored: readonly { readonly port: string; readonly place: string; readonly changes: VfConfig }[];
  /** Ports whose VF can't be had any more, with the reason. */
  readonly lost: readonly NotRestored[];
  readonly messages: number;
}

/** What would change; nothing was. */
export interface PlanReport {
  /** Ports that would be bound. */
  readonly bind: readonly PortOutcome[];
  /** Bound ports whose VF is not as it should be. */
  readonly restore: RecoveryReport['restored'];
  /** Bound ports whose VF can't be had, so that recovery would leave them as they are. */
  readonly lost: readonly NotRestored[];
  /** Half-done work that recovery would see to. */
  readonly work: readonly RecoveredWork[];
}
