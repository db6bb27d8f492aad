/**
 * `binding:profile`: what a port's SR-IOV interface is to be like, and which one it is.
 *
 * Owns the keys and their values. Keys of others are kept as they are.
 */
import { z } from 'zod';
import { check, checkSize, dropNulls } from './contract/check.ts';
import { booleanLike, mac, pciSlot, vendorInfo, word } from './contract/leaf.ts';

/** Keys in use by Nova (network/neutron.py) and Neutron (plugins/ml2); others are kept. Absent = not given. */
export interface BindingProfile {
  /** `8086:10ca`, lower case. */
  readonly pci_vendor_info?: string;
  /** PCI address in the kernel's spelling. */
  readonly pci_slot?: string;
  readonly physical_network?: string;
  /** Of the PF, on a VF; lower case with colons. */
  readonly pf_mac_address?: string;
  /** VF number, from 0. */
  readonly vf_num?: number;
  readonly card_serial_number?: string;
  readonly capabilities?: readonly string[];
  /** Of a PF that the port has as a whole; lower case with colons. */
  readonly device_mac_address?: string;
  readonly trusted?: boolean;
  /** The host that a live migration goes to. */
  readonly migrating_to?: string;
  /** Resource provider of each request group (Placement); one id in the older form. */
  readonly allocation?: string | Readonly<Record<string, string>>;
  /** Cyborg's accelerator request. */
  readonly arq_uuid?: string;
  /** The network side plugs, rather than the hypervisor's. */
  readonly os_vif_delegation?: boolean;
  readonly [key: string]: unknown;
}

const profile = z.looseObject({
  pci_vendor_info: vendorInfo.nullish(),
  pci_slot: pciSlot.nullish(),
  physical_network: word.nullish(),
  pf_mac_address: mac.nullish(),
  // The number of VFs has 16 bits (PCIe, SR-IOV capability).
  vf_num: z.int().min(0).max(65534).nullish(),
  card_serial_number: word.nullish(),
  capabilities: z.array(word).nullish(),
  device_mac_address: mac.nullish(),
  trusted: booleanLike.nullish(),
  migrating_to: word.nullish(),
  allocation: z
    .union([word, z.record(z.string(), z.string())], {
      error: 'must be an object of text, or one id as text',
    })
    .nullish(),
  arq_uuid: word.nullish(),
  os_vif_delegation: booleanLike.nullish(),
});

/** Every key that is checked. */
export const PROFILE_KEYS: readonly string[] = Object.keys(profile.shape);

export const profileSchema: z.ZodType<BindingProfile> = profile
  .superRefine(checkSize('binding:profile'))
  .transform((value): BindingProfile => dropNulls(value, PROFILE_KEYS));

const whole = z.object({ 'binding:profile': profileSchema.nullish() });

/**
 * Reads a profile. Absent and null are `{}`; a known key that is null is not given.
 *
 * @throws ContractError - no object, more than 4095 characters of JSON as Neutron counts them, or a known key
 *   whose value is not of its kind; lists all of them
 */
export function parseProfile(value: unknown): BindingProfile {
  return check(whole, { 'binding:profile': value }, 'binding:profile')['binding:profile'] ?? {};
}
