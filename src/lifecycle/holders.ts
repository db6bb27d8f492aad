/**
 * Which processes have a device node open.
 *
 * Owns the way from a PCI function to its nodes in /dev, and the search in /proc. Opens none of them.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { listDirectory, readText } from '../host/sysfs.ts';
import type { Roots } from './function.ts';

/** What the search found. */
export interface Holders {
  /** Processes such as `qemu-system-x86 (812)`, by node. */
  readonly byNode: ReadonlyMap<string, readonly string[]>;
  /** Processes whose descriptors may not be read. */
  readonly hidden: number;
}

/**
 * Nodes through which user space drives a function. A driver that is not loaded has none.
 *
 * - /dev/vfio/GROUP and /dev/vfio/devices/vfioN (drivers/vfio/group.c, device_cdev.c; the latter from 6.6 on)
 * - /dev/uioN (drivers/uio/uio.c)
 * - /dev/vhost-vdpa-N (drivers/vhost/vdpa.c), below the function's vDPA device
 * - /dev/infiniband/uverbsN (drivers/infiniband/core/uverbs_main.c)
 */
export function deviceNodes(directory: string, roots: Roots): string[] {
  const nodes: string[] = [];
  const group = linkTarget(`${directory}/iommu_group`);
  if (group !== undefined && linkTarget(`${directory}/driver`) === 'vfio-pci') {
    const noIommu = readText(`${roots.sys}/kernel/iommu_groups/${group}/name`) === 'vfio-noiommu';
    nodes.push(noIommu ? `/dev/vfio/noiommu-${group}` : `/dev/vfio/${group}`);
  }
  nodes.push(...listDirectory(`${directory}/vfio-dev`).map((name) => `/dev/vfio/devices/${name}`));
  nodes.push(...listDirectory(`${directory}/uio`).map((name) => `/dev/${name}`));
  nodes.push(...listDirectory(`${directory}/infiniband_verbs`).map((name) => `/dev/infiniband/${name}`));
  for (const device of listDirectory(directory).filter((name) => /^vdpa\d+$/.test(name))) {
    const vhost = listDirectory(`${directory}/${device}`).filter((name) => /^vhost-vdpa-\d+$/.test(name));
    nodes.push(...vhost.map((name) => `/dev/${name}`));
  }
  return nodes;
}

/** Processes that are looked through in one go: a few milliseconds of the JavaScript thread. */
const IN_ONE_GO = 32;

/** Looks through the descriptors of every process, one readlink each. */
export async function findHolders(nodes: ReadonlySet<string>, roots: Roots): Promise<Holders> {
  const byNode = new Map<string, string[]>();
  let hidden = 0;
  const processes = listDirectory(roots.proc).filter((name) => /^\d+$/.test(name));
  for (const [index, process] of processes.entries()) {
    if (index % IN_ONE_GO === IN_ONE_GO - 1) await setImmediate();
    const folder = `${roots.proc}/${process}/fd`;
    let descriptors: string[];
    try {
      descriptors = readdirSync(folder);
    } catch (error) {
      // ENOENT and ESRCH: it ended meanwhile.
      if (['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) hidden += 1;
      continue;
    }
    const held = new Set(descriptors.map((fd) => readLink(`${folder}/${fd}`)));
    for (const node of held) {
      if (node === undefined || !nodes.has(node)) continue;
      const name = readText(`${roots.proc}/${process}/comm`) ?? 'process';
      byNode.set(node, [...(byNode.get(node) ?? []), `${name} (${process})`]);
    }
  }
  return { byNode, hidden };
}

function linkTarget(path: string): string | undefined {
  const target = readLink(path);
  return target === undefined ? undefined : basename(target);
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
