/**
 * The number of VFs of a physical function, by way of sysfs.
 *
 * Owns sriov_numvfs (drivers/pci/pci-sysfs.c, drivers/net/netdevsim/bus.c); never touches a VF's settings.
 */
import { writeFile } from 'node:fs/promises';
import { InvalidConfigError, KernelError, VfsExistError } from '../errors.ts';
import { readNumber } from './sysfs.ts';

/** Options of {@link PhysicalFunction.setNumVfs}. */
export interface SetNumVfsOptions {
  /** Where VFs exist already, destroy all of them first. Whoever uses one loses it. Default false. */
  readonly recreate?: boolean;
}

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
  const now = readNumber(`${directory}/sriov_numvfs`) ?? 0;
  if (now === count) return;
  if (now !== 0 && count !== 0) {
    if (options.recreate !== true) {
      throw new VfsExistError(
        `${pf} has ${now} VFs, and the kernel changes their number only from or to 0: ` +
          'set 0 first, or ask to recreate them; every VF is destroyed by either',
        { pf },
      );
    }
    await write(pf, directory, 0);
  }
  await write(pf, directory, count);
}

async function write(pf: string, directory: string, count: number): Promise<void> {
  const path = `${directory}/sriov_numvfs`;
  try {
    await writeFile(path, `${count}\n`);
  } catch (error) {
    const { code = 'EIO', errno } = error as NodeJS.ErrnoException;
    const details = {
      syscall: 'write',
      target: { pf },
      cause: error,
      ...(errno === undefined ? {} : { errno }),
    };
    const message = `${pf}: cannot make ${count} VFs: ${code}: ${advice(code, path)}`;
    throw code === 'EBUSY' ? new VfsExistError(message, { pf }) : new KernelError(code, message, details);
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'writing sriov_numvfs needs root, or CAP_DAC_OVERRIDE',
  EPERM: 'writing sriov_numvfs needs root, or CAP_DAC_OVERRIDE',
  EROFS: '/sys is mounted read-only here, as it is in a container; give it write access to sysfs',
  ENOMEM: 'the device cannot have that many VFs, or there is no memory for them',
  ERANGE: 'the device cannot have that many VFs',
  ENOSYS: 'the driver cannot make VFs',
  EOPNOTSUPP: 'the driver cannot make VFs',
  ENOENT: 'no driver with SR-IOV is bound to the device, or it is gone',
  ENODEV: 'the device is gone',
  EINVAL: 'the driver refused; its reason may be in the kernel log',
  EBUSY: 'VFs exist or are in use',
};

function advice(code: string, path: string): string {
  return ADVICE[code] ?? `writing ${path} failed; the reason may be in the kernel log`;
}
