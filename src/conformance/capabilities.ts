/**
 * What can be told of a PF without changing anything.
 *
 * Owns the reading. What a driver accepts is known by trying only: see run.ts.
 */
import { functionResets } from '../lifecycle/reset.ts';
import { readNumber, readText } from '../host/sysfs.ts';
import type { PhysicalFunction } from '../host/physical-function.ts';
import { readIommu } from '../lifecycle/iommu.ts';
import { VF_ATTRIBUTES, type VfAttribute } from '../vf/config.ts';

/** Whether a driver reports an attribute of its VFs. */
export interface ReportedAttribute {
  readonly attribute: VfAttribute;
  /**
   * `yes`: it has the attribute. `no`: it reports none, so most likely it has none. `default`: it reports what the
   * kernel fills in for drivers without it, which says nothing. `unknown`: there is no VF to ask.
   */
  readonly reported: 'yes' | 'no' | 'default' | 'unknown';
}

/** `null` = not known, or not there. */
export interface Capabilities {
  readonly pf: string;
  readonly device: string | null;
  readonly driver: string | null;
  readonly numVfs: number | null;
  readonly totalVfs: number | null;
  readonly mtu: number | null;
  /** In Mbit/s; the most that a rate limit can be with many drivers. Needs a link. */
  readonly linkSpeed: number | null;
  /** Whether the kernel binds a driver to new VFs by itself. */
  readonly autoprobe: boolean | null;
  /** Ways to reset the PF, the first being what the kernel tries first. */
  readonly resets: readonly string[];
  /** Device id of the VFs. */
  readonly vfDevice: string | null;
  /** What stands in the way of vfio-pci. */
  readonly iommuHint: string | null;
  readonly attributes: readonly ReportedAttribute[];
}

/** Reads sysfs, and the VFs with one request. */
export async function readCapabilities(pf: PhysicalFunction): Promise<Capabilities> {
  const directory = pf.pciAddress === undefined ? undefined : `/sys/bus/pci/devices/${pf.pciAddress}`;
  const autoprobe = directory === undefined ? undefined : readNumber(`${directory}/sriov_drivers_autoprobe`);
  const vfDevice = directory === undefined ? undefined : readText(`${directory}/sriov_vf_device`);
  const speed = readNumber(`/sys/class/net/${pf.name}/speed`);
  return {
    pf: pf.name,
    device: pf.device ?? null,
    driver: pf.driver ?? null,
    numVfs: pf.numVfs() ?? null,
    totalVfs: pf.totalVfs() ?? null,
    mtu: readNumber(`/sys/class/net/${pf.name}/mtu`) ?? null,
    linkSpeed: speed ?? null,
    autoprobe: autoprobe === undefined ? null : autoprobe !== 0,
    resets: directory === undefined ? [] : functionResets(directory),
    vfDevice: vfDevice ?? null,
    iommuHint: (pf.pciAddress === undefined ? undefined : readIommu(pf.pciAddress).hint) ?? null,
    attributes: await reportedAttributes(pf),
  };
}

async function reportedAttributes(pf: PhysicalFunction): Promise<ReportedAttribute[]> {
  const table = await pf.readVfs();
  const row = table.length === 0 ? undefined : table.row(0);
  return VF_ATTRIBUTES.map((attribute) => {
    if (row === undefined) return { attribute, reported: 'unknown' };
    const value = row[attribute];
    if (value === undefined) return { attribute, reported: 'no' };
    return { attribute, reported: saysNothing(attribute, value) ? 'default' : 'yes' };
  });
}

/**
 * rtnl_fill_vfinfo (net/core/rtnetlink.c) starts from zeros, which for these are values; only switches start from
 * -1, "not supported".
 */
function saysNothing(attribute: VfAttribute, value: unknown): boolean {
  if (attribute === 'linkState') return value === 'auto';
  if (attribute !== 'rate') return false;
  const { min = 0, max = 0 } = value as { min?: number; max?: number };
  return min === 0 && max === 0;
}
