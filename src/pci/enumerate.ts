/**
 * The functions of the host, as typed objects.
 *
 * Owns the call of the addon and its errors. Reads only; must never change the machine.
 */

import { addon } from '../addon.ts';
import { errnoName } from '../errno.ts';
import { AbortedError, InvalidConfigError, KernelError } from '../errors.ts';
import { decodeEnumeration } from './decode.ts';
import type { PciFunction } from './function.ts';
import { loadPciNames, loadPciNamesSync } from './names.ts';

/** Where to look, and how much to say. */
export interface EnumeratePciOptions {
  /** Where sysfs is mounted; `/sys` by default. A container may have the host's elsewhere. */
  readonly sysfsRoot?: string;
  /**
   * Whether to look names up in the pci.ids database, or in which file; false by default. Without a
   * database `names` stays null.
   */
  readonly names?: boolean | string;
}

/** Options of {@link enumeratePci}. */
export interface EnumeratePciAsyncOptions extends EnumeratePciOptions {
  /** Ends the waiting. An enumeration that runs already is not stopped: its result is dropped. */
  readonly signal?: AbortSignal;
}

/**
 * Every PCI function and every netdevsim device, in order of address, netdevsim last.
 *
 * One pass, off the event loop. It is no snapshot: a device that goes while it runs is left out. One that
 * can be read in part is there, and `unreadable` says what is missing. It may wait while others hold the
 * kernel's rtnl lock. Calls of one thread run one after another.
 *
 * @throws {KernelError} when there is no sysfs at `sysfsRoot` (ENOENT), or this process is out of
 * descriptors or memory. A machine without PCI gives an empty list.
 * @throws {InvalidConfigError} for options of the wrong type.
 * @throws {AbortedError} when `signal` is aborted.
 * @throws {UnsupportedPlatformError} when there is no addon for this system.
 * @example
 * const pfs = (await enumeratePci()).filter((f) => f.role === 'pf');
 */
export async function enumeratePci(options: EnumeratePciAsyncOptions = {}): Promise<PciFunction[]> {
  const root = checkedRoot(options);
  const { signal } = options;
  const names = wantedNames(options);
  const native = addon();
  const work = queued(() => {
    if (signal?.aborted === true) throw aborted(signal);
    return native.enumeratePci(root);
  });
  const [buffer, table] = await Promise.all([
    signal === undefined ? work : untilAborted(work, signal),
    names === null ? null : loadPciNames(names.path),
  ]);
  return functionsIn(buffer, table, root);
}

/**
 * As {@link enumeratePci}, blocking the thread: for scripts and start-up.
 *
 * @throws as {@link enumeratePci}.
 */
export function enumeratePciSync(options: EnumeratePciOptions = {}): PciFunction[] {
  const root = checkedRoot(options);
  const names = wantedNames(options);
  const buffer = addon().enumeratePciSync(root);
  return functionsIn(buffer, names === null ? null : loadPciNamesSync(names.path), root);
}

/**
 * One enumeration at a time. Each holds a thread of libuv's pool, perhaps for as long as somebody holds
 * rtnl; four at once would stop the files and the DNS look-ups of the whole process.
 */
let last: Promise<unknown> = Promise.resolve();

function queued<T>(start: () => Promise<T>): Promise<T> {
  const work = last.then(start);
  last = work.catch(() => undefined);
  return work;
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(aborted(signal));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function aborted(signal: AbortSignal): AbortedError {
  const error = new AbortedError('the enumeration of PCI functions was aborted', undefined, {});
  error.cause = signal.reason;
  return error;
}

function functionsIn(
  buffer: ArrayBuffer,
  names: Parameters<typeof decodeEnumeration>[1],
  root: string,
): PciFunction[] {
  const { functions, errno, errorPath } = decodeEnumeration(buffer, names);
  if (errno === 0) return functions;
  const code = errnoName(errno);
  const where = errorPath === '.' ? root : `${root}/${errorPath}`;
  const hint = errno === 2 ? ': is sysfs mounted there?' : '';
  throw new KernelError(code, `cannot enumerate PCI functions: ${where}: ${code}${hint}`, { errno: -errno });
}

function checkedRoot({ sysfsRoot = '/sys' }: EnumeratePciOptions): string {
  if (typeof sysfsRoot !== 'string' || sysfsRoot === '' || sysfsRoot.includes('\0')) {
    throw new InvalidConfigError(`sysfsRoot must be a path such as /sys, not ${JSON.stringify(sysfsRoot)}`);
  }
  return sysfsRoot;
}

function wantedNames({ names = false }: EnumeratePciOptions): { path: string | undefined } | null {
  if (typeof names === 'boolean') return names ? { path: undefined } : null;
  if (typeof names === 'string' && names !== '') return { path: names };
  throw new InvalidConfigError(
    `names must be a boolean or the path of a pci.ids file, not ${JSON.stringify(names)}`,
  );
}
