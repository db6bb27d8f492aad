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
}
