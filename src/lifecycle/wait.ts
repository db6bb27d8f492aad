/**
 * Waiting for VFs and their net devices.
 *
 * Owns the conditions. Never guesses a name, and never waits for what cannot come about: that is refused.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { AbortedError, DeadlineError, RefusedError } from '../errors.ts';
import { readNumber } from '../host/sysfs.ts';
import {
  isNetworkClass,
  LINUX,
  readVfFunction,
  type Roots,
  USER_DRIVERS,
  type VfFunction,
} from './function.ts';
import { checkTimeout, readAttribute } from './attribute.ts';

/** The PF whose VFs are waited for, e.g. a `PhysicalFunction`. */
export interface WaitablePf {
  readonly name: string;
  /** Undefined for what is no PCI function. */
  readonly pciAddress: string | undefined;
}

/** Options of {@link waitForVfs}. */
export interface WaitOptions {
  /** Wait for net devices as well, of VFs without a user-space driver. Default true. */
  readonly netDevices?: boolean;
  /** Only these VFs. Default: all. */
  readonly vfs?: readonly number[];
  /** In ms. Default 60000: 16 VFs take 4.5 s with some drivers, 125 more than a minute. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Between two looks, in ms: at first and at most. */
const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 250;

/**
 * Waits until every VF is there as a PCI function and has its net device. Looks only at VFs that are not ready yet.
 * VFs that are no network functions are ready when they are there. The VFs of a PF that is no PCI function
 * (netdevsim) have no functions of their own; the list is then empty.
 *
 * @returns the VFs in order of number
 * @throws RefusedError - it cannot come about: no such VF, or no driver will be bound (sriov_drivers_autoprobe is 0)
 * @throws DeadlineError - names the first VFs that are not ready, and what they lack
 * @throws AbortedError - by the signal
 *
 * @example
 * await pf.setNumVfs(8)
 * for (const { vf, netDevices } of await waitForVfs(pf)) console.log(vf, netDevices[0])
 */
export async function waitForVfs(
  pf: WaitablePf,
  options: WaitOptions = {},
  roots: Roots = LINUX,
): Promise<VfFunction[]> {
  const { netDevices = true, signal } = options;
  const timeoutMs = checkTimeout(options.timeoutMs, 60_000);
  const end = performance.now() + timeoutMs;
  if (pf.pciAddress === undefined) return [];
  const directory = `${roots.sys}/bus/pci/devices/${pf.pciAddress}`;
  const vfs = wantedVfs(pf, await readAttribute(`${directory}/sriov_numvfs`, timeoutMs), options.vfs);
  const ready = new Map<number, VfFunction>();
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE)) {
    const lacking: string[] = [];
    for (const vf of vfs) {
      if (ready.has(vf)) continue;
      const state = look(directory, vf, netDevices);
      if (typeof state === 'string') lacking.push(`VF ${vf} ${state}`);
      else ready.set(vf, state);
    }
    if (lacking.length === 0) return vfs.flatMap((vf) => ready.get(vf) ?? []);
    if (signal?.aborted === true) throw aborted(pf);
    const left = end - performance.now();
    if (left <= 0) throw tooLate(pf, lacking, vfs.length);
    await sleep(Math.min(pause, left), undefined, signal === undefined ? {} : { signal }).catch(
      () => undefined,
    );
  }
}

function wantedVfs(
  pf: WaitablePf,
  numVfs: string | undefined,
  asked: readonly number[] | undefined,
): readonly number[] {
  if (numVfs === undefined) {
    throw new RefusedError(`${pf.name}: ${pf.pciAddress} is gone, or has no driver with SR-IOV`, {
      pf: pf.name,
    });
  }
  const count = Number(numVfs);
  const missing = asked?.find((vf) => !Number.isInteger(vf) || vf < 0 || vf >= count);
  if (missing !== undefined) {
    throw new RefusedError(`${pf.name} has ${count} VFs, so VF ${missing} will not appear`, { pf: pf.name });
  }
  return asked ?? Array.from({ length: count }, (_, vf) => vf);
}

/** The VF if it is ready, else what it lacks. */
function look(directory: string, vf: number, netDevices: boolean): VfFunction | string {
  const found = readVfFunction(directory, vf);
  if (found === undefined) return 'is not there yet';
  if (!netDevices || found.netDevices.length > 0 || USER_DRIVERS.includes(found.driver ?? '')) return found;
  if (!isNetworkClass(`${directory}/virtfn${vf}`)) return found;
  if (found.driver !== undefined) return `(${found.pciAddress}) has driver ${found.driver} but no net device`;
  // The kernel binds no driver by itself then (drivers/pci/pci-driver.c: pci_device_can_probe).
  if (readNumber(`${directory}/sriov_drivers_autoprobe`) === 0) {
    throw new RefusedError(
      `VF ${vf} (${found.pciAddress}) will have no net device: sriov_drivers_autoprobe of its PF is 0; bind a driver`,
      { vf },
    );
  }
  return `(${found.pciAddress}) has no driver`;
}

function tooLate(pf: WaitablePf, lacking: readonly string[], total: number): DeadlineError {
  const shown = lacking.slice(0, 3).join(', ');
  const more = lacking.length > 3 ? ` and ${lacking.length - 3} more` : '';
  const message = `${pf.name}: ${lacking.length} of ${total} VFs are not ready in time: ${shown}${more}`;
  return new DeadlineError(message, false, { pf: pf.name });
}

function aborted(pf: WaitablePf): AbortedError {
  return new AbortedError(`${pf.name}: waiting for VFs was stopped`, undefined, { pf: pf.name });
}
