/**
 * Watching devices come and go.
 *
 * Owns the public call and the checking of its options.
 */
import { InvalidConfigError } from '../errors.ts';
import { monitors } from './monitors.ts';
import { checkedOptions } from './options.ts';
import type { HostUevent, UeventSubsystem } from './uevent.ts';
import type { Watch, WatchOptions } from './watch.ts';

/** Options of {@link watchUevents}. */
export interface WatchUeventsOptions extends WatchOptions {
  /** All that are watched by default. */
  readonly subsystems?: readonly UeventSubsystem[];
}

const SUBSYSTEMS: readonly string[] = ['pci', 'netdevsim', 'net', 'infiniband', 'vdpa', 'vfio'];

/**
 * Yields what the kernel tells of devices: PCI functions (VFs among them), netdevsim devices, and what appears on
 * them.
 *
 * The first event is `synced`: what happens after it is told. A reader who is slow gets of each device at most
 * one event of each action, and nothing of devices that came and went meanwhile. When the kernel had to drop some, PCI
 * and netdevsim devices are read again. All watches of a thread share one socket.
 *
 * In a network namespace of a user namespace other than the first, the kernel tells of network devices alone
 * (kobject_uevent_net_broadcast).
 *
 * @throws {KernelError} when there is no socket or thread to be had: EMFILE, EAGAIN, ...; the iteration throws one
 * when sysfs could not be read in seven tries.
 * @throws {InvalidConfigError} for options of the wrong type.
 * @throws {AbortedError} by the iteration, when `signal` is aborted.
 * @throws {UnsupportedPlatformError} when there is no addon for this system.
 * @example
 * for await (const event of watchUevents({ subsystems: ['pci'] })) {
 *   if (event.type === 'uevent' && event.action === 'add') console.log('new function', event.device);
 * }
 */
export function watchUevents(options: WatchUeventsOptions = {}): Watch<HostUevent> {
  const { subsystems } = options;
  const common = checkedOptions(options);
  return monitors().uevents.watch({ ...common, subsystems: checkedSubsystems(subsystems) });
}

function checkedSubsystems(
  subsystems: readonly UeventSubsystem[] | undefined,
): ReadonlySet<UeventSubsystem> | undefined {
  if (subsystems === undefined) return undefined;
  const wrong = Array.isArray(subsystems)
    ? subsystems.find((subsystem) => !SUBSYSTEMS.includes(subsystem))
    : subsystems;
  if (wrong !== undefined) {
    throw new InvalidConfigError(`subsystems are ${SUBSYSTEMS.join(', ')}; not ${JSON.stringify(wrong)}`);
  }
  return new Set(subsystems);
}
