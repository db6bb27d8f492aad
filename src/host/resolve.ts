/**
 * From what a user calls a physical function to its network device.
 *
 * Owns the three ways of naming one: name (or alternative name), ifindex, PCI address.
 */
import { addon } from '../addon.ts';
import { errnoName } from '../errno.ts';
import { InvalidConfigError, KernelError, NotAPhysicalFunctionError } from '../errors.ts';
import { formatPciAddress, isPciAddress, parsePciAddress } from '../pci/address.ts';
import {
  deviceDirectory,
  isRepresentorPort,
  listDirectory,
  netDeviceIsShown,
  netDevicesOfPci,
  pciFunctionExists,
  physPortName,
} from './sysfs.ts';

/** A network device that can be a physical function. */
export interface ResolvedPf {
  readonly ifindex: number;
  readonly name: string;
  /** Directory of the device behind it; undefined if sysfs shows another network namespace. */
  readonly directory: string | undefined;
}

/**
 * Finds the physical function.
 *
 * @throws KernelError - `ENODEV`: there is no such device in this network namespace
 * @throws NotAPhysicalFunctionError - it is a VF, a representor, or a device without SR-IOV
 */
export function resolvePf(id: string | number): ResolvedPf {
  const ifindex = typeof id === 'number' ? checkIfindex(id) : findByText(id);
  const name = linkName(ifindex, String(id));
  if (!netDeviceIsShown(name)) return { ifindex, name, directory: undefined };
  const directory = deviceDirectory(name);
  if (directory === undefined || !listDirectory(directory).includes('sriov_numvfs')) {
    throw notAPf(name, directory !== undefined && listDirectory(directory).includes('physfn'));
  }
  const port = physPortName(name);
  if (isRepresentorPort(port)) {
    throw new NotAPhysicalFunctionError(
      `${name} is the representor ${port} of a VF, not a physical function; name the uplink of the same device`,
      { pf: name },
    );
  }
  return { ifindex, name, directory };
}

/** Current name of a link. */
export function linkName(ifindex: number, asked: string): string {
  const name = addon().linkName(ifindex);
  if (typeof name === 'string') return name;
  throw noSuchDevice(
    asked,
    -name,
    `no network device has ifindex ${ifindex} in this network namespace (any more)`,
  );
}

function checkIfindex(ifindex: number): number {
  if (Number.isInteger(ifindex) && ifindex > 0 && ifindex <= 0x7fffffff) return ifindex;
  throw new InvalidConfigError(`an ifindex is a whole number from 1 to 2147483647, not ${ifindex}`);
}

function findByText(id: string): number {
  if (typeof id !== 'string' || id === '') {
    throw new InvalidConfigError('a physical function is named by name, ifindex or PCI address');
  }
  if (isPciAddress(id)) return findByAddress(formatPciAddress(parsePciAddress(id)));
  const found = addon().findLink(id);
  if (found > 0) return found;
  // What is all digits may be an ifindex, after no device has it as its name.
  if (/^\d{1,10}$/.test(id)) return checkIfindex(Number(id));
  throw noSuchDevice(
    id,
    -found,
    'no network device of that name in this network namespace; `sriov list` shows them',
  );
}

function findByAddress(address: string): number {
  if (!pciFunctionExists(address)) {
    throw noSuchDevice(
      address,
      19,
      'there is no such PCI function; `sriov list` shows the physical functions',
    );
  }
  const names = netDevicesOfPci(address);
  const uplink = names.find((name) => !isRepresentorPort(physPortName(name)));
  if (uplink === undefined) {
    throw new NotAPhysicalFunctionError(
      `${address} has no network device here: no network driver is bound to it, or it is in another network namespace`,
      { pf: address },
    );
  }
  const found = addon().findLink(uplink);
  if (found > 0) return found;
  throw noSuchDevice(address, -found, `its network device ${uplink} is not in this network namespace`);
}

function notAPf(name: string, isVf: boolean): NotAPhysicalFunctionError {
  const why = isVf
    ? 'it is a virtual function; VFs are set through their physical function (see device/physfn)'
    : 'its device or driver has no SR-IOV (there is no device/sriov_numvfs)';
  return new NotAPhysicalFunctionError(`${name} is not a physical function: ${why}`, { pf: name });
}

function noSuchDevice(asked: string, errno: number, why: string): KernelError {
  return new KernelError(errnoName(errno), `${asked}: ${errnoName(errno)}: ${why}`, {
    errno: -errno,
    target: { pf: asked },
  });
}
