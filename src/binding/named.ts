/**
 * The one function that a request names, by PCI address or place.
 *
 * Owns how names are looked up; whether the function suits is decided elsewhere.
 */
import { InvalidConfigError } from '../errors.ts';
import { formatPciAddress, parsePciAddress } from '../pci/address.ts';
import { formatPlace, parsePlace } from './place.ts';
import type { PortRequest } from './port.ts';
import type { Refusal } from './refusal.ts';
import { canonical, type PfStock, type Stock, type VfStock } from './stock.ts';

export type Named = { readonly at: PfStock | VfStock } | { readonly refusal: Refusal };

/** Undefined = the request names none. Both names given must mean the same function. */
export function findNamed(stock: Stock, { profile, place, vnic_type: type }: PortRequest): Named | undefined {
  const byAddress = profile.pci_slot === undefined ? undefined : findAddress(stock, profile.pci_slot);
  const byPlace = place === undefined ? undefined : findPlace(stock, place);
  if (byAddress !== undefined && 'refusal' in byAddress) return byAddress;
  if (byPlace !== undefined && 'refusal' in byPlace) return byPlace;
  const at = (byAddress ?? byPlace)?.at;
  if (at === undefined) return undefined;
  if (byAddress !== undefined && byPlace !== undefined && byAddress.at !== byPlace.at) {
    const message = `${at.place}: the profile names it as pci_slot ${profile.pci_slot}, but the place asked for is ${place}; drop one of the two`;
    return { refusal: { code: 'NOT_REQUESTED', place: at.place, message } };
  }
  return fitsType(at, type) ?? { at };
}

function findAddress({ byAddress, host }: Stock, slot: string): Named {
  return orNotFound(() => {
    const at = byAddress.get(formatPciAddress(parsePciAddress(slot)));
    return at === undefined
      ? notFound(
          `host ${host} has no SR-IOV function at pci_slot ${slot}; look at its PFs and VFs for one that is there`,
        )
      : { at };
  });
}

function findPlace({ byPlace, host }: Stock, text: string): Named {
  return orNotFound(() => {
    const { pf, vf } = parsePlace(text);
    const at = byPlace.get(formatPlace({ pf: canonical(pf), vf }));
    return at === undefined
      ? notFound(
          `host ${host} has no PF or VF ${text}; a place is PF/VF, with the PF's PCI address or sysfs name`,
        )
      : { at };
  });
}

/** A name that can't be read names nothing that exists. */
function orNotFound(find: () => Named): Named {
  try {
    return find();
  } catch (error) {
    if (error instanceof InvalidConfigError) return notFound(error.message);
    throw error;
  }
}

function notFound(message: string): Named {
  return { refusal: { code: 'NOT_FOUND', message } };
}

function fitsType(at: PfStock | VfStock, type: PortRequest['vnic_type']): Named | undefined {
  const isVf = 'lot' in at;
  if (isVf === (type !== 'direct-physical')) return undefined;
  const message = isVf
    ? `${at.place}: it is a VF, and direct-physical wants a whole PF; name a PF, or ask for direct`
    : `${at.place}: it is a PF, and ${type} wants a VF of it; name a VF, or ask for direct-physical`;
  return { refusal: { code: 'NOT_REQUESTED', place: at.place, message } };
}
