/**
 * Function-level reset.
 *
 * Owns the choice of what counts as one: never resets more than the function that was named.
 */
import { basename } from 'node:path';
import { RefusedError } from '../errors.ts';
import { listDirectory, readText } from '../host/sysfs.ts';
import { type DriverOptions, requireUnused } from './driver.ts';
import { functionDirectory, LINUX, type Roots } from './function.ts';
import { checkTimeout, writeAttribute } from './attribute.ts';

/** Ways of the kernel to reset that reach beyond the function (drivers/pci/pci.c: pci_reset_fn_methods). */
const BEYOND: readonly string[] = ['bus', 'cxl_bus'];

/**
 * Resets one PCI function, by FLR where it has it. The driver stays bound; what it put into the hardware is gone
 * unless the driver takes part in the reset (`reset_prepare`, `reset_done`) or sets it anew.
 *
 * @returns the method that the kernel tries first: `flr`, `af_flr`, `pm`, `device_specific`, `acpi`, or `unknown`
 *   before Linux 5.15, which does not say
 * @throws RefusedError - it has no reset of its own; no such function
 * @throws VfsInUseError - it or one of its VFs is in use, and `force` was not asked for
 * @throws KernelError - `ENOTTY`: the function did not come back
 * @throws DeadlineError
 *
 * @example
 * await resetFunction('0000:03:10.0')
 */
export async function resetFunction(
  address: string,
  options: DriverOptions = {},
  roots: Roots = LINUX,
): Promise<string> {
  const directory = functionDirectory(address, roots);
  const pciAddress = basename(directory);
  const target = { pf: pciAddress };
  // The file is there if there is any method (drivers/pci/pci-sysfs.c: pci_dev_reset_attr_is_visible).
  if (!listDirectory(directory).includes('reset')) {
    throw new RefusedError(
      `${pciAddress} cannot be reset: the kernel knows no way for this function`,
      target,
    );
  }
  const method = readText(`${directory}/reset_method`)?.split(' ')[0] ?? 'unknown';
  if (BEYOND.includes(method)) {
    throw new RefusedError(
      `${pciAddress} has no reset of its own: the kernel would reset it by ${method}, which reaches other functions`,
      target,
    );
  }
  await requireUnused(pciAddress, options, roots);
  await writeAttribute(`${directory}/reset`, '1', {
    doing: `${pciAddress}: resetting (${method})`,
    device: pciAddress,
    timeoutMs: checkTimeout(options.timeoutMs, 30_000),
    advice: { ENOTTY: 'the function did not come back from the reset' },
    target,
  });
  return method;
}

/** @internal Ways in which the kernel can reset a function, in its order; before Linux 5.15 it does not say. */
export function functionResets(directory: string): string[] {
  const text = readText(`${directory}/reset_method`);
  if (text === undefined) return listDirectory(directory).includes('reset') ? ['unknown'] : [];
  return text.split(' ').filter((method) => method !== '');
}
