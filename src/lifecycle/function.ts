/**
 * A PCI function and the VFs of a PF, as far as their life cycle goes: what sysfs says of them now.
 *
 * Owns the reading of virtfn links, drivers and net devices; changes nothing. For everything there is to know of
 * a function, see `../pci/enumerate.ts`.
 */
import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { RefusedError } from '../errors.ts';
import { driverName, listDirectory, readText } from '../host/sysfs.ts';
import { formatPciAddress, parsePciAddress } from '../pci/address.ts';

/** Where the kernel shows itself; tests give folders of their own. */
export interface Roots {
  readonly sys: string;
  readonly proc: string;
}

export const LINUX: Roots = { sys: '/sys', proc: '/proc' };

/** A VF as a PCI function. */
export interface VfFunction {
  /** VF number, counted from 0. */
  readonly vf: number;
  readonly pciAddress: string;
  /** Driver that is bound to it; absent if none is. */
  readonly driver?: string;
  /** Names of its net devices in this network namespace. */
  readonly netDevices: readonly string[];
}

/** Drivers that hand a device to user space; none of them makes net devices. */
export const USER_DRIVERS: readonly string[] = ['vfio-pci', 'uio_pci_generic', 'igb_uio', 'pci-stub'];

/**
 * Directory of a PCI function.
 *
 * @throws InvalidConfigError - the address is malformed
 * @throws RefusedError - there is no such function
 */
export function functionDirectory(address: string, roots: Roots): string {
  const canonical = formatPciAddress(parsePciAddress(address));
  const directory = `${roots.sys}/bus/pci/devices/${canonical}`;
  if (readText(`${directory}/vendor`) !== undefined) return directory;
  throw new RefusedError(`there is no PCI function ${canonical}`, { pf: canonical });
}

/** VFs of the PF in this directory by number, as far as their links are there; gaps are possible. */
export function readVfFunctions(pfDirectory: string): VfFunction[] {
  const found: VfFunction[] = [];
  for (const entry of listDirectory(pfDirectory)) {
    const vf = /^virtfn(\d+)$/.exec(entry)?.[1];
    if (vf === undefined) continue;
    const one = readVfFunction(pfDirectory, Number(vf));
    if (one !== undefined) found.push(one);
  }
  return found.sort((a, b) => a.vf - b.vf);
}

/** One VF, or undefined while it has no link. */
export function readVfFunction(pfDirectory: string, vf: number): VfFunction | undefined {
  const link = `${pfDirectory}/virtfn${vf}`;
  let pciAddress: string;
  try {
    pciAddress = basename(readlinkSync(link));
  } catch {
    return undefined;
  }
  const driver = driverName(link);
  return { vf, pciAddress, ...(driver === undefined ? {} : { driver }), netDevices: netDevicesOf(link) };
}

/**
 * Net devices of a function: below `net/`, or for virtio one level further down, as the function's own
 * device there is a transport (drivers/virtio/virtio_pci_common.c).
 */
export function netDevicesOf(directory: string): string[] {
  const own = listDirectory(`${directory}/net`);
  const inner = listDirectory(directory).filter((name) => /^virtio\d+$/.test(name));
  return [...own, ...inner.flatMap((name) => listDirectory(`${directory}/${name}/net`))];
}

/** Whether a class code, as in sysfs (`0x020000`), is a network controller's (PCI Code and ID, 02h). */
export function isNetworkClass(directory: string): boolean {
  return readText(`${directory}/class`)?.startsWith('0x02') ?? false;
}

/** Number of the VF that is in this directory; undefined if it is no VF. */
export function vfNumberOf(directory: string): number | undefined {
  const own = basename(directory);
  for (const entry of listDirectory(`${directory}/physfn`)) {
    const vf = /^virtfn(\d+)$/.exec(entry)?.[1];
    if (vf === undefined) continue;
    try {
      if (basename(readlinkSync(`${directory}/physfn/${entry}`)) === own) return Number(vf);
    } catch {
      // Gone meanwhile.
    }
  }
  return undefined;
}
