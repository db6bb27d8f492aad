/**
 * A request, with what is needed of it for each function worked out once.
 *
 * Owns that form; it must only be made of requests that `refuseRequest` lets pass.
 */
import type { VfAttribute } from '../vf/config.ts';
import type { BindPolicy } from './policy.ts';
import type { PortRequest } from './port.ts';
import type { OurVnicType } from './request.ts';
import { neededAttributes } from './wanted.ts';

export interface Ask {
  readonly request: PortRequest;
  readonly type: OurVnicType;
  /** Null when the network has none, and the profile neither. */
  readonly physicalNetwork: string | null;
  readonly trusted: boolean;
  readonly needs: readonly VfAttribute[];
  /** Lower case; undefined = any. */
  readonly vendorProduct: string | undefined;
  readonly numaNode: number | undefined;
}

export function toAsk(request: PortRequest, policy: BindPolicy): Ask {
  const { port, network, profile } = request;
  const type = request.vnic_type as OurVnicType;
  return {
    request,
    type,
    physicalNetwork: network.physical_network ?? profile.physical_network ?? null,
    trusted: profile.trusted === true,
    // Nothing can be set on a PF that someone else has.
    needs: type === 'direct-physical' ? [] : neededAttributes(port, network, profile),
    vendorProduct: profile.pci_vendor_info?.toLowerCase(),
    numaNode: policy.numaNode,
  };
}

/** Equal for requests that, under one policy, every function answers in the same way, whichever port asks. */
export function askKey({ request, type, physicalNetwork, trusted, needs, vendorProduct }: Ask): string {
  const policy = request.port.numa_affinity_policy;
  return JSON.stringify([type, physicalNetwork, trusted, needs, vendorProduct ?? null, policy]);
}
