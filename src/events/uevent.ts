/**
 * Kernel uevents as typed events.
 *
 * Owns the public types and the reading of the text. The addon has checked its form.
 */

/** What happened to a device (kobject_actions, lib/kobject_uevent.c). */
export type UeventAction = 'add' | 'remove' | 'change' | 'move' | 'online' | 'offline' | 'bind' | 'unbind';

/** Subsystems that are watched. */
export type UeventSubsystem = 'pci' | 'netdevsim' | 'net' | 'infiniband' | 'vdpa' | 'vfio';

/**
 * The kernel told of a device. Source: kobject_uevent_env (lib/kobject_uevent.c), as the kernel sends it: udev may
 * still be about to act on it (rename a network device, say).
 *
 * Making VFs gives `add` for each and then `change` for their PF, on PCI (sriov_enable,
 * drivers/pci/iov.c); netdevsim says nothing of its VFs.
 */
export interface DeviceUevent {
  readonly type: 'uevent';
  readonly action: UeventAction;
  readonly subsystem: UeventSubsystem;
  /** Name of the device: a PCI address, `netdevsim1`, the name of a network device. */
  readonly device: string;
  /** Path below /sys, from `/devices` (DEVPATH). */
  readonly path: string;
  /** Driver that is bound (DRIVER); null when none is, and when the kernel does not say. */
  readonly driver: string | null;
  /** All that the kernel said, by its own names; empty when `synthesized`. */
  readonly properties: Readonly<Record<string, string>>;
  /** Worked out from sysfs after uevents were lost, not said by the kernel. */
  readonly synthesized: boolean;
}

/**
 * From here on nothing is missed. The first one says that the watch has begun. One with `afterLoss` says that uevents
 * were lost: devices of `pci` and `netdevsim` that came, went, or changed their driver have been told as
 * `synthesized`; what else may have been said is unknown.
 */
export interface UeventsSynced {
  readonly type: 'synced';
  readonly afterLoss: boolean;
}

/** What a watch of uevents yields, told apart by `type`. */
export type HostUevent = DeviceUevent | UeventsSynced;

/** Reads "add@/devices/...", then KEY=VALUE, separated by zeros. */
export function parseUevent(text: string): DeviceUevent {
  const properties: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const line of text.split('\0').slice(1)) {
    const equals = line.indexOf('=');
    properties[line.slice(0, equals)] = line.slice(equals + 1);
  }
  const path = properties['DEVPATH'] ?? '';
  return Object.freeze({
    type: 'uevent',
    action: properties['ACTION'] as UeventAction,
    subsystem: properties['SUBSYSTEM'] as UeventSubsystem,
    device: path.slice(path.lastIndexOf('/') + 1),
    path,
    driver: properties['DRIVER'] ?? null,
    properties: Object.freeze(properties),
    synthesized: false,
  });
}
