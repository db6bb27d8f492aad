/**
 * Whether a function is on the physical network that a port needs.
 *
 * Owns the two sources: mappings of PFs (Neutron's) and the tag `physical_network` of a device spec (Nova's).
 * With neither, nothing says which PF is on which network, and nothing is checked.
 */
import type { Ask } from './ask.ts';
import { tagsMatch } from './device-spec/tags.ts';
import type { BindPolicy } from './policy.ts';
import type { Refusal } from './refusal.ts';
import type { Kind, Stock } from './stock.ts';
import type { Reason } from './suitable.ts';

/** Why no function of this host is on the port's network; undefined = some may be. */
export function refuseNetwork(
  { pfs, host }: Stock,
  policy: BindPolicy,
  { request, physicalNetwork }: Ask,
): Refusal | undefined {
  const refuse = (why: string): Refusal => ({
    code: 'PHYSICAL_NETWORK',
    message: `port ${request.port.id}: ${why}`,
    detail: { physical_network: physicalNetwork },
  });
  const { network, profile } = request;
  const asked = profile.physical_network;
  // Nova fills the profile from the tag, which it compares without regard to case.
  if (asked !== undefined && network.physical_network !== null && !isSame(asked, network.physical_network)) {
    return refuse(
      `the profile names physical_network ${asked}, but its network is on ${network.physical_network}; correct or remove the key in the profile`,
    );
  }
  if (policy.mappings === undefined && policy.deviceSpecs === undefined) return undefined;
  if (physicalNetwork === null) {
    return refuse('its network names no physical_network, so no PF can be on it; use a provider network');
  }
  if (policy.mappings === undefined || pfs.some(({ kind }) => kind.networks?.has(physicalNetwork) === true)) {
    return undefined;
  }
  return refuse(
    `no PF of host ${host} is mapped to physical_network ${physicalNetwork}; add it to physical_device_mappings`,
  );
}

/** Why functions of this kind are not on the port's network; undefined = they are, or nothing says. */
export function networkFault(
  { spec, networks, pf }: Kind,
  { physicalNetwork: wanted }: Ask,
): Reason | undefined {
  if (wanted === null) return undefined;
  const detail = { physical_network: wanted };
  if (networks !== null && !networks.has(wanted)) {
    const mapped = networks.size === 0 ? 'no physical network' : [...networks].sort().join(', ');
    const why = `its PF ${pf.device} is mapped to ${mapped}, not to ${wanted}; map it in physical_device_mappings`;
    return { code: 'PHYSICAL_NETWORK', why, detail };
  }
  const tag = spec?.tags['physical_network'];
  // Mappings say it of the whole PF, so that the spec need not say it again.
  if (!spec || (tag === undefined && networks !== null)) return undefined;
  if (tagsMatch({ physical_network: wanted }, spec)) return undefined;
  const has = tag === undefined ? 'names no physical_network' : `is for physical_network ${String(tag)}`;
  const why = `its device spec ${has}, and the port needs ${wanted}; correct that tag`;
  return { code: 'PHYSICAL_NETWORK', why, detail };
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
