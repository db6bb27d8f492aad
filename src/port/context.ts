/**
 * What all work on ports is done with.
 */
import type { BindPolicy } from '../binding/policy.ts';
import type { Store } from '../store/store.ts';
import type { VfHost } from './host.ts';

export interface Context {
  readonly store: Store;
  readonly host: VfHost;
  readonly policy: BindPolicy;
  readonly trustedMac: TrustedMac;
}

/**
 * Whose the MAC of a trusted VF is once it is set up. `guest`: trust lets the guest change it, so another one is no
 * drift, as long as the VF is the same and has one at all. `port`: the port's is given again.
 */
export type TrustedMac = 'guest' | 'port';
