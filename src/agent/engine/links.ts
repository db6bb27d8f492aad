/**
 * The network devices of PFs, as the kernel's announcements keep them current, and which PF an event is about.
 *
 * Owns that mapping. Representors share the device of their PF and are not it.
 */
import { readlinkSync } from 'node:fs';
import path from 'node:path';
import type { LinkEvent, LinkState } from '../../events/link.ts';
import type { DeviceUevent } from '../../events/uevent.ts';
import { isRepresentorPort } from '../../host/sysfs.ts';

/** What a link event means for a PF. */
export interface LinkNews {
  readonly pf: string;
  /** `self`: the PF's own network device; `vf`: one of its VFs'; `upper`: a device on top of a VF's. */
  readonly what: 'self' | 'vf' | 'upper';
}

export class Links {
  readonly #uplinks = new Map<string, LinkState>();
  /** PF of a VF, which can't be asked any more when it is gone. */
  readonly #pfOf = new Map<string, string>();
  readonly #pfOfUpper: (name: string) => string | undefined;

  constructor(pfOfUpper: (name: string) => string | undefined) {
    this.#pfOfUpper = pfOfUpper;
  }

  uplink(pf: string): LinkState | undefined {
    return this.#uplinks.get(pf);
  }

  /** Devices with a network device of their own. */
  get devices(): Iterable<string> {
    return this.#uplinks.keys();
  }

  apply(event: Exclude<LinkEvent, { readonly type: 'synced' }>): LinkNews | undefined {
    const { link } = event;
    if (link.kind === 'macvtap') {
      const pf = event.type === 'removed' ? this.#pfOfUpper(link.name) : undefined;
      return pf === undefined ? undefined : { pf, what: 'upper' };
    }
    const { device } = link;
    // A VLAN or bridge has no device; a VF of another bus is none of ours.
    if (device === null || isRepresentorPort(link.portName ?? undefined)) return undefined;
    const pf = this.#physfn(device);
    if (pf !== undefined) return { pf, what: 'vf' };
    if (event.type !== 'removed') this.#uplinks.set(device, link);
    else if (this.#uplinks.get(device)?.ifindex === link.ifindex) this.#uplinks.delete(device);
    return { pf: device, what: 'self' };
  }

  /** Everything is told anew. */
  clear(): void {
    this.#uplinks.clear();
  }

  /** The PF that a uevent is about; undefined = none. */
  pfOfUevent({ subsystem, device, path: devicePath }: DeviceUevent): string | undefined {
    if (subsystem === 'net') return undefined;
    const physfn = this.#physfn(device);
    if (physfn !== undefined) return physfn;
    if (subsystem === 'pci' || subsystem === 'netdevsim') return device;
    // Of a driver on top of a function (vfio, vdpa, infiniband): the function is in the path.
    const parent = devicePath.split('/').findLast((part) => /^[0-9a-f]{4,8}:[0-9a-f]{2}:/.test(part));
    return parent === undefined ? undefined : (this.#physfn(parent) ?? parent);
  }

  #physfn(device: string): string | undefined {
    if (!device.includes(':')) return undefined;
    try {
      const pf = path.basename(readlinkSync(`/sys/bus/pci/devices/${device}/physfn`));
      this.#pfOf.set(device, pf);
      return pf;
    } catch {
      return this.#pfOf.get(device);
    }
  }
}
