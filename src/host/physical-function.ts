/**
 * A physical function: reads and programs its virtual functions.
 *
 * Owns the way from calls to the addon and back. Knows nothing of ports.
 */
import { basename } from 'node:path';
import { addon } from '../addon.ts';
import { InvalidConfigError } from '../errors.ts';
import { isPciAddress } from '../pci/address.ts';
import type { VfConfig } from '../vf/config.ts';
import {
  EXCHANGE_FLAGS,
  EXCHANGE_MAX_HOLD_NS,
  EXCHANGE_NUMBERS,
  EXCHANGE_RETRY_NS,
  PROGRAM_STOPPABLE,
  type VfNative,
} from '../vf/native.ts';
import type { ProgramAsyncOptions, ProgramOptions, ProgramReport } from '../vf/report.ts';
import { VfTable } from '../vf/table.ts';
import { setNumVfs, type SetNumVfsOptions } from './num-vfs.ts';
import { abortedError, checkOptions, noThread, reusedTable, toReport } from './program.ts';
import { toTable, type ReadOptions } from './read.ts';
import { linkName, resolvePf, type ResolvedPf } from './resolve.ts';
import { driverName, readNumber } from './sysfs.ts';

let nextProgramId = 1;

/**
 * One physical function (PF) of this host, held by its ifindex, which a renaming does not change.
 *
 * Reading needs no capability. Programming needs `CAP_NET_ADMIN` in the user namespace that owns the
 * network namespace; {@link setNumVfs} needs write access to sysfs, which is root's.
 *
 * @example
 * const pf = PhysicalFunction.open('enp3s0f0')
 * const report = await pf.programVfs([{ vf: 0, mac: '02:00:00:00:00:01', vlan: { id: 100 }, spoofCheck: true }])
 */
export class PhysicalFunction {
  /** Index of the network device; stays the same when it is renamed. */
  readonly ifindex: number;
  /** PCI address such as `0000:03:00.0`; undefined where the device is not a PCI function (netdevsim). */
  readonly pciAddress: string | undefined;
  /** Name of the device in sysfs: the PCI address, or `netdevsim1`; undefined if sysfs does not show it. */
  readonly device: string | undefined;
  readonly #directory: string | undefined;

  /** Use {@link PhysicalFunction.open}. @internal */
  constructor(resolved: ResolvedPf) {
    this.ifindex = resolved.ifindex;
    this.#directory = resolved.directory;
    this.device = resolved.directory === undefined ? undefined : basename(resolved.directory);
    this.pciAddress = isPciAddress(this.device) ? this.device : undefined;
  }

  /**
   * Finds a physical function by name, alternative name, ifindex or PCI address. Takes no kernel lock
   * (an alternative name of more than 15 bytes excepted, which only rtnetlink can look up).
   *
   * @throws KernelError - `ENODEV`: there is none in this network namespace
   * @throws NotAPhysicalFunctionError - it is a VF, a representor, or a device without SR-IOV
   * @throws UnsupportedPlatformError - not Linux, or no addon for this processor
   */
  static open(nameOrIfindexOrPciAddress: string | number): PhysicalFunction {
    return new PhysicalFunction(resolvePf(nameOrIfindexOrPciAddress));
  }

  /**
   * Name of the network device, asked anew each time since it may be renamed.
   *
   * @throws KernelError - `ENODEV`: it is gone, or in another network namespace
   */
  get name(): string {
    return linkName(this.ifindex, this.device ?? String(this.ifindex));
  }

  /** Name of the driver, e.g. `igb`; undefined if sysfs does not show it. */
  get driver(): string | undefined {
    return this.#directory === undefined ? undefined : driverName(this.#directory);
  }

  /** Number of VFs that exist now (sriov_numvfs); undefined if sysfs does not show it. */
  numVfs(): number | undefined {
    return this.#directory === undefined ? undefined : readNumber(`${this.#directory}/sriov_numvfs`);
  }

  /** Number of VFs that the device can have (sriov_totalvfs); undefined where it does not say (netdevsim). */
  totalVfs(): number | undefined {
    return this.#directory === undefined ? undefined : readNumber(`${this.#directory}/sriov_totalvfs`);
  }

