/**
 * Whether a PF is in use, so that nobody should try things on it.
 *
 * Owns what counts as use of a PF; for VFs see `../lifecycle/users.ts`.
 */
import { networkInterfaces } from 'node:os';
import type { PhysicalFunction } from '../host/physical-function.ts';
import { listDirectory } from '../host/sysfs.ts';
import { readVfFunctions } from '../lifecycle/function.ts';
import { describeUsers, findUsers } from '../lifecycle/users.ts';

/**
 * The reasons, empty when it is free. A PF that is merely up is free: an address other than IPv6's link-local, an
 * upper device, or a VF in use is what makes it used.
 */
export async function pfUsers(pf: PhysicalFunction): Promise<string[]> {
  const { name } = pf;
  const addresses = (networkInterfaces()[name] ?? [])
    .map(({ address }) => address)
    .filter((address) => !/^fe[89ab]/i.test(address));
  const uppers = listDirectory(`/sys/class/net/${name}`)
    .filter((entry) => entry.startsWith('upper_'))
    .map((entry) => entry.slice('upper_'.length));
  const vfs =
    pf.pciAddress === undefined
      ? []
      : await findUsers(readVfFunctions(`/sys/bus/pci/devices/${pf.pciAddress}`));
  return [
    ...addresses.map((address) => `${name} has address ${address}`),
    ...uppers.map((upper) => `${name} is part of ${upper}`),
    ...(vfs.length === 0 ? [] : [describeUsers(vfs)]),
  ];
}
