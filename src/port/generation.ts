/**
 * Which life of a VF this is.
 *
 * Owns the text that differs when the kernel made the device anew. Reads inode numbers alone.
 */
import { realpathSync, statSync } from 'node:fs';
import type { Place } from '../binding/place.ts';
import { readNumber } from '../host/sysfs.ts';
import { LINUX, type Roots } from '../lifecycle/function.ts';
import { bootId } from './process.ts';

/** Directory of a PF by its name in sysfs; undefined when it is not there. */
export function pfDirectory(device: string, roots: Roots = LINUX): string | undefined {
  const link = linkOf(device, roots);
  try {
    return link === undefined ? undefined : realpathSync(link);
  } catch {
    return undefined;
  }
}

function linkOf(device: string, roots: Roots): string | undefined {
  if (device === '' || device.includes('/')) return undefined;
  return `${roots.sys}/bus/${isNetdevsim(device) ? 'netdevsim' : 'pci'}/devices/${device}`;
}

function isNetdevsim(device: string): boolean {
  return device.startsWith('netdevsim');
}

/**
 * `BOOT:PF` or `BOOT:PF:VF`, by the inode numbers of their directories; undefined when it is not there.
 *
 * The kernel gives out these numbers in turn together with a count of how often they went round, so within a boot
 * none comes twice (fs/kernfs/dir.c: __kernfs_new_node, idr_alloc_cyclic and id_highbits; on 32-bit systems the
 * count is not part of the number, and a number may come again after 2^31 others).
 *
 * The VFs of netdevsim have no directories: that they were taken away and made again can't be told there. They
 * keep all their settings over it, as they are a table that is freed with the PF (drivers/net/netdevsim/dev.c:
 * nsim_dev_vfs), so there is one life for each.
 */
export function generationOf({ pf, vf }: Place, roots: Roots = LINUX): string | undefined {
  // Asked once for each of a thousand ports: by way of the links in /sys/bus, without resolving them first.
  const directory = linkOf(pf, roots);
  const pfInode = directory === undefined ? undefined : inodeOf(directory);
  if (directory === undefined || pfInode === undefined) return undefined;
  const life = `${bootId()}:${pfInode}`;
  if (vf === null) return life;
  if (isNetdevsim(pf)) return vf < (readNumber(`${directory}/sriov_numvfs`) ?? 0) ? life : undefined;
  const vfInode = inodeOf(`${directory}/virtfn${vf}`);
  return vfInode === undefined ? undefined : `${life}:${vfInode}`;
}

/** As bigint: the count is in the upper half, beyond what a number holds exactly. */
function inodeOf(path: string): bigint | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
  } catch {
    return undefined;
  }
}
