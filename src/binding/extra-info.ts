/**
 * What a network type adds to `vif_details` of its ports: the "extra port info" of 2014's design.
 *
 * Owns the rules for adding: never over a key that is there or is ours, in an order that does not depend on who
 * registered first, and within Neutron's size.
 */
import { isDeepStrictEqual } from 'node:util';

import { SriovError } from '../errors.ts';
import { bindingJsonLength, MAX_BINDING_JSON } from './limits.ts';
import type { PortRequest } from './port.ts';
import type { VifDetails } from './vif-details.ts';

/** Adds port information for one network type, such as keys that a vendor's agent reads. */
export interface PortInfoProvider {
  /** For messages, and the order in which providers are asked. Must differ from the others'. */
  readonly name: string;
  /** Asked for networks of this type only (`vlan`). */
  readonly network_type: string;
  /** Plain JSON; empty = nothing to add. Must be the same for the same request, and must not change it. */
  provide(request: PortRequest, details: VifDetails): Readonly<Record<string, unknown>>;
}

/** A provider broke a rule; nothing was added. `code` is `SRIOV_PORT_INFO`. */
export class PortInfoError extends SriovError {
  readonly provider: string;
  /** Absent when it is about no key alone. */
  readonly key: string | undefined;

  constructor(provider: string, why: string, key?: string, cause?: unknown) {
    super('SRIOV_PORT_INFO', `provider ${JSON.stringify(provider)} of port information: ${why}`, { cause });
    this.provider = provider;
    this.key = key;
  }
}

/** Written by this package, or by Neutron on reading. */
const OWNED: ReadonlySet<string> = new Set([
  'port_filter',
  'connectivity',
  'vlan',
  'profileid',
  'physical_network',
  'mac_address',
  'bound_drivers',
]);

/**
 * The details with what the providers of the request's network type add. `details` itself stays as it is.
 *
 * @throws PortInfoError - a key is owned or taken, a value is not JSON, two providers have one name, the details
 *   grow beyond {@link MAX_BINDING_JSON}, or a provider threw (`cause`)
 */
export function extendVifDetails(
  details: VifDetails,
  providers: readonly PortInfoProvider[],
  request: PortRequest,
): VifDetails {
  const asked = providers
    .filter(({ network_type }) => network_type === request.network.network_type)
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  let all: VifDetails = { ...details };
  for (const [at, provider] of asked.entries()) {
    const { name } = provider;
    if (asked[at + 1]?.name === name) throw new PortInfoError(name, 'two have this name; rename one');
    const info = ask(provider, request, details);
    for (const key of Object.keys(info)) {
      if (!OWNED.has(key) && !Object.hasOwn(all, key)) continue;
      throw new PortInfoError(name, `key ${JSON.stringify(key)} is taken; use a prefix of your own`, key);
    }
    all = { ...all, ...info };
    const length = bindingJsonLength(all);
    if (length <= MAX_BINDING_JSON) continue;
    const why = `vif_details would have ${length} characters of JSON, ${MAX_BINDING_JSON} at most; add less`;
    throw new PortInfoError(name, why);
  }
  return all;
}

/** A copy, so that ports share no objects. */
function ask(
  provider: PortInfoProvider,
  request: PortRequest,
  details: VifDetails,
): Readonly<Record<string, unknown>> {
  let info: unknown;
  let copy: unknown;
  try {
    info = provider.provide(request, { ...details });
    copy = JSON.parse(JSON.stringify(info) ?? 'null');
  } catch (cause) {
    const why = `it failed: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new PortInfoError(provider.name, why, undefined, cause);
  }
  if (copy !== null && typeof copy === 'object' && !Array.isArray(copy) && isDeepStrictEqual(copy, info)) {
    return copy as Record<string, unknown>;
  }
  throw new PortInfoError(provider.name, 'it must give a plain object of JSON values');
}
