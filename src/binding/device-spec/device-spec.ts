/**
 * One entry of Nova's `[pci] device_spec`: which functions may be given to ports, and what is said of them.
 *
 * Owns the parsed form and how it is written back. Reading is in `parse.ts`, matching in `match.ts`.
 */
import type { AddressPattern } from './address-pattern.ts';
import { formatAddressPattern } from './address-pattern.ts';

/** Text, or a list of texts where the tag holds several things. */
export type DeviceTag = string | readonly string[];

/**
 * A device spec. Made by `parseDeviceSpecs` alone. Source: nova/pci/devspec.py.
 */
export interface DeviceSpec {
  /** Four lower-case hexadecimal digits; null = any vendor. */
  readonly vendorId: string | null;
  /** Four lower-case hexadecimal digits; null = any product. */
  readonly productId: string | null;
  /** Name of a network device, of a PF or a VF; null = the address decides. */
  readonly devname: string | null;
  /** Which addresses; null with {@link devname}. */
  readonly address: AddressPattern | null;
  /**
   * Tags by name, as they were written: `physical_network`, `resource_class`, `traits` and any other. Those
   * that are yes or no (`trusted`, `remote_managed`, `managed`, `live_migratable`, `one_time_use`) are `true` or
   * `false`. A tag that was null is absent.
   */
  readonly tags: Readonly<Record<string, DeviceTag>>;
}

/**
 * The spec as Nova's configuration has it, to be shown or written as JSON. `parseDeviceSpecs` makes an equal
 * spec of it.
 */
export function formatDeviceSpec(spec: DeviceSpec): Record<string, unknown> {
  // Built from entries: a tag named `__proto__` would be lost by assignment.
  return Object.fromEntries([
    ...Object.entries(spec.tags),
    ...(spec.vendorId === null ? [] : [['vendor_id', spec.vendorId]]),
    ...(spec.productId === null ? [] : [['product_id', spec.productId]]),
    ...(spec.devname === null ? [] : [['devname', spec.devname]]),
    ...(spec.address === null ? [] : [['address', formatAddressPattern(spec.address)]]),
  ]) as Record<string, unknown>;
}