  /**
   * Sets the number of VFs. The kernel changes it from 0 or to 0 only; the driver may take seconds, which
   * are spent off the event loop.
   *
   * @param count - 0 to {@link totalVfs}; the number that is there already does nothing
   * @throws VfsExistError - VFs exist, and `recreate` was not asked for
   * @throws KernelError - `EACCES` (root, or CAP_DAC_OVERRIDE), `EROFS` (container), or the driver's errno
   */
  async setNumVfs(count: number, options: SetNumVfsOptions = {}): Promise<void> {
    if (this.#directory === undefined) {
      throw new InvalidConfigError(
        `${this.name}: sysfs does not show this device; is /sys of this network namespace?`,
      );
    }
    await setNumVfs(this.name, this.#directory, count, options);
  }

  /**
   * Reads all VFs with one request, complete at any number of VFs.
   *
   * @throws IncompleteReadError - the kernel left some out; it says which
   * @throws KernelError - `ENODEV`: the PF is gone
   */
  async readVfs(options: ReadOptions = {}): Promise<VfTable> {
    return toTable(this, await addon().readVfs(this.ifindex, options.stats === true), options);
  }

  /** {@link readVfs}, at once: the thread waits while someone else holds the kernel's rtnl lock. */
  readVfsSync(options: ReadOptions = {}): VfTable {
    return toTable(this, addon().readVfsSync(this.ifindex, options.stats === true), options);
  }

  /**
   * Makes the VFs so: all settings in as few kernel requests as possible, off the event loop. Requests for
   * one PF are done in the order of the calls; those that wait while another is under way go out together.
   *
   * A setting that the driver refuses is reported and all others are applied, unless `atomic` is asked for.
   * Whether everything went well is in {@link ProgramReport.failures}; nothing is thrown for a refusal.
   *
   * The addon copies a table before this returns, so it may be changed meanwhile; the values in a failure's
   * message are taken from it at the end.
   *
   * @throws InvalidConfigError - before anything is sent
   * @throws KernelError - the request as a whole was refused: `EPERM` (CAP_NET_ADMIN), `ENODEV`
   * @throws AbortedError - the signal stopped it; its report says what was done
   */
  async programVfs(
    configs: readonly VfConfig[] | VfTable,
    options: ProgramAsyncOptions = {},
  ): Promise<ProgramReport> {
    const { signal } = options;
    const table = configs instanceof VfTable ? configs : VfTable.from(configs);
    const call = checkOptions(options);
    if (signal?.aborted === true) throw abortedError(this, undefined);
    const id = nextProgramId++;
    const flags = call.flags | (signal === undefined ? 0 : PROGRAM_STOPPABLE);
    const done = addon().programVfs(this.ifindex, table.bytes, flags, call.maxHoldNs, call.retryNs, id);
    if (signal === undefined) return this.#report(table, await done);
    const stop = (): void => addon().cancelProgram(id);
    signal.addEventListener('abort', stop, { once: true });
    try {
      const report = this.#report(table, await done);
      if (report.aborted) throw abortedError(this, report);
      return report;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /**
   * {@link programVfs}, at once, for scripts and benchmarks: the thread waits for the kernel and the driver.
   * Not ordered with asynchronous calls that are under way.
   */
  programVfsSync(configs: readonly VfConfig[] | VfTable, options: ProgramOptions = {}): ProgramReport {
    const table = configs instanceof VfTable ? configs : reusedTable(configs);
    const call = checkOptions(options);
    const native = addon();
    const { exchange } = native;
    exchange[EXCHANGE_FLAGS] = call.flags;
    exchange[EXCHANGE_MAX_HOLD_NS] = call.maxHoldNs;
    exchange[EXCHANGE_RETRY_NS] = call.retryNs;
    const words = native.programVfsSync(this.ifindex, table.bytes);
    return toReport(this, table, exchange, EXCHANGE_NUMBERS, words);
  }

  #report(table: VfTable, outcome: Awaited<ReturnType<VfNative['programVfs']>>): ProgramReport {
    if (typeof outcome === 'number') noThread(this, outcome);
    return toReport(this, table, outcome[0], 0, outcome[1]);
  }
}
