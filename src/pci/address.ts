/**
 * PCI addresses: parse, format, compare.
 *
 * Owns the one notion of what a PCI address looks like; must never touch the machine, so that a port
 * binding can be checked on any host.
 */

import { InvalidConfigError } from '../errors.ts';

/**
 * Where a PCI function sits.
 *
 * Source: `pci_setup_device()` in the kernel's drivers/pci/probe.c, which names a function
 * `%04x:%02x:%02x.%d`. The last two fields are the two halves of `devfn`, so that with ARI too
 * (a function number of 8 bits) the device stays within 0–31 and the function within 0–7.
 */
export interface PciAddress {
  /** PCI segment, 0–0xffffffff. Above 0xffff behind Intel VMD (`10000:`) and on Hyper-V. */
  readonly domain: number;
  /** Bus, 0–255. */
  readonly bus: number;
  /** Device (slot) on the bus, 0–31. */
  readonly device: number;
  /** Function of the device, 0–7. */
  readonly function: number;
}

const SHAPE = /^(?:([^:]*):)?([^:]*):([^:.]*)\.([^:.]*)$/;
const HEX = /^[0-9a-f]+$/i;
const WANTED = 'expected [domain:]bus:device.function in hexadecimal, such as 0000:03:10.1';

/**
 * Reads a PCI address as `pci_slot`, sysfs, lspci and nvidia-smi write it.
 *
 * The domain has 4 to 8 digits and is 0 when left out (`03:10.1`); bus and device have two digits, the
 * function one. Upper and lower case are the same. Anything else is refused: neither blanks nor
 * `0x`, nor patterns are taken.
 *
 * @throws {InvalidConfigError} says which part of the text is wrong, and why.
 * @example
 * parsePciAddress('10000:02:00.0') // { domain: 0x10000, bus: 2, device: 0, function: 0 }
 */
export function parsePciAddress(text: string): PciAddress {
  const result = tryParse(text);
  if (typeof result === 'string') throw new InvalidConfigError(result);
  return result;
}

/** Whether {@link parsePciAddress} takes this value. */
export function isPciAddress(value: unknown): value is string {
  return typeof tryParse(value) !== 'string';
}

/**
 * The kernel's own spelling: lower case, domain of at least four digits. It is what the entries of
 * /sys/bus/pci/devices are called.
 *
 * @throws {InvalidConfigError} when a field is no integer or is out of range.
 * @example
 * formatPciAddress(parsePciAddress('3B:00.1')) // '0000:3b:00.1'
 */
export function formatPciAddress(address: PciAddress): string {
  checkField('domain', address.domain, 0xffffffff);
  checkField('bus', address.bus, 0xff);
  checkField('device', address.device, 0x1f);
  checkField('function', address.function, 7);
  return `${hex(address.domain, 4)}:${hex(address.bus, 2)}:${hex(address.device, 2)}.${address.function}`;
}

/** Orders as the bus does: by domain, bus, device, function. Negative when `a` comes first; 0 when equal. */
export function comparePciAddresses(a: PciAddress, b: PciAddress): number {
  return a.domain - b.domain || a.bus - b.bus || a.device - b.device || a.function - b.function;
}

/** The address, or the reason why there is none. One parser, so that checking and parsing cannot differ. */
function tryParse(text: unknown): PciAddress | string {
  if (typeof text !== 'string')
    return `PCI address must be text, not ${text === null ? 'null' : typeof text}: ${WANTED}`;
  const refuse = (why: string): string => `PCI address ${quote(text)}: ${why}`;
  if (/\s/.test(text)) return refuse('contains a blank');
  const fields = SHAPE.exec(text);
  if (fields === null) return refuse(WANTED);
  const [, domain = '0000', bus = '', device = '', fn = ''] = fields;
  return (
    refused('domain', domain, 4, 8, 0xffffffff, refuse) ??
    refused('bus', bus, 2, 2, 0xff, refuse) ??
    refused('device', device, 2, 2, 0x1f, refuse) ??
    refused('function', fn, 1, 1, 7, refuse) ??
    Object.freeze({
      domain: Number.parseInt(domain, 16),
      bus: Number.parseInt(bus, 16),
      device: Number.parseInt(device, 16),
      function: Number.parseInt(fn, 16),
    })
  );
}

function refused(
  name: string,
  digits: string,
  min: number,
  max: number,
  limit: number,
  refuse: (why: string) => string,
): string | undefined {
  if (digits === '') return refuse(`the ${name} is missing`);
  if (!HEX.test(digits)) return refuse(`the ${name} ${quote(digits)} is not hexadecimal`);
  if (digits.length < min || digits.length > max) {
    const width = min === max ? `${min}` : `${min} to ${max}`;
    return refuse(
      `the ${name} ${quote(digits)} must have ${width} hexadecimal ${max === 1 ? 'digit' : 'digits'}`,
    );
  }
  if (Number.parseInt(digits, 16) > limit) {
    return refuse(`the ${name} ${quote(digits)} is above its limit of ${limit.toString(16)}`);
  }
  return undefined;
}

function checkField(name: string, value: number, limit: number): void {
  if (!Number.isInteger(value) || value < 0 || value > limit) {
    throw new InvalidConfigError(
      `PCI address: the ${name} must be an integer from 0 to ${limit}, not ${value}`,
    );
  }
}

function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, '0');
}

/** Bounded, so that a stray file given as an address does not become the error message. */
function quote(text: string): string {
  return JSON.stringify(text.length > 48 ? `${text.slice(0, 48)}…` : text);
}
