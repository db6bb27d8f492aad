/**
 * This host, as ports see it.
 *
 * Owns the way from places to devices. A PF is known by its name in sysfs; names of network devices are looked up
 * anew each time and never kept for longer than they are true.
 */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Inventory } from '../binding/inventory.ts';
import { formatPlace, type Place } from '../binding/place.ts';
import { DeadlineError, KernelError, RefusedError, SriovError } from '../errors.ts';
import { PhysicalFunction } from '../host/physical-function.ts';
import { isRepresentorPort, physPortName, readNumber } from '../host/sysfs.ts';
import { restoreDriver, unbindDriver } from '../lifecycle/driver.ts';
import { netDevicesOf, readVfFunction } from '../lifecycle/function.ts';
import {
  changeLink,
  type LinkName,
  macvtapsOn,
  makeMacvtap,
  readLink,
  removeMacvtap,
} from '../lifecycle/macvtap.ts';
import type { VfConfig, VfState } from '../vf/config.ts';
import type { ProgramReport } from '../vf/report.ts';
import type { VfTable } from '../vf/table.ts';
import { generationOf, pfDirectory } from './generation.ts';
import type { VfHost, VfNetDevice } from './host.ts';
import { readInventory } from './linux-inventory.ts';
import { bootId } from './process.ts';

export interface LinuxHostOptions {
  /** As in `binding:host_id`. Default: the host's name as `hostname` says it. */
  readonly name?: string;
}

/**
 * The host that this process runs on, in its network namespace.
 *
 * @throws nothing before the first request
 */
export function createLinuxHost(options: LinuxHostOptions = {}): VfHost {
  return new LinuxHost(options.name ?? hostname());
}

/** How long a VF's new network device is waited for after its driver was bound again, in ms. */
const NET_DEVICE_MS = 30_000;

/** What drivers say to a MAC that the PF has fixed: igbvf, ixgbevf; iavf and ice's VFs; others. */
const MAC_IS_FIXED: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'EPERM', 'EACCES']);

class LinuxHost implements VfHost {
  readonly name: string;
  readonly bootId: string = bootId();
  readonly #pfs = new Map<string, { readonly pf: PhysicalFunction; readonly netDevice: string }>();

  constructor(name: string) {
    this.name = name;
  }

  inventory(): Promise<Inventory> {
    return readInventory(this.name, (pf) => this.#readTable(pf));
  }

  generation(place: Place): Promise<string | undefined> {
    return Promise.resolve(generationOf(place));
  }

  async read(pf: string): Promise<readonly VfState[]> {
    return (await this.#readTable(pf)).toConfigs();
  }

  async program(
    pf: string,
    configs: readonly VfConfig[],
    { verify = true }: { readonly verify?: boolean } = {},
  ): Promise<ProgramReport> {
    return this.#open(pf).programVfs(configs, { verify });
  }

  netDevice(place: Place): Promise<VfNetDevice | null> {
    return Promise.resolve(find(place));
  }

  async setNetDevice(place: Place, want: { readonly mac?: string; readonly up?: boolean }): Promise<void> {
    let device = requireDevice(place);
    const mac = want.mac?.toLowerCase();
    if (mac !== undefined && mac !== device.mac) {
      try {
        await changeLink(device, { mac });
      } catch (error) {
        if (!(error instanceof SriovError) || !MAC_IS_FIXED.has(error.code)) throw error;
        device = await rebind(place, device, mac, error);
      }
    }
    if (want.up !== undefined && want.up !== device.up) await changeLink(device, { up: want.up });
  }

  async createMacvtap(place: Place, name: string): Promise<LinkName> {
    const device = requireDevice(place);
    const made =
      device.uppers.find((upper) => upper.name === name) ?? (await makeMacvtap(device.ifindex, name));
    await changeLink(made, { up: true });
    return { name: made.name, ifindex: made.ifindex };
  }

  async removeMacvtap(place: Place, name: string): Promise<void> {
    const upper = find(place)?.uppers.find((one) => one.name === name);
    if (upper === undefined) return;
    try {
      await removeMacvtap(upper);
    } catch (error) {
      // Someone was faster.
      if (!(error instanceof SriovError) || error.code !== 'ENODEV') throw error;
    }
  }

  #readTable(pf: string): Promise<VfTable> {
    return this.#open(pf).readVfs();
  }

  /**
   * Opening asks for port names, which waits for whoever holds rtnl; so what is open stays so for as long as the
   * PF's network device has the same name and ifindex, of which the kernel tells without that lock.
   */
  #open(device: string): PhysicalFunction {
    const directory = pfDirectory(device);
    const known = this.#pfs.get(device);
    if (known !== undefined && directory !== undefined) {
      if (readNumber(`${directory}/net/${known.netDevice}/ifindex`) === known.pf.ifindex) return known.pf;
    }
    this.#pfs.delete(device);
    const netDevice = directory === undefined ? undefined : uplinkIn(directory);
    if (netDevice === undefined) throw gone(device, directory !== undefined);
    const pf = PhysicalFunction.open(netDevice);
    // Between the two looks the name may have gone to another device.
    if (pf.device !== device) throw gone(device, true);
    this.#pfs.set(device, { pf, netDevice });
    return pf;
  }
}

