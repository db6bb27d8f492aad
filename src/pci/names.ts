/**
 * Names of vendors and devices from the pci.ids database.
 *
 * Owns finding, reading and searching the file. Must never be needed: no name has a meaning to a program,
 * and the file is optional on every distribution.
 */

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { PciIds } from './function.ts';

/** Names for people. Source: https://pci-ids.ucw.cz, as the distribution packages it. */
export interface PciNames {
  /** Such as `Intel Corporation`; null when the database does not know the vendor. */
  readonly vendor: string | null;
  /** Such as `82576 Virtual Function`; null when the database does not know the device. */
  readonly device: string | null;
  /** The card, such as `Gigabit ET Dual Port Server Adapter`; null when the database does not know it. */
  readonly subsystem: string | null;
}

/** Where distributions install the database (packages pci.ids, hwdata), in order of preference. */
const PLACES: readonly string[] = [
  '/usr/share/hwdata/pci.ids',
  '/usr/share/misc/pci.ids',
  '/usr/share/pci.ids',
];

/**
 * The database as text. Searched, not parsed: a host has a few kinds of device, the file 35,000.
 *
 * Its form: `vvvv  vendor`, below it `\tdddd  device`, below that `\t\tssss dddd  subsystem`, in lower-case
 * hexadecimal; `#` starts a comment, and classes (`C 02  ...`) follow the vendors.
 */
export class PciNameTable {
  readonly #text: string;
  readonly #vendors = new Map<number, VendorBlock | null>();
  readonly #names = new Map<string, PciNames>();

  constructor(text: string) {
    this.#text = `\n${text}\n`;
  }

  /** Names of a function; equal ids give the same object. */
  lookup(ids: PciIds): PciNames {
    const device = hex(ids.device);
    const subsystem = `${hex(ids.subsystemVendor)} ${hex(ids.subsystemDevice)}`;
    const key = `${hex(ids.vendor)} ${device} ${subsystem}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const vendor = this.#vendor(ids.vendor);
    const found = vendor === null ? null : lookupIn(vendor.devices, `\n\t${device}  `, '\n\t');
    const names = Object.freeze({
      vendor: vendor?.name ?? null,
      device: found?.name ?? null,
      subsystem:
        found === null ? null : (lookupIn(found.below, `\n\t\t${subsystem}  `, '\n\t\t')?.name ?? null),
    });
    this.#names.set(key, names);
    return names;
  }

  #vendor(id: number): VendorBlock | null {
    let block = this.#vendors.get(id);
    if (block === undefined) {
      const found = lookupIn(this.#text, `\n${hex(id)}  `, '\n');
      block = found === null ? null : { name: found.name, devices: found.below };
      this.#vendors.set(id, block);
    }
    return block;
  }
}

interface VendorBlock {
  readonly name: string;
  readonly devices: string;
}

/** The line that starts with `start`, and the lines below it that are indented deeper than `level`. */
function lookupIn(text: string, start: string, level: string): { name: string; below: string } | null {
  const at = text.indexOf(start);
  if (at < 0) return null;
  const lineEnd = text.indexOf('\n', at + 1);
  const deeper = `${level}\t`;
  let end = lineEnd;
  while (end >= 0 && end < text.length - 1 && (text.startsWith(deeper, end) || text.startsWith('\n#', end))) {
    end = text.indexOf('\n', end + 1);
  }
  return { name: text.slice(at + start.length, lineEnd).trim(), below: text.slice(lineEnd, end + 1) };
}

function hex(id: number): string {
  return id.toString(16).padStart(4, '0');
}

/** By path: the file is read once in the life of the process. */
const loaded = new Map<string, PciNameTable>();

/**
 * Reads the database from `path`, or from where distributions put it.
 *
 * @returns null when there is no such file, or it cannot be read.
 */
export async function loadPciNames(path?: string): Promise<PciNameTable | null> {
  for (const place of path === undefined ? PLACES : [path]) {
    const known = loaded.get(place);
    if (known !== undefined) return known;
    try {
      return remember(place, await readFile(place, 'utf8'));
    } catch {
      // Absent or unreadable: names are for people, and none is better than a failed enumeration.
    }
  }
  return null;
}

/** As {@link loadPciNames}, blocking. */
export function loadPciNamesSync(path?: string): PciNameTable | null {
  for (const place of path === undefined ? PLACES : [path]) {
    const known = loaded.get(place);
    if (known !== undefined) return known;
    try {
      return remember(place, readFileSync(place, 'utf8'));
    } catch {
      // As above.
    }
  }
  return null;
}

function remember(place: string, text: string): PciNameTable {
  const table = new PciNameTable(text);
  loaded.set(place, table);
  return table;
}
