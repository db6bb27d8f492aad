/**
 * Who uses a VF, or any PCI function: the reasons for which it should not be taken away.
 *
 * Owns what counts as use. Reads sysfs and the descriptors of processes; never opens a device to find out
 * whether it is open, since that could make another program's attempt fail.
 */
import { listDirectory, readText } from '../host/sysfs.ts';
import {
  isNetworkClass,
  LINUX,
  netDevicesOf,
  type Roots,
  USER_DRIVERS,
  type VfFunction,
} from './function.ts';
import { deviceNodes, findHolders, type Holders } from './holders.ts';

/** One reason why a function is in use. */
export interface FunctionUser {
  /** VF number; absent for a function that is no VF. */
  readonly vf?: number;
  readonly pciAddress: string;
  /**
   * - `open`: a process has its device node open (vfio group or device, uio, vhost-vdpa, RDMA verbs)
   * - `up`: its net device is up
   * - `upper`: its net device is part of a bond, bridge, macvlan and the like
   * - `absent`: a network driver is bound, but no net device is in this network namespace: it is in
   *   another one, or still being made
   * - `unknown`: the descriptors of some processes may not be read, so nobody can say that it is not open
   */
  readonly reason: 'open' | 'up' | 'upper' | 'absent' | 'unknown';
  /** Names the net device, process or the like. */
  readonly detail: string;
}

/** include/uapi/linux/if.h */
const IFF_UP = 1;

/** What is asked about: a VF, or any other PCI function. */
export type Candidate = Pick<VfFunction, 'pciAddress' | 'driver'> & { readonly vf?: number };

/** All reasons, for all functions of a list; processes are looked through once. */
export async function findUsers(
  functions: readonly Candidate[],
  roots: Roots = LINUX,
): Promise<FunctionUser[]> {
  const nodes = functions.map((one) => deviceNodes(directoryOf(one, roots), roots));
  const wanted = new Set(nodes.flat());
  const holders = wanted.size === 0 ? undefined : await findHolders(wanted, roots);
  return functions.flatMap((one, index) => {
    const open = holders === undefined ? [] : openNodes(one, nodes[index] ?? [], holders);
    return [...open, ...netUsers(one, roots)];
  });
}

/** `VF 3 (0000:01:10.6): eth4 is up; VF 5 …`, at most five of them. */
export function describeUsers(users: readonly FunctionUser[]): string {
  const shown = users.slice(0, 5).map(({ vf, pciAddress, detail }) => {
    return `${vf === undefined ? pciAddress : `VF ${vf} (${pciAddress})`}: ${detail}`;
  });
  if (users.length > shown.length) shown.push(`and ${users.length - shown.length} more`);
  return shown.join('; ');
}

function directoryOf(vf: Candidate, roots: Roots): string {
  return `${roots.sys}/bus/pci/devices/${vf.pciAddress}`;
}

function openNodes(vf: Candidate, nodes: readonly string[], holders: Holders): FunctionUser[] {
  const found: FunctionUser[] = [];
  for (const node of nodes) {
    for (const process of holders.byNode.get(node) ?? []) {
      found.push({ ...identity(vf), reason: 'open', detail: `${process} has ${node} open` });
    }
  }
  // A device that is handed to user space is worth a doubt; one with RDMA nodes that a driver made is not.
  if (found.length === 0 && holders.hidden > 0 && USER_DRIVERS.includes(vf.driver ?? '')) {
    const detail = `${vf.driver} is bound, and the descriptors of ${holders.hidden} processes cannot be read to see whether it is open`;
    found.push({ ...identity(vf), reason: 'unknown', detail });
  }
  return found;
}

function netUsers(vf: Candidate, roots: Roots): FunctionUser[] {
  const directory = directoryOf(vf, roots);
  const names = netDevicesOf(directory);
  if (names.length === 0) {
    if (vf.driver === undefined || USER_DRIVERS.includes(vf.driver) || !isNetworkClass(directory)) return [];
    const detail = `${vf.driver} is bound, but its net device is in another network namespace or not made yet`;
    return [{ ...identity(vf), reason: 'absent', detail }];
  }
  return names.flatMap((name) => linkUsers(vf, name, `${roots.sys}/class/net/${name}`));
}

/** `upper_NAME` links are made by netdev_upper_dev_link (net/core/dev.c); `master` is one of them. */
function linkUsers(vf: Candidate, name: string, directory: string): FunctionUser[] {
  const found: FunctionUser[] = listDirectory(directory)
    .filter((entry) => entry.startsWith('upper_'))
    .map((entry) => ({
      ...identity(vf),
      reason: 'upper',
      detail: `${name} is part of ${entry.slice('upper_'.length)}`,
    }));
  const flags = Number(readText(`${directory}/flags`) ?? 0);
  if ((flags & IFF_UP) !== 0) found.push({ ...identity(vf), reason: 'up', detail: `${name} is up` });
  return found;
}

function identity({ vf, pciAddress }: Candidate): Pick<FunctionUser, 'vf' | 'pciAddress'> {
  return vf === undefined ? { pciAddress } : { vf, pciAddress };
}
