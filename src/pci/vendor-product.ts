/**
 * `vendor:product` pairs, as `pci_vendor_info` of a port binding and lspci -n write them.
 *
 * Owns their spelling; must never look a name up (that is ids.ts).
 */

import { InvalidConfigError } from '../errors.ts';

/** Who made a PCI function, and what it is. Source: offsets 0 and 2 of the configuration space. */
export interface VendorProduct {
  /** PCI-SIG vendor id, 0–0xffff. */
  readonly vendor: number;
  /** The vendor's device id, 0–0xffff; "product" is OpenStack's word for it. */
  readonly product: number;
}

/**
 * Reads `vvvv:pppp`: four hexadecimal digits each, any case.
 *
 * @throws {InvalidConfigError} says which half is wrong, and why.
 * @example
 * parseVendorProduct('8086:10ca') // { vendor: 0x8086, product: 0x10ca }
 */
export function parseVendorProduct(text: string): VendorProduct {
  if (typeof text !== 'string') {
    throw new InvalidConfigError(`vendor:product must be text such as 8086:10ca, not ${typeof text}`);
  }
  const shown = JSON.stringify(text.length > 48 ? `${text.slice(0, 48)}…` : text);
  const halves = text.split(':');
  const [vendor, product] = halves;
  if (vendor === undefined || product === undefined || halves.length !== 2) {
    throw new InvalidConfigError(
      `vendor:product ${shown}: expected two ids with a colon between, such as 8086:10ca`,
    );
  }
  return Object.freeze({ vendor: id('vendor', vendor, shown), product: id('product', product, shown) });
}

/**
 * Writes the pair as {@link parseVendorProduct} reads it, in lower case.
 *
 * @throws {InvalidConfigError} when an id is no integer from 0 to 0xffff.
 */
export function formatVendorProduct(pair: VendorProduct): string {
  return `${digits('vendor', pair.vendor)}:${digits('product', pair.product)}`;
}

function id(name: string, text: string, shown: string): number {
  if (!/^[0-9a-f]{4}$/i.test(text)) {
    const hint = /^0x/i.test(text) ? ', without 0x' : '';
    throw new InvalidConfigError(
      `vendor:product ${shown}: the ${name} ${JSON.stringify(text.slice(0, 48))} must be four hexadecimal digits${hint}`,
    );
  }
  return Number.parseInt(text, 16);
}

function digits(name: string, value: number): string {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff) {
    throw new InvalidConfigError(
      `vendor:product: the ${name} must be an integer from 0 to 65535, not ${value}`,
    );
  }
  return value.toString(16).padStart(4, '0');
}
