/**
 * What the agent says of its decisions: one event each, and none for a look that found nothing to do but
 * {@link Reconciled}.
 *
 * Owns the types. Log, metrics, API and `sriov events` are all made from these alone.
 */
import type { VfAttribute } from '../vf/config.ts';

/** Why a PF was looked at. */
export type Trigger =
  | 'start'
  | 'link'
  | 'uevent'
  | 'store'
  | 'poll'
  | 'retry'
  | 'overrun'
  | 'request'
  | 'reload';

/** One attribute that is not as wanted. Values as in `VfConfig`; `found` absent = not reported. */
export interface Difference {
  readonly attribute: VfAttribute;
  readonly wanted: unknown;
  readonly found?: unknown;
}

/** A port's function, as text of `formatPlace`, and the parts of it. */
interface OnVf {
  readonly port: string;
  readonly place: string;
  readonly pf: string;
  readonly vf: number | null;
}

/** A PF was looked at. */
export interface Reconciled {
  readonly type: 'reconciled';
  readonly pf: string;
  readonly trigger: Trigger;
  /** Ports of this PF that were compared. */
  readonly checked: number;
  readonly repaired: number;
  readonly failed: number;
  /** Reads of the whole PF. */
  readonly dumps: number;
  /** rtnetlink messages that set something. */
  readonly messages: number;
  readonly durationMs: number;
  /** From the first unheeded event to the beginning of the look, in ms; null without an event. */
  readonly lagMs: number | null;
}

/** A VF is not as its port wants it, and is about to be repaired. Said once, however often that is tried. */
export interface Drift extends OnVf {
  readonly type: 'drift';
  readonly trigger: Trigger;
  readonly differences: readonly Difference[];
  /** The VF was taken away and made anew since it was set up. */
  readonly recreated: boolean;
}

/** It is again. */
export interface Repaired extends OnVf {
  readonly type: 'repaired';
  readonly trigger: Trigger;
  readonly attributes: readonly VfAttribute[];
  readonly recreated: boolean;
  /** From the event that told of it to now, in ms; null without an event. */
  readonly lagMs: number | null;
}

/** It could not be repaired; tried again later, other VFs meanwhile. */
export interface RepairFailed extends OnVf {
  readonly type: 'repair-failed';
  readonly code: string;
  readonly message: string;
  /** From 1. */
  readonly attempt: number;
  readonly retryInMs: number;
}

/** The function of a bound port can't be had: gone, or someone else's by now. Said once until it is found. */
export interface Lost extends OnVf {
  readonly type: 'lost';
  readonly message: string;
}

/** It is there again, and as wanted. */
export interface Found extends OnVf {
  readonly type: 'found';
}

/** A trusted VF has another MAC than its port's: the guest's doing, and its right. Said once for each MAC. */
export interface GuestMac extends OnVf {
  readonly type: 'guest-mac';
  readonly wanted: string;
  readonly found: string;
}

/** A claim with no binding any more was given up. */
export interface LeftOver extends OnVf {
  readonly type: 'left-over';
  readonly released: boolean;
  /** Empty when released. */
  readonly message: string;
}

/** Half-done work of a process that is gone was seen to. */
export interface WorkRecovered {
  readonly type: 'work';
  readonly journal: string;
  readonly kind: 'bind' | 'release' | 'activate' | 'repair';
  readonly outcome: 'finished' | 'undone' | 'kept';
  readonly ports: readonly string[];
  readonly message: string;
}

/** The record of a port that has, or had, a binding on this host is another now; by whomever. */
export interface PortChanged {
  readonly type: 'port';
  readonly port: string;
  /** Null = the port is gone from the store, or from this host. */
  readonly binding: {
    readonly vifType: string;
    readonly status: string;
    readonly portStatus: string;
    readonly place: string | null;
  } | null;
}

/** A port that could not be bound was tried again. */
export interface BindRetried {
  readonly type: 'bind-retried';
  readonly port: string;
  readonly bound: boolean;
  /** Of `formatPlace`; null = refused again. */
  readonly place: string | null;
  readonly reasons: readonly string[];
}

/** What is known of a PF's device has changed. */
export interface PfChanged {
  readonly type: 'pf';
  readonly pf: string;
  /** `absent`: no such device, or none in this network namespace. `down` = changes behind our back are not announced. */
  readonly state: 'up' | 'down' | 'absent';
  readonly netDevice: string | null;
}

/** The kernel dropped notifications; every PF is looked at. */
export interface Overrun {
  readonly type: 'overrun';
  readonly source: 'links' | 'uevents';
}

/** Work came to nothing by something that is no VF's; the store, as a rule. Tried again. */
export interface Trouble {
  readonly type: 'trouble';
  readonly part: 'store' | 'links' | 'uevents' | 'pf' | 'api' | 'metrics';
  /** The PF, where it is one's. */
  readonly pf: string | null;
  readonly code: string;
  readonly message: string;
  readonly attempt: number;
  /** Null = it is not tried again by itself. */
  readonly retryInMs: number | null;
}

/** What was in trouble works again. */
export interface TroubleOver {
  readonly type: 'trouble-over';
  readonly part: Trouble['part'];
  readonly pf: string | null;
}

/** Of the agent itself. One type for each, so that each can be picked by its `type`. */
export type Lifecycle = {
  readonly [T in 'started' | 'ready' | 'reloaded' | 'stopping' | 'stopped']: {
    readonly type: T;
    readonly message: string;
  };
}['started' | 'ready' | 'reloaded' | 'stopping' | 'stopped'];

export type AgentEventBody =
  | Reconciled
  | Drift
  | Repaired
  | RepairFailed
  | Lost
  | Found
  | GuestMac
  | LeftOver
  | WorkRecovered
  | PortChanged
  | BindRetried
  | PfChanged
  | Overrun
  | Trouble
  | TroubleOver
  | Lifecycle;

/** An event with its place in the order of all. */
export type AgentEvent = AgentEventBody & {
  /** From 1, without gaps, anew with each start of the agent. */
  readonly seq: number;
  /** ISO 8601, UTC, by the host's clock, which may step. */
  readonly at: string;
};

/** One event, by its type. */
export type AgentEventOf<T extends AgentEventBody['type']> = Extract<AgentEventBody, { readonly type: T }> & {
  readonly seq: number;
  readonly at: string;
};

/** For `EventEmitter`: `event` is every one, the others by type. */
export type AgentEventMap = { readonly event: [AgentEvent] } & {
  readonly [T in AgentEventBody['type']]: [AgentEventOf<T>];
};
