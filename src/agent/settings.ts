/**
 * What the agent is told to do, checked and complete.
 *
 * Owns the type. `config/` makes it from a file, the environment and flags; nothing here is optional, so that no
 * two places can have different defaults.
 */
import type { BindPolicy } from '../binding/policy.ts';

export interface AgentSettings {
  /** As in `binding:host_id`. */
  readonly host: string;
  /** Directory of the store. */
  readonly store: string;
  /**
   * Which functions may be given away. With `mappings` the agent looks at these PFs alone; without, at every PF on
   * which a port of the store has a function.
   */
  readonly policy: BindPolicy;
  readonly reconcile: ReconcileSettings;
  readonly api: ApiSettings;
  readonly metrics: MetricsSettings;
  readonly log: LogSettings;
  /** What becomes of bound VFs when the agent is told to end: left as they are, or all of its host's ports released. */
  readonly onStop: 'keep' | 'release';
}

export interface ReconcileSettings {
  /** How long events of a PF are gathered before it is looked at, in ms; 0 = not at all. */
  readonly debounceMs: number;
  /** The longest that a PF waits while events keep coming, in ms; not below `debounceMs`. */
  readonly maxDelayMs: number;
  /** Every PF is looked at at least this often, in ms, give or take a tenth. 0 = never. */
  readonly pollMs: number;
  /** PFs that are looked at at the same time. */
  readonly concurrency: number;
  /** First and longest wait before what failed is tried again, in ms; it doubles each time, give or take a tenth. */
  readonly backoffFirstMs: number;
  readonly backoffMaxMs: number;
  /**
   * Whose the MAC of a trusted VF is: `guest` = one that differs from the port's was set by the guest, as trust allows,
   * and is left; `port` = it is put back.
   */
  readonly trustedMac: 'guest' | 'port';
  /** Whether ports that could not be bound on this host are tried again when functions become available. */
  readonly retryFailed: boolean;
}

/** Users and groups by name or number, beside root and the agent's own user. */
export interface Allowed {
  readonly users: readonly (string | number)[];
  readonly groups: readonly (string | number)[];
}

export interface ApiSettings {
  /** Path of the Unix socket; null = no API. */
  readonly socket: string | null;
  /** Who may ask. */
  readonly read: Allowed;
  /** Who may change; these may ask as well. */
  readonly write: Allowed;
}

export interface MetricsSettings {
  /** TCP address, or path of a Unix socket; null = none but `/metrics` of the API. */
  readonly listen: { readonly host: string; readonly port: number } | { readonly path: string } | null;
  /** Whether a scrape reads the statistics of each VF: one dump of each PF, with one question to the driver a VF. */
  readonly vfStatistics: boolean;
}

export interface LogSettings {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  /** One JSON object, or one line for people, for each decision. */
  readonly format: 'json' | 'text';
}
