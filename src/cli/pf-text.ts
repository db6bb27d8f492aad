/**
 * What the command says of a physical function, in JSON and in words.
 *
 * Owns that summary; it asks the library and changes nothing.
 */
import type { PhysicalFunction } from '../index.ts';

/** A physical function in JSON; `null` is what sysfs does not show. */
export interface PfSummary {
  readonly name: string;
  readonly ifindex: number;
  /** Name of the device in sysfs: PCI address, or e.g. `netdevsim1`. */
  readonly device: string | null;
  readonly pciAddress: string | null;
  readonly driver: string | null;
  readonly numVfs: number | null;
  /** Not every driver says: netdevsim does not. */
  readonly totalVfs: number | null;
}

export function summarise(pf: PhysicalFunction): PfSummary {
  return {
    name: pf.name,
    ifindex: pf.ifindex,
    device: pf.device ?? null,
    pciAddress: pf.pciAddress ?? null,
    driver: pf.driver ?? null,
    numVfs: pf.numVfs() ?? null,
    totalVfs: pf.totalVfs() ?? null,
  };
}

/** `64 of 128 VFs`, or `64 VFs` where the most is not known. */
export function vfCountText(pf: PfSummary): string {
  const most = pf.totalVfs === null ? '' : ` of ${pf.totalVfs}`;
  return `${pf.numVfs ?? 'unknown number'}${most} VFs`;
}

/** `enp3s0f0: 0000:03:00.0, driver ice, ifindex 4, 64 of 128 VFs`. */
export function pfLine(pf: PfSummary): string {
  const driver = pf.driver === null ? 'driver unknown' : `driver ${pf.driver}`;
  return `${pf.name}: ${pf.device ?? 'device unknown'}, ${driver}, ifindex ${pf.ifindex}, ${vfCountText(pf)}`;
}
