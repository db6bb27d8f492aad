/**
 * Which driver a PCI function has: bind, unbind, and back to what was found.
 *
 * Owns driver_override and the order of the steps. Must never leave a function without the driver that it had
 * because the new one refused: then the old one is bound again.
 */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { RefusedError, SriovError, VfsInUseError } from '../errors.ts';
import { driverName, readText } from '../host/sysfs.ts';
import { functionDirectory, LINUX, type Roots, vfNumberOf } from './function.ts';
import { readIommu } from './iommu.ts';
import { describeUsers, findUsers } from './users.ts';
import { checkTimeout, readAttribute, requireFinished, writeAttribute } from './attribute.ts';

/** Options of the steps that take a function from its driver. */
export interface DriverOptions {
  /** Do it although the function is in use. Default false. */
  readonly force?: boolean;
  /** For each write to sysfs, in ms. Default 30000. */
  readonly timeoutMs?: number;
}

/** A function's driver as it was found: plain data that can be kept anywhere, for {@link restoreDriver}. */
export interface DriverBinding {
  readonly pciAddress: string;
  /** `null` = none. */
  readonly driver: string | null;
  /** Content of driver_override: the only driver that may bind; `null` = any that fits. */
  readonly driverOverride: string | null;
}

/**
 * The driver of a function now.
 *
 * @throws RefusedError - there is no such function
 * @throws DeadlineError - someone else is changing its driver
 */
export async function readDriver(
  address: string,
  options: Pick<DriverOptions, 'timeoutMs'> = {},
  roots: Roots = LINUX,
): Promise<DriverBinding> {
  const directory = functionDirectory(address, roots);
  await requireFinished(basename(directory));
  const override = await readAttribute(`${directory}/driver_override`, timeoutOf(options));
  return {
    pciAddress: basename(directory),
    driver: driverName(directory) ?? null,
    // The kernel prints a null pointer so (drivers/pci/pci-sysfs.c: driver_override_show).
    driverOverride: override === undefined || override === '' || override === '(null)' ? null : override,
  };
}

/**
 * Gives a function another driver: sets driver_override, unbinds the one that is there, binds the new one. If
 * that one refuses, everything is put back.
 *
 * @param driver - name in /sys/bus/pci/drivers; `null` = no override, the driver that the kernel chooses
 * @returns what was there before, for {@link restoreDriver}
 * @throws RefusedError - the driver is not loaded; vfio-pci without an IOMMU; no such function
 * @throws VfsInUseError - it is in use, and `force` was not asked for
 * @throws KernelError - the driver refused; its errno
 * @throws DeadlineError
 *
 * @example
 * const before = await bindDriver('0000:03:10.0', 'vfio-pci')
 * await restoreDriver(before)
 */
export async function bindDriver(
  address: string,
  driver: string | null,
  options: DriverOptions = {},
  roots: Roots = LINUX,
): Promise<DriverBinding> {
  const before = await readDriver(address, options, roots);
  const { pciAddress } = before;
  if (driver !== null) requireDriver(pciAddress, driver, roots);
  if (
    before.driver !== null &&
    before.driverOverride === driver &&
    before.driver === (driver ?? before.driver)
  ) {
    return before;
  }
  if (before.driver !== null && before.driver !== driver) await requireUnused(pciAddress, options, roots);
  try {
    await change({ pciAddress, driver, driverOverride: driver }, driver === null, options, roots);
  } catch (error) {
    if (!(error instanceof SriovError) || error.code === 'SRIOV_DEADLINE') throw error;
    throw await afterPuttingBack(error, before, options, roots);
  }
  return before;
}

/**
 * Takes the driver from a function. Its override stays as it is.
 *
 * @returns what was there before, for {@link restoreDriver}
 * @throws as {@link bindDriver}
 */
export async function unbindDriver(
  address: string,
  options: DriverOptions = {},
  roots: Roots = LINUX,
): Promise<DriverBinding> {
  const before = await readDriver(address, options, roots);
  if (before.driver === null) return before;
  await requireUnused(before.pciAddress, options, roots);
  await change({ ...before, driver: null }, false, options, roots);
  return before;
}

/**
 * Puts a function's driver and override back. Does nothing where they are so already.
 *
 * @throws as {@link bindDriver}
 */
export async function restoreDriver(
  before: DriverBinding,
  options: DriverOptions = {},
  roots: Roots = LINUX,
): Promise<void> {
  const now = await readDriver(before.pciAddress, options, roots);
  if (before.driver !== null) requireDriver(now.pciAddress, before.driver, roots);
  if (now.driver !== null && now.driver !== before.driver)
    await requireUnused(now.pciAddress, options, roots);
  await change({ ...before, pciAddress: now.pciAddress }, false, options, roots);
}

