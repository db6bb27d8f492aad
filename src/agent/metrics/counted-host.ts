/**
 * A host whose requests to the kernel are told to a meter.
 *
 * Owns which requests are told, and how an error is. It passes each one on as it is and each answer back as it came:
 * it must never retry, cache, delay or change anything.
 */
import type { Inventory } from '../../binding/inventory.ts';
import type { Place } from '../../binding/place.ts';
import { IncompleteReadError, SriovError } from '../../errors.ts';
import type { VfHost, VfNetDevice } from '../../port/host.ts';
import type { VfState } from '../../vf/config.ts';
import type { ProgramReport } from '../../vf/report.ts';

/** Told of each request to the kernel's rtnetlink after it was answered. Its methods must not throw. */
export interface HostMeter {
  /** All VFs of a PF were read by one request that took `ms`; `vfs` = how many the kernel listed. */
  onRead(pf: string, ms: number, vfs: number): void;
  /** VFs of a PF were set, with what came of it. `ms` counts the wait in the queue of the PF, `report` does not. */
  onProgram(pf: string, report: ProgramReport, ms: number): void;
  /**
   * A read or a program came to nothing as a whole. `code` is that of {@link SriovError}: an errno name, or
   * `SRIOV_...` where the kernel was not asked or left something out.
   */
  onError(pf: string, code: string): void;
  /** The inventory was taken in `ms`, most of it not in rtnetlink; the VFs of each PF of `pfs` were read once. */
  onInventory(pfs: readonly string[], ms: number): void;
}

/**
 * @param meter - told of each request from now on; {@link addMeter} adds more
 */
export function countHost(host: VfHost, meter: HostMeter): VfHost {
  return new CountedHost(host, meter);
}

/**
 * Has one more meter told of the requests of a host made by {@link countHost}.
 *
 * @returns ends it
 * @throws TypeError - `host` was not made by {@link countHost}: nothing would ever be counted
 */
export function addMeter(host: VfHost, meter: HostMeter): () => void {
  if (!(host instanceof CountedHost)) throw new TypeError('requests of this host are not counted');
  host.meters.add(meter);
  return () => {
    host.meters.delete(meter);
  };
}

class CountedHost implements VfHost {
  readonly name: string;
  readonly bootId: string;
  readonly meters: Set<HostMeter>;
  readonly #host: VfHost;

  constructor(host: VfHost, meter: HostMeter) {
    this.name = host.name;
    this.bootId = host.bootId;
    this.meters = new Set([meter]);
    this.#host = host;
  }

  async inventory(): Promise<Inventory> {
    const start = performance.now();
    const inventory = await this.#host.inventory();
    const ms = performance.now() - start;
    // PFs without VFs, or without a network device to ask, are not read for it.
    const read = inventory.pfs.filter((pf) => pf.netDevice !== null && pf.vfs.length > 0);
    const pfs = read.map(({ device }) => device);
    for (const meter of this.meters) meter.onInventory(pfs, ms);
    return inventory;
  }

  generation(place: Place): Promise<string | undefined> {
    return this.#host.generation(place);
  }

  async read(pf: string): Promise<readonly VfState[]> {
    const start = performance.now();
    try {
      const states = await this.#host.read(pf);
      this.#tellRead(pf, start, states.length);
      return states;
    } catch (error) {
      // The kernel was asked and did answer, if not for each VF.
      if (error instanceof IncompleteReadError) this.#tellRead(pf, start, error.listed);
      this.#tellError(pf, error);
      throw error;
    }
  }

  // Taken as the interface has them, so that an option which is added there is passed on from here.
  async program(...request: Parameters<VfHost['program']>): Promise<ProgramReport> {
    const [pf] = request;
    const start = performance.now();
    try {
      const report = await this.#host.program(...request);
      const ms = performance.now() - start;
      for (const meter of this.meters) meter.onProgram(pf, report, ms);
      return report;
    } catch (error) {
      this.#tellError(pf, error);
      throw error;
    }
  }

  netDevice(place: Place): Promise<VfNetDevice | null> {
    return this.#host.netDevice(place);
  }

  setNetDevice(...request: Parameters<VfHost['setNetDevice']>): Promise<void> {
    return this.#host.setNetDevice(...request);
  }

  createMacvtap(place: Place, name: string): Promise<{ readonly name: string; readonly ifindex: number }> {
    return this.#host.createMacvtap(place, name);
  }

  removeMacvtap(place: Place, name: string): Promise<void> {
    return this.#host.removeMacvtap(place, name);
  }

  #tellRead(pf: string, start: number, vfs: number): void {
    const ms = performance.now() - start;
    for (const meter of this.meters) meter.onRead(pf, ms, vfs);
  }

  /** What is no {@link SriovError} is a mistake of a program, and no answer of the kernel. */
  #tellError(pf: string, error: unknown): void {
    if (!(error instanceof SriovError)) return;
    for (const meter of this.meters) meter.onError(pf, error.code);
  }
}
