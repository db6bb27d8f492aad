/**
 * What the command says of a physical function, in JSON and in words.
 *
 * Owns that summary; it reads sysfs through the library and changes nothing.
 */
import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import type { PhysicalFunction } from '../index.ts';

/** A physical function in JSON; `null` is "has none". */
export interface PfSummary {
  readonly name: string;
  readonly ifindex: number;
  /** Name of the sysfs device: PCI address, or e.g. `netdevsim1`. */
  readonly device: string;
  readonly pciAddress: string | null;
  readonly driver: string | null;
  readonly numVfs: number;
  readonly totalVfs: number;
}

/** Target of the `driver` link that every bound device has (Documentation/ABI/testing/sysfs-devices-driver). */
function driverOf(name: string): string | null {
  try {
    return basename(readlinkSync(`/sys/class/net/${name}/device/driver`));
  } catch {
    return null;
  }
}

export function summarise(pf: PhysicalFunction): PfSummary {
  const name = pf.name;
  return {
    name,
    ifindex: pf.ifindex,
    device: pf.device,
    pciAddress: pf.pciAddress ?? null,
    driver: driverOf(name),
    numVfs: pf.numVfs(),
    totalVfs: pf.totalVfs(),
  };
}

/** `eni1np1: netdevsim1, driver netdevsim, ifindex 4, 64 of 1024 VFs`. */
export function pfLine(pf: PfSummary): string {
  const driver = pf.driver === null ? 'no driver' : `driver ${pf.driver}`;
  return `${pf.name}: ${pf.device}, ${driver}, ifindex ${pf.ifindex}, ${pf.numVfs} of ${pf.totalVfs} VFs`;
}
