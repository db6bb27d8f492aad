/**
 * The ports of a host: bound, released and kept so.
 *
 * Owns the order of steps: what is intended is on disk before the first VF is touched.
 */
import type { BindPolicy } from '../binding/policy.ts';
import type { PortRequest } from '../binding/port.ts';
import type { PortRecord } from '../binding/record.ts';
import type { Store } from '../store/store.ts';
import type { TrustedMac } from './context.ts';
import type { VfHost } from './host.ts';
import type { BindReport, PlanReport, RecoveryReport, ReleaseReport } from './report.ts';

export interface PortsOptions {
  readonly store: Store;
  readonly host: VfHost;
  readonly policy?: BindPolicy;
  /** Default `guest`. */
  readonly trustedMac?: TrustedMac;
}

/** What {@link openPorts} gives. */
export interface Ports {
  /**
   * Binds ports to functions of this host and sets these up: all ports of a PF by one message. A port that
   * is bound here already is brought up to date. Refusals are in the report, not thrown.
   *
   * @throws KernelError - `EPERM`: CAP_NET_ADMIN; everything is as it was
   * @throws StoreError
   */
  bind(requests: readonly PortRequest[]): Promise<BindReport>;
  /** What `bind` of these, and `recover`, would do. Changes nothing. */
  plan(requests: readonly PortRequest[]): Promise<PlanReport>;
  /** Puts the functions of these ports back to what was found, and forgets the bindings on this host. */
  release(ids: readonly string[]): Promise<ReleaseReport>;
  /**
   * Makes the binding on this host the active one and the one that was inactive, in one step.
   *
   * @throws LifeError - no such port or binding, or it is active already; KernelError - its VF refused a setting. The
   *   state is as before.
   */
  activate(id: string): Promise<PortRecord>;
  get(id: string): Promise<PortRecord | undefined>;
  /** All ports of the store, those that are bound on other hosts too, in order of id. */
  list(): Promise<readonly PortRecord[]>;
  /** Sees to half-done work, and gives every bound port the settings that its VF has lost. */
  recover(): Promise<RecoveryReport>;
  /** Releases the ports bound here for which `isAlive` says false. */
  collect(isAlive: (record: PortRecord) => boolean): Promise<ReleaseReport>;
}
