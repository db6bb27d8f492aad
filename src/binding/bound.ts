/**
 * What a port is told of the function that it got.
 *
 * Owns `vif_type`, `vif_details` and the profile keys of a binding (Neutron, mech_sriov/mech_driver.py; Nova,
 * network/neutron.py). Every call makes new objects: Neutron once let ports share one, and they changed together.
 */
import type { Ask } from './ask.ts';
import { type Place } from './place.ts';
import type { PortStatus } from './port.ts';
import type { BindingProfile } from './profile.ts';
import { vlanText } from './segment.ts';
import type { PfStock, VfStock } from './stock.ts';
import { profileId } from './suitable.ts';
import type { VifDetails } from './vif-details.ts';

/** A binding that was found. */
export interface Bound {
  readonly place: Place;
  /**
   * `hw_veb`: a VF, macvtap too. `hostdev_physical`: a PF. `802.1qbh`: a VF whose device spec has the tag
   * `profileid`, so that the switch sets it up.
   */
  readonly vif_type: 'hw_veb' | 'hostdev_physical' | '802.1qbh';
  readonly vif_details: VifDetails;
  /** The request's, and what the function adds. */
  readonly profile: BindingProfile;
  /** Keys of `profile` that the request did not have, or had with a value that is not this function's. */
  readonly added_keys: readonly string[];
  /** Of the port: a VF is `DOWN` until it is set up, a PF `ACTIVE` at once since nothing is set on it. */
  readonly status: Extract<PortStatus, 'DOWN' | 'ACTIVE'>;
}

export function boundTo(at: PfStock | VfStock, ask: Ask): Bound {
  const isVf = 'lot' in at;
  const id = isVf ? profileId(at.lot.spec) : undefined;
  const { profile, added } = fillProfile(ask, isVf ? vfKeys(at) : pfKeys(at));
  const base = { port_filter: false, connectivity: 'l2' } as const;
  return {
    place: isVf ? { pf: at.lot.of.pf.device, vf: at.vf.vf } : { pf: at.pf.device, vf: null },
    vif_type: id === undefined ? (isVf ? 'hw_veb' : 'hostdev_physical') : '802.1qbh',
    vif_details:
      id === undefined ? { ...base, vlan: vlanText(ask.request.network) } : { ...base, profileid: id },
    profile,
    added_keys: added,
    status: isVf ? 'DOWN' : 'ACTIVE',
  };
}

/** Keys that say which function it is; null = this one has none, so that another's must not stay. */
type DeviceKeys = Readonly<Record<string, string | number | null>>;

function vfKeys({ lot, vf }: VfStock): DeviceKeys {
  return {
    pci_slot: vf.pciAddress,
    pci_vendor_info: vf.vendorProduct,
    vf_num: vf.vf,
    pf_mac_address: lot.of.pf.mac,
    device_mac_address: null,
  };
}

function pfKeys({ pf }: PfStock): DeviceKeys {
  return {
    pci_slot: pf.pciAddress,
    pci_vendor_info: pf.vendorProduct,
    device_mac_address: pf.mac,
    vf_num: null,
    pf_mac_address: null,
  };
}

function fillProfile(
  { request, physicalNetwork }: Ask,
  keys: DeviceKeys,
): { readonly profile: BindingProfile; readonly added: readonly string[] } {
  const profile: Record<string, unknown> = { ...request.profile };
  const added: string[] = [];
  for (const [key, value] of Object.entries({ ...keys, physical_network: physicalNetwork })) {
    if (value === null) {
      delete profile[key];
    } else if (!isSame(profile[key], value)) {
      profile[key] = value;
      added.push(key);
    }
  }
  return { profile, added };
}

/** Addresses and ids in another case are the same; the request's spelling is kept. */
function isSame(given: unknown, value: string | number): boolean {
  return given === value || (typeof given === 'string' && given.toLowerCase() === value);
}
