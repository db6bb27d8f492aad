/**
 * The number of VFs of a physical function, by way of sysfs.
 *
 * Owns sriov_numvfs and sriov_drivers_autoprobe (drivers/pci/pci-sysfs.c, drivers/net/netdevsim/bus.c); never
 * touches a VF's settings, and takes no VF from whoever uses it unless told to.
 */
import { basename } from 'node:path';
import { InvalidConfigError, SriovError, VfsExistError, VfsInUseError } from '../errors.ts';
import { bindDriver } from '../lifecycle/driver.ts';
import { readVfFunctions } from '../lifecycle/function.ts';
import { describeUsers, findUsers } from '../lifecycle/users.ts';
import { waitForVfs } from '../lifecycle/wait.ts';
import { checkTimeout, readAttribute, requireFinished, writeAttribute } from '../lifecycle/attribute.ts';
import { readNumber } from './sysfs.ts';

/** Options of {@link PhysicalFunction.setNumVfs}. */
export interface SetNumVfsOptions {
  /** Where VFs exist already, destroy all of them first, unless one is in use. Default false. */
  readonly recreate?: boolean;
  /** Destroy VFs that are in use as well: whoever uses one loses it. Default false. */
  readonly force?: boolean;
  /**
   * Driver of new VFs, e.g. `vfio-pci`. The kernel then binds none by itself (sriov_drivers_autoprobe is off
   * meanwhile), so no network driver makes a net device first. Default: what the kernel chooses.
   */
  readonly driver?: string;
  /** For each write to sysfs, in ms. Default 120000: some drivers take a minute for many VFs. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT = 120_000;

export async function setNumVfs(
  pf: string,
  directory: string,
  count: number,
  options: SetNumVfsOptions,
): Promise<void> {
  if (!Number.isInteger(count) || count < 0 || count > 65535) {
    throw new InvalidConfigError(`${pf}: a number of VFs is a whole number from 0 to 65535, not ${count}`, {
      pf,
    });
  }
  const total = readNumber(`${directory}/sriov_totalvfs`);
  if (total !== undefined && count > total) {
    throw new InvalidConfigError(`${pf} can have at most ${total} VFs, not ${count}`, { pf });
  }
  const timeoutMs = checkTimeout(options.timeoutMs, DEFAULT_TIMEOUT);
  await requireFinished(basename(directory), { pf });
  const now = Number((await readAttribute(`${directory}/sriov_numvfs`, timeoutMs)) ?? 0);
  if (now === count) return;
  if (now !== 0 && count !== 0 && options.recreate !== true) {
    throw new VfsExistError(
      `${pf} has ${now} VFs, and the kernel changes their number only from or to 0: ` +
        'set 0 first, or ask to recreate them; every VF is destroyed by either',
      { pf },
    );
  }
  if (now !== 0) {
    if (options.force !== true) await requireUnused(pf, directory);
    await writeNumVfs(pf, directory, 0, timeoutMs);
  }
  if (count === 0) return;
  if (options.driver === undefined) await writeNumVfs(pf, directory, count, timeoutMs);
  else await createWithDriver(pf, directory, count, options.driver, timeoutMs);
}

async function requireUnused(pf: string, directory: string): Promise<void> {
  const users = await findUsers(readVfFunctions(directory));
  if (users.length === 0) return;
  const count = new Set(users.map(({ vf }) => vf)).size;
  throw new VfsInUseError(`${pf}: ${count} VFs are in use: ${describeUsers(users)}`, users, { pf });
}

/** VFs that never had another driver than this one. Autoprobe is put back as it was found. */
async function createWithDriver(
  pf: string,
  directory: string,
  count: number,
  driver: string,
  timeoutMs: number,
): Promise<void> {
  const path = `${directory}/sriov_drivers_autoprobe`;
  const found = readNumber(path);
  if (found === undefined) {
    throw new InvalidConfigError(`${pf}: its VFs are no PCI functions, so they have no driver`, { pf });
  }
  const autoprobe = (value: number): Promise<void> =>
    writeAttribute(path, `${value}`, {
      doing: `${pf}: setting sriov_drivers_autoprobe to ${value}`,
      device: basename(directory),
      timeoutMs,
      target: { pf },
    });
  if (found !== 0) await autoprobe(0);
  try {
    await writeNumVfs(pf, directory, count, timeoutMs);
    const pfFunction = { name: pf, pciAddress: basename(directory) };
    const vfs = await waitForVfs(pfFunction, { netDevices: false, timeoutMs });
    // An override counts for probing even while autoprobe is off (pci_device_can_probe).
    for (const { pciAddress } of vfs) await bindDriver(pciAddress, driver, { timeoutMs });
  } catch (error) {
    // While the kernel is still at work on the PF this is refused.
    const left = await autoprobe(found).then(
      () => '',
      () => `; sriov_drivers_autoprobe of ${pf} is still 0 and was ${found}`,
    );
    if (error instanceof SriovError) error.message += left;
    throw error;
  }
  if (found !== 0) await autoprobe(found);
}

async function writeNumVfs(pf: string, directory: string, count: number, timeoutMs: number): Promise<void> {
  try {
    await writeAttribute(`${directory}/sriov_numvfs`, `${count}\n`, {
      doing: `${pf}: ${count === 0 ? 'removing all VFs' : `making ${count} VFs`}`,
      device: basename(directory),
      timeoutMs,
      advice: ADVICE,
      target: { pf },
    });
  } catch (error) {
    if (error instanceof SriovError && error.code === 'EBUSY') throw new VfsExistError(error.message, { pf });
    throw error;
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'writing sriov_numvfs needs root, or CAP_DAC_OVERRIDE',
  EPERM: 'writing sriov_numvfs needs root, or CAP_DAC_OVERRIDE',
  ENOMEM: 'the device cannot have that many VFs, or there is no memory for them',
  ERANGE: 'the device cannot have that many VFs',
  ENOSYS: 'the driver cannot make VFs',
  EOPNOTSUPP: 'the driver cannot make VFs',
  ENOENT: 'no driver with SR-IOV is bound to the device, or it is gone',
  EINVAL: 'the driver refused; its reason may be in the kernel log',
  EBUSY: 'VFs exist or are in use',
};
