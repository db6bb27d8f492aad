/**
 * A port as Neutron writes it, with `network` and `place` beside it, as a request. The command loads it only when it
 * is needed: it brings the contract's validation with it.
 *
 * Owns the two keys that Neutron's port does not have.
 */
import { parsePort } from './flat.ts';
import { parseNetwork } from './network.ts';
import { formatPlace, parsePlace } from './place.ts';
import type { PortRequest } from './port.ts';
import { InvalidConfigError } from '../errors.ts';

export interface ParsedRequest {
  readonly request: PortRequest;
  /** `binding:host_id`; empty = it does not say. */
  readonly host: string;
}

function parseTextPlace(value: unknown): { readonly place?: string } {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'string') throw new InvalidConfigError('place: expected text, PF/VF');
  return { place: formatPlace(parsePlace(value)) };
}

/** @throws InvalidConfigError - it names what is wrong and where */
export function parseRequest({ network, place, ...flat }: Readonly<Record<string, unknown>>): ParsedRequest {
  if (network === undefined || network === null) {
    throw new InvalidConfigError('network is missing: {network_type: vlan, segmentation_id: 100}, or flat');
  }
  const { port, binding } = parsePort(flat);
  const { vnic_type, profile, host } = binding;
  const request = { port, network: parseNetwork(network), vnic_type, profile, ...parseTextPlace(place) };
  return { request, host };
}
