/**
 * Which physical functions there are, by their network devices.
 */
import { SriovError } from '../errors.ts';
import { PhysicalFunction } from './physical-function.ts';
import { deviceDirectory, listDirectory, netDeviceNames } from './sysfs.ts';

/**
 * The physical functions of this network namespace that have a network device, in order of ifindex.
 * Reads sysfs alone.
 *
 * @example
 * for (const pf of listPhysicalFunctions()) console.log(pf.name, pf.numVfs(), pf.totalVfs())
 */
export function listPhysicalFunctions(): PhysicalFunction[] {
  const found: PhysicalFunction[] = [];
  for (const name of netDeviceNames()) {
    const directory = deviceDirectory(name);
    if (directory === undefined || !listDirectory(directory).includes('sriov_numvfs')) continue;
    try {
      found.push(PhysicalFunction.open(name));
    } catch (error) {
      // Gone or renamed meanwhile, or a representor: not a physical function now.
      if (!(error instanceof SriovError) || error.code === 'SRIOV_UNSUPPORTED_PLATFORM') throw error;
    }
  }
  return found.sort((a, b) => a.ifindex - b.ifindex);
}