function timeoutOf({ timeoutMs }: Pick<DriverOptions, 'timeoutMs'>): number {
  return checkTimeout(timeoutMs, 30_000);
}

/** Makes driver and override so. `probe`: let the kernel choose a driver where none is named. */
async function change(
  want: DriverBinding,
  probe: boolean,
  options: DriverOptions,
  roots: Roots,
): Promise<void> {
  const { pciAddress, driver, driverOverride } = want;
  const now = await readDriver(pciAddress, options, roots);
  const bus = `${roots.sys}/bus/pci`;
  const write = (path: string, text: string, doing: string): Promise<void> =>
    writeAttribute(path, text, {
      doing: `${pciAddress}: ${doing}`,
      device: pciAddress,
      timeoutMs: timeoutOf(options),
      advice: ADVICE,
      target: { pf: pciAddress },
    });
  const setOverride = (): Promise<void> =>
    now.driverOverride === driverOverride
      ? Promise.resolve()
      : write(
          `${bus}/devices/${pciAddress}/driver_override`,
          `${driverOverride ?? ''}\n`,
          'setting driver_override',
        );
  // First of all: it decides which driver may bind at all (drivers/pci/pci-driver.c: pci_match_device).
  await setOverride();
  if (now.driver !== null && (now.driver !== driver || probe)) {
    await write(`${bus}/drivers/${now.driver}/unbind`, pciAddress, `unbinding ${now.driver}`);
  }
  if (driver !== null && now.driver !== driver) {
    await write(`${bus}/drivers/${driver}/bind`, pciAddress, `binding ${driver}`);
  }
  if (driver === null && probe) {
    await write(`${bus}/drivers_probe`, pciAddress, 'binding the driver that fits');
    // drivers_probe is content when nothing fits (drivers/base/bus.c: bus_rescan_devices_helper).
    if ((await readDriver(pciAddress, options, roots)).driver === null) {
      throw new RefusedError(`${pciAddress}: no driver that is loaded fits this function, or it refused`, {
        pf: pciAddress,
      });
    }
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  ENODEV: 'the driver does not take this function; see driver_override and the kernel log',
  EBUSY: 'another driver was bound meanwhile',
  EINVAL: 'the driver refused this function; its reason may be in the kernel log',
  ENOENT: 'the function or the driver is gone',
};

function requireDriver(pciAddress: string, driver: string, roots: Roots): void {
  const target = { pf: pciAddress };
  if (!/^[\w.+-]+$/.test(driver) || !existsSync(`${roots.sys}/bus/pci/drivers/${driver}`)) {
    throw new RefusedError(`${pciAddress}: driver ${driver} is not loaded; try: modprobe ${driver}`, target);
  }
  if (driver !== 'vfio-pci') return;
  const { group, hint } = readIommu(pciAddress, roots);
  const unsafe = readText(`${roots.sys}/module/vfio/parameters/enable_unsafe_noiommu_mode`) === 'Y';
  if (group === undefined && !unsafe) {
    throw new RefusedError(`${pciAddress}: vfio-pci needs an IOMMU: ${hint}`, target);
  }
}

export async function requireUnused(pciAddress: string, options: DriverOptions, roots: Roots): Promise<void> {
  const { force } = options;
  if (force === true) return;
  const directory = `${roots.sys}/bus/pci/devices/${pciAddress}`;
  const target = { pf: pciAddress };
  const count = Number((await readAttribute(`${directory}/sriov_numvfs`, timeoutOf(options))) ?? 0);
  if (count > 0) {
    const message = `${pciAddress} has ${count} VFs that would go with its driver; remove them first`;
    throw new VfsInUseError(message, [], target);
  }
  const vf = vfNumberOf(directory);
  const driver = driverName(directory);
  const users = await findUsers(
    [{ pciAddress, ...(driver === undefined ? {} : { driver }), ...(vf === undefined ? {} : { vf }) }],
    roots,
  );
  if (users.length === 0) return;
  throw new VfsInUseError(`in use: ${describeUsers(users)}`, users, target);
}

async function afterPuttingBack(
  error: SriovError,
  before: DriverBinding,
  options: DriverOptions,
  roots: Roots,
): Promise<SriovError> {
  let outcome = `it has ${before.driver ?? 'no driver'} again, as before`;
  try {
    await change(before, false, options, roots);
  } catch (second) {
    outcome = `and it could not be put back: ${second instanceof Error ? second.message : String(second)}`;
  }
  error.message += `; ${outcome}`;
  return error;
}
