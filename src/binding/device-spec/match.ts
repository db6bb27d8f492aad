/**
 * Which device spec a function falls under.
 *
 * Owns the rules of matching and the little that has to be known of a function; it reads no host.
 */
import { formatVendorProduct, parseVendorProduct } from '../../pci/vendor-product.ts';
import type { InventoryPf, InventoryVf } from '../inventory.ts';
import { addressFields, isExactly, matchesAddress, type AddressFields } from './address-pattern.ts';
import type { DeviceSpec } from './device-spec.ts';

/** A PF or VF, as far as specs look at it. */
export interface DeviceCandidate {
  readonly isPf: boolean;
  /** Null on netdevsim: then only a spec with `devname` can match, since every other selects by address. */
  readonly pciAddress: string | null;
  /** `8086:10ca`; null on netdevsim: no spec with `vendor_id` or `product_id` matches. */
  readonly vendorProduct: string | null;
  /** Names of its network devices now. */
  readonly netDevices: readonly string[];
  /** The PF of a VF; null for a PF, and for a VF whose PF is out of sight. */
  readonly parent: Pick<DeviceCandidate, 'pciAddress' | 'netDevices'> | null;
  /** Serial number of the card in its vital product data; absent, null or blank = none. */
  readonly cardSerialNumber?: string | null;
}

export interface DeviceMatch {
  readonly spec: DeviceSpec;
  /** Place in the list that was given, from 0. */
  readonly index: number;
}

/**
 * The first spec that a function falls under; undefined = none, so that it must not be given away.
 *
 * As in Nova (nova/pci/devspec.py): ids are the function's own. An address written out that is a PF's covers
 * the PF and all of its VFs; so does the `devname` of a PF, while that of a VF covers the VF alone. A name that
 * no network device has now matches nothing. `remote_managed` VFs need a card serial number. A PF never falls
 * under a `remote_managed` spec (Nova, which asks sysfs while it reads the spec, refuses the configuration).
 *
 * @throws InvalidConfigError - an address or id of the candidate is malformed
 */
export function matchDeviceSpec(
  specs: readonly DeviceSpec[],
  candidate: DeviceCandidate,
): DeviceMatch | undefined {
  const known = resolve(candidate);
  const index = specs.findIndex((spec) => matches(spec, candidate, known));
  const spec = specs[index];
  return spec === undefined ? undefined : { spec, index };
}

/** A PF of an inventory. */
export function candidateOfPf(pf: InventoryPf): DeviceCandidate {
  return {
    isPf: true,
    pciAddress: pf.pciAddress,
    vendorProduct: pf.vendorProduct,
    netDevices: pf.netDevice === null ? [] : [pf.netDevice],
    parent: null,
  };
}

/** A VF of an inventory. */
export function candidateOfVf(pf: InventoryPf, vf: InventoryVf): DeviceCandidate {
  return {
    isPf: false,
    pciAddress: vf.pciAddress,
    vendorProduct: vf.vendorProduct,
    netDevices: vf.netDevices,
    parent: candidateOfPf(pf),
  };
}

/** What is worked out once for all specs. */
interface Resolved {
  readonly address: AddressFields | null;
  readonly parentAddress: AddressFields | null;
  readonly vendorId: string | null;
  readonly productId: string | null;
}

function resolve({ pciAddress, vendorProduct, parent }: DeviceCandidate): Resolved {
  const [vendorId = null, productId = null] =
    vendorProduct === null ? [] : formatVendorProduct(parseVendorProduct(vendorProduct)).split(':');
  const parentAddress = parent?.pciAddress ?? null;
  return {
    address: pciAddress === null ? null : addressFields(pciAddress),
    parentAddress: parentAddress === null ? null : addressFields(parentAddress),
    vendorId,
    productId,
  };
}

function matches(spec: DeviceSpec, candidate: DeviceCandidate, known: Resolved): boolean {
  return (
    (spec.vendorId === null || spec.vendorId === known.vendorId) &&
    (spec.productId === null || spec.productId === known.productId) &&
    (spec.devname === null ? matchesByAddress(spec, known) : matchesByName(spec.devname, candidate)) &&
    (spec.tags['remote_managed'] !== 'true' || canBeRemoteManaged(candidate))
  );
}

function matchesByAddress({ address: pattern }: DeviceSpec, known: Resolved): boolean {
  if (pattern === null || known.address === null) return false;
  const ofParent = known.parentAddress !== null && isExactly(pattern, known.parentAddress);
  return ofParent || matchesAddress(pattern, known.address);
}

function matchesByName(devname: string, { netDevices, parent }: DeviceCandidate): boolean {
  return netDevices.includes(devname) || parent?.netDevices.includes(devname) === true;
}

function canBeRemoteManaged({ isPf, cardSerialNumber }: DeviceCandidate): boolean {
  return !isPf && (cardSerialNumber ?? '').trim() !== '';
}
