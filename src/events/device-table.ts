/**
 * The devices that uevents have told of, to work out what lost ones would have said.
 *
 * Owns the comparison with a scan of sysfs. Knows `pci` and `netdevsim`, the buses that have VFs; uevents of others pass.
 */
import type { DeviceUevent, UeventAction, UeventSubsystem } from './uevent.ts';

/** A device as a scan found it. */
export interface ScannedDevice {
  readonly subsystem: UeventSubsystem;
  readonly device: string;
  readonly path: string;
  /** Null when none is bound. */
  readonly driver: string | null;
}

const NO_PROPERTIES: Readonly<Record<string, string>> = Object.freeze({});

export class DeviceTable {
  readonly #devices = new Map<string, ScannedDevice>();

  /** False if the uevent says what is known already: it was queued when a scan saw its effect. */
  apply({ action, subsystem, device, path, driver }: DeviceUevent): boolean {
    if (subsystem !== 'pci' && subsystem !== 'netdevsim') return true;
    const known = this.#devices.get(path);
    switch (action) {
      case 'remove':
        return this.#devices.delete(path);
      case 'add':
        if (known !== undefined) return false;
        break;
      case 'bind':
        if (known !== undefined && known.driver !== null && known.driver === driver) return false;
        break;
      case 'unbind':
        if (known?.driver === null) return false;
        break;
      default:
        return true;
    }
    const bound = action === 'unbind' ? null : driver;
    this.#devices.set(path, { subsystem, device, path, driver: bound });
    return true;
  }

  /** Takes over what a scan found, and gives the uevents that lead there: removals first. */
  scan(devices: readonly ScannedDevice[]): DeviceUevent[] {
    const uevents: DeviceUevent[] = [];
    const found = new Map(devices.map((device) => [device.path, device]));
    for (const [path, known] of this.#devices) {
      if (!found.has(path)) uevents.push(synthesize('remove', known));
    }
    for (const [path, device] of found) {
      const known = this.#devices.get(path);
      const before = known?.driver ?? null;
      if (known === undefined) uevents.push(synthesize('add', { ...device, driver: null }));
      if (before === device.driver) continue;
      if (before !== null) uevents.push(synthesize('unbind', { ...device, driver: null }));
      if (device.driver !== null) uevents.push(synthesize('bind', device));
    }
    this.#devices.clear();
    for (const [path, device] of found) this.#devices.set(path, device);
    return uevents;
  }

  clear(): void {
    this.#devices.clear();
  }
}

function synthesize(action: UeventAction, device: ScannedDevice): DeviceUevent {
  return Object.freeze({
    type: 'uevent',
    action,
    ...device,
    properties: NO_PROPERTIES,
    synthesized: true,
  });
}
