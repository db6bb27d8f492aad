/**
 * The IOMMU from the view of one function, and what to do where it is in the way of vfio-pci.
 *
 * Owns the words of advice; changes nothing.
 */
import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { driverName, listDirectory, readText } from '../host/sysfs.ts';
import { functionDirectory, LINUX, type Roots } from './function.ts';

/** What {@link readIommu} found. */
export interface IommuState {
  /** IOMMU group; absent when no IOMMU translates for this function. */
  readonly group?: number;
  /** The other functions of the group, bridges excepted: vfio-pci wants all of them for itself. */
  readonly sharedWith: readonly string[];
  /** What stands in the way of vfio-pci and what to do; absent when nothing does. */
  readonly hint?: string;
}

/** Drivers with which another function of the group may stay (drivers/vfio: vfio_dev_viable). */
const HARMLESS: readonly (string | undefined)[] = [undefined, 'vfio-pci', 'pci-stub', 'pcieport'];

/**
 * Reads the IOMMU group of a function.
 *
 * @throws InvalidConfigError - the address is malformed
 * @throws RefusedError - there is no such function
 *
 * @example
 * const { hint } = readIommu('0000:03:10.0')
 */
export function readIommu(address: string, roots: Roots = LINUX): IommuState {
  const directory = functionDirectory(address, roots);
  const group = groupOf(directory);
  if (group === undefined) return { sharedWith: [], hint: offHint(roots) };
  const members = listDirectory(`${roots.sys}/kernel/iommu_groups/${group}/devices`);
  const sharedWith = members.filter((name) => name !== basename(directory) && !isBridge(name, roots)).sort();
  const inTheWay = sharedWith
    .map((name) => ({ name, driver: driverName(`${roots.sys}/bus/pci/devices/${name}`) }))
    .filter(({ driver }) => !HARMLESS.includes(driver));
  const hint = inTheWay.length === 0 ? undefined : sharedHint(group, inTheWay);
  return { group, sharedWith, ...(hint === undefined ? {} : { hint }) };
}

function groupOf(directory: string): number | undefined {
  try {
    return Number(basename(readlinkSync(`${directory}/iommu_group`)));
  } catch {
    return undefined;
  }
}

/** Bridges have class 06h and translate for themselves alone. */
function isBridge(name: string, roots: Roots): boolean {
  return readText(`${roots.sys}/bus/pci/devices/${name}/class`)?.startsWith('0x06') ?? false;
}

function offHint(roots: Roots): string {
  if (listDirectory(`${roots.sys}/kernel/iommu_groups`).length > 0) {
    return 'the IOMMU is on but has no group for this function';
  }
  const amd = /AuthenticAMD/.test(readText(`${roots.proc}/cpuinfo`)?.slice(0, 500) ?? '');
  return amd
    ? 'the IOMMU is off: switch on AMD-Vi (IOMMU) in the firmware setup; the kernel then uses it by itself'
    : 'the IOMMU is off: switch on VT-d (IOMMU) in the firmware setup, and boot with intel_iommu=on on an Intel processor';
}

function sharedHint(
  group: number,
  inTheWay: readonly { readonly name: string; readonly driver: string | undefined }[],
): string {
  const others = inTheWay.map(({ name, driver }) => `${name} (${driver})`).join(', ');
  return (
    `IOMMU group ${group} also holds ${others}: vfio-pci gives no one the device before those are unbound or on ` +
    'vfio-pci too; a slot whose bridges have ACS makes smaller groups'
  );
}
