/**
 * The narrow way from ports to VFs: all that applying and releasing a binding may ask of a host.
 *
 * Owns the interface. `linux-host.ts` is the one that ships; tests have one without a kernel.
 */
import type { Inventory } from '../binding/inventory.ts';
import type { Place } from '../binding/place.ts';
import type { VfConfig, VfState } from '../vf/config.ts';
import type { ProgramReport } from '../vf/report.ts';

/** What a VF's network device is like; for macvtap. */
export interface VfNetDevice {
  readonly name: string;
  readonly ifindex: number;
  readonly mac: string;
  readonly up: boolean;
  /** Macvtap devices on top of it. */
  readonly uppers: readonly { readonly name: string; readonly ifindex: number }[];
}

export interface VfHost {
  /** As in `binding:host_id`. */
  readonly name: string;
  /** Changes with each boot (/proc/sys/kernel/random/boot_id). */
  readonly bootId: string;
  inventory(): Promise<Inventory>;
  /**
   * Tells one life of a VF from the next: equal as long as neither the VF nor its PF was taken away, whatever
   * their names. Undefined = it is not there.
   */
  generation(place: Place): Promise<string | undefined>;
  /** All VFs of a PF by one request. @throws KernelError - `ENODEV`: the PF is not there */
  read(pf: string): Promise<readonly VfState[]>;
  /** One packed request, verified by read-back unless that is not wanted; failures are in the report. */
  program(
    pf: string,
    configs: readonly VfConfig[],
    options?: { readonly verify?: boolean },
  ): Promise<ProgramReport>;
  /** The network device of a VF; null when it has none here. */
  netDevice(place: Place): Promise<VfNetDevice | null>;
  /** Gives a VF's network device a MAC and a state; rebinds its driver where that is what it takes. */
  setNetDevice(place: Place, want: { readonly mac?: string; readonly up?: boolean }): Promise<void>;
  /** Makes a macvtap device in passthru mode on a VF's network device, or finds the one that is there. */
  createMacvtap(place: Place, name: string): Promise<{ readonly name: string; readonly ifindex: number }>;
  /** Removes a macvtap device of a VF; does nothing when there is none. */
  removeMacvtap(place: Place, name: string): Promise<void>;
}
