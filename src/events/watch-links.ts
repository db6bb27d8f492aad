/**
 * Watching network devices.
 *
 * Owns the public call and the checking of its options.
 */
import { InvalidConfigError } from '../errors.ts';
import { formatPciAddress, isPciAddress, parsePciAddress } from '../pci/address.ts';
import type { LinkEvent } from './link.ts';
import { monitors } from './monitors.ts';
import { checkedOptions } from './options.ts';
import type { Watch, WatchOptions } from './watch.ts';

/** Options of {@link watchLinks}. */
export interface WatchLinksOptions extends WatchOptions {
  /**
   * Links of this device alone: a PCI address in any spelling that `parsePciAddress` takes, or a name such as
   * `netdevsim1`. It need not be there yet, may go and come back, and its links may change their names. All
   * links by default.
   */
  readonly device?: string;
  /** Whether links that are there already come first, as `added`, and then `synced`; false by default. */
  readonly initial?: boolean;
}

/**
 * Yields what happens to the network devices of this network namespace, in the order in which it began.
 *
 * The first event is `synced` (after the links that are there, with `initial`): what happens after it is told.
 * Nothing is lost: a reader who is slow, or a kernel that had to drop notifications, makes events of one link
 * melt together, and the last state is always told. All watches of a thread share one socket.
 *
 * @throws {KernelError} when there is no socket or thread to be had: EMFILE, EAGAIN, ...; the iteration throws
 * one when the kernel's links could not be read in seven tries.
 * @throws {InvalidConfigError} for options of the wrong type.
 * @throws {AbortedError} by the iteration, when `signal` is aborted.
 * @throws {UnsupportedPlatformError} when there is no addon for this system.
 * @example
 * for await (const event of watchLinks({ device: '0000:03:00.0' })) {
 *   if (event.type === 'changed' && event.changes.includes('carrier')) console.log(event.name, event.link.carrier);
 * }
 */
export function watchLinks(options: WatchLinksOptions = {}): Watch<LinkEvent> {
  const { device, initial = false } = options;
  const common = checkedOptions(options);
  if (typeof initial !== 'boolean') {
    throw new InvalidConfigError(`initial must be a boolean, not ${JSON.stringify(initial)}`);
  }
  return monitors().links.watch({ ...common, device: checkedDevice(device), initial });
}

function checkedDevice(device: string | undefined): string | undefined {
  if (device === undefined) return undefined;
  if (typeof device !== 'string' || device === '') {
    throw new InvalidConfigError(
      `device must be a PCI address or the name of a device, not ${JSON.stringify(device)}`,
    );
  }
  return isPciAddress(device) ? formatPciAddress(parsePciAddress(device)) : device;
}
