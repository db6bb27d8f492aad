/**
 * The agent's view of its host, as plain data.
 *
 * Owns the types. Field names are those of the API's JSON.
 */
import type { Difference, Trigger } from './events.ts';

/** Every {@link PortState}. */
export const PORT_STATES = [
  'ok',
  'guest-mac',
  'held',
  'lost',
  'waiting',
  'unbound',
  'failed',
  'reserved',
] as const;

/** How a bound port is. `held` = not as wanted, and tried again later; `waiting` = work on it is under way. */
export type PortState = (typeof PORT_STATES)[number];

export interface PortView {
  readonly id: string;
  readonly state: PortState;
  /** Of `formatPlace`; null = it has no function here. */
  readonly place: string | null;
  readonly vnicType: string;
  readonly vifType: string;
  /** Of the binding, `ACTIVE` or `INACTIVE`. */
  readonly bindingStatus: string;
  /** Of the port: `ACTIVE`, `DOWN`, `BUILD`, `ERROR`. */
  readonly status: string;
  /** Why it is not `ok`; null when it is. */
  readonly reason: string | null;
  /** Of a state `held`. */
  readonly differences: readonly Difference[];
  /** Since the agent was started. */
  readonly repairs: number;
  /** ISO 8601. */
  readonly lastRepair: string | null;
  /** In ms from now; null = not by itself. */
  readonly retryInMs: number | null;
}

export interface PfView {
  /** Name in sysfs. */
  readonly pf: string;
  readonly netDevice: string | null;
  readonly state: 'up' | 'down' | 'absent';
  /** Null = not known. */
  readonly numVfs: number | null;
  /** Ports that have a function of it. */
  readonly ports: number;
  readonly lastLook: {
    readonly at: string;
    readonly trigger: Trigger;
    readonly durationMs: number;
    readonly repaired: number;
    readonly failed: number;
  } | null;
  readonly trouble: {
    readonly code: string;
    readonly message: string;
    readonly retryInMs: number | null;
  } | null;
}

export interface AgentCounters {
  readonly looks: number;
  readonly dumps: number;
  readonly messages: number;
  readonly drifts: number;
  readonly repairs: number;
  readonly repairsFailed: number;
  /** Settings of VFs that were as wanted and were written all the same; a bug if it is not 0. */
  readonly healthyWrites: number;
  readonly guestMacs: number;
  readonly overruns: number;
  readonly workRecovered: number;
  readonly bindsRetried: number;
}

export interface AgentStatus {
  readonly host: string;
  readonly version: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly uptimeMs: number;
  /** It has looked at everything once. */
  readonly ready: boolean;
  /** Ready, and neither store nor watches are in trouble. Ports that are lost or held don't count. */
  readonly healthy: boolean;
  /** Why it is not; empty when it is. */
  readonly reasons: readonly string[];
  /** `seq` of the newest event. */
  readonly seq: number;
  readonly store: {
    readonly path: string;
    readonly state: 'ok' | 'trouble';
    readonly message: string | null;
  };
  readonly pfs: readonly PfView[];
  readonly ports: readonly PortView[];
  readonly counters: AgentCounters;
}
