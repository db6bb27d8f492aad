/** One question to the choosing, with all that is not said being ordinary. */
import { bind, type BindResult } from '../../../../src/binding/bind.ts';
import type { Inventory } from '../../../../src/binding/inventory.ts';
import type { BindPolicy } from '../../../../src/binding/policy.ts';
import { makeHost, makePf, makeRequest, type RequestChanges } from './host.ts';

export const PF = '0000:02:00.0';
/** One PF with two VFs. */
export const HOST: Inventory = makeHost(makePf(2, 2));

export function ask(
  changes: RequestChanges,
  host: Inventory = HOST,
  policy: BindPolicy = {},
  taken = {},
): BindResult {
  return bind(makeRequest(changes), host, policy, new Map(Object.entries(taken)));
}