function uplinkIn(directory: string): string | undefined {
  return netDevicesOf(directory).find((name) => !isRepresentorPort(physPortName(name)));
}

function gone(device: string, isThere: boolean): KernelError {
  const why = isThere
    ? 'it has no network device here: no driver is bound, or it is in another network namespace'
    : 'there is no such device';
  return new KernelError('ENODEV', `${device}: ENODEV: ${why}`, { errno: -19, target: { pf: device } });
}

function find({ pf, vf }: Place): VfNetDevice | null {
  const directory = pfDirectory(pf);
  if (directory === undefined) return null;
  const name =
    vf === null ? uplinkIn(directory) : (readVfFunction(directory, vf)?.netDevices[0] ?? undefined);
  const link = name === undefined ? undefined : readLink(name);
  return link === undefined ? null : { ...link, uppers: macvtapsOn(link.name) };
}

function requireDevice(place: Place): VfNetDevice {
  const device = find(place);
  if (device !== null) return device;
  throw new RefusedError(
    `${formatPlace(place)} has no network device here: no network driver is bound to it, or it is in another network namespace`,
    targetOf(place),
  );
}

function targetOf({ pf, vf }: Place): { readonly pf: string; readonly vf?: number } {
  return vf === null ? { pf } : { pf, vf };
}

/**
 * Starts a VF's driver anew, so that it asks the PF for its MAC: igbvf does so when it is bound and at no other
 * time (drivers/net/ethernet/intel/igbvf/netdev.c: igbvf_probe).
 */
async function rebind(
  place: Place,
  device: VfNetDevice,
  mac: string,
  refusal: SriovError,
): Promise<VfNetDevice> {
  const directory = pfDirectory(place.pf);
  const found =
    directory === undefined || place.vf === null ? undefined : readVfFunction(directory, place.vf);
  if (found === undefined) throw refusal;
  if (device.uppers.length > 0) {
    const names = device.uppers.map(({ name }) => name).join(', ');
    throw new RefusedError(
      `${formatPlace(place)}: ${refusal.message}; binding its driver again would take ${names} away`,
      targetOf(place),
    );
  }
  // It is ours, and what is on top of it was looked for.
  await restoreDriver(await unbindDriver(found.pciAddress, { force: true }));
  const fresh = await waitForNetDevice(place, device.ifindex);
  if (fresh.mac === mac) return fresh;
  refusal.message += `; after its driver was bound again it has ${fresh.mac}`;
  throw refusal;
}

async function waitForNetDevice(place: Place, oldIfindex: number): Promise<VfNetDevice> {
  const end = performance.now() + NET_DEVICE_MS;
  for (;;) {
    const device = find(place);
    if (device !== null && device.ifindex !== oldIfindex) return device;
    if (performance.now() > end) {
      const message = `${formatPlace(place)}: no network device ${NET_DEVICE_MS} ms after its driver was bound again`;
      throw new DeadlineError(message, false, targetOf(place));
    }
    await sleep(20);
  }
}
