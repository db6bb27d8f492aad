/**
 * The inventory of this host.
 *
 * Owns what is looked at and in which order: all PCI functions in one pass, each PF's VFs with one request, the
 * users of all of them in one pass. Changes nothing.
 */
import { networkInterfaces } from 'node:os';
import type { Inventory, InventoryPf, InventoryVf } from '../binding/inventory.ts';
import { SriovError } from '../errors.ts';
import { readText } from '../host/sysfs.ts';
import { type Candidate, type FunctionUser, findUsers } from '../lifecycle/users.ts';
import { enumeratePci } from '../pci/enumerate.ts';
import type { PciFunction, PciPhysicalFunction, PciVirtualFunction } from '../pci/function.ts';
import { VF_ATTRIBUTES, type VfAttribute } from '../vf/config.ts';
import type { VfTable } from '../vf/table.ts';

/** Class codes of network controllers begin so (PCI Code and ID Assignment, 02h). */
const NETWORK = 0x02;

/** @param readVfs - one read of all VFs of a PF */
export async function readInventory(
  host: string,
  readVfs: (pf: string) => Promise<VfTable>,
): Promise<Inventory> {
  const functions = await enumeratePci();
  const pfs = functions.filter(isNetworkPf);
  const vfs = new Map<string, PciVirtualFunction>();
  for (const one of functions) if (one.role === 'vf') vfs.set(one.device, one);
  const [users, lacks] = await Promise.all([
    usersOf(pfs, vfs),
    Promise.all(pfs.map((pf) => lacksOf(pf, readVfs))),
  ]);
  const list = pfs.map((pf, index): InventoryPf => {
    const netDevice = uplinkOf(pf);
    return {
      device: pf.device,
      pciAddress: pf.address,
      vendorProduct: vendorProductOf(pf),
      driver: pf.driver,
      netDevice,
      mac: (netDevice === null ? undefined : readText(`/sys/class/net/${netDevice}/address`)) ?? null,
      numaNode: pf.numaNode,
      // Not by the switch id: some drivers (netdevsim, ice) have one in legacy mode as well.
      switchdev: pf.netDevices.some(({ role }) => role === 'representor'),
      lacks: lacks[index] ?? [],
      inUse: pfInUse(netDevice, users.get(pf.device) ?? []),
      vfs: vfsOf(pf, vfs, users),
    };
  });
  // Code units and not a locale's order.
  return { host, pfs: list.sort((a, b) => (a.device < b.device ? -1 : 1)) };
}

function isNetworkPf(one: PciFunction): one is PciPhysicalFunction {
  if (one.role !== 'pf') return false;
  return one.bus === 'netdevsim' || one.netDevices.length > 0 || (one.ids?.class ?? 0) >> 16 === NETWORK;
}

/** Name of the network device of a PF that is not a VF's representor. */
function uplinkOf(pf: PciPhysicalFunction): string | null {
  return pf.netDevices.find(({ role }) => role !== 'representor')?.name ?? null;
}

function vendorProductOf({ ids }: PciFunction): string | null {
  if (ids === null) return null;
  const hex = (id: number): string => id.toString(16).padStart(4, '0');
  return `${hex(ids.vendor)}:${hex(ids.device)}`;
}

function vfsOf(
  pf: PciPhysicalFunction,
  vfs: ReadonlyMap<string, PciVirtualFunction>,
  users: ReadonlyMap<string, readonly FunctionUser[]>,
): InventoryVf[] {
  if (pf.bus === 'netdevsim') {
    return Array.from({ length: pf.numVfs }, (_, vf) => {
      return { vf, pciAddress: null, vendorProduct: null, driver: null, netDevices: [], inUse: null };
    });
  }
  return pf.vfs.map(({ index, address }): InventoryVf => {
    const found = vfs.get(address);
    return {
      vf: index,
      pciAddress: address,
      vendorProduct: found === undefined ? null : vendorProductOf(found),
      driver: found?.driver ?? null,
      netDevices: found?.netDevices.map(({ name }) => name) ?? [],
      inUse: describe(users.get(address) ?? []),
    };
  });
}

/** The first VF speaks for all: it is the driver that has an attribute or has it not. */
async function lacksOf(
  pf: PciPhysicalFunction,
  readVfs: (pf: string) => Promise<VfTable>,
): Promise<readonly VfAttribute[]> {
  if (uplinkOf(pf) === null) return VF_ATTRIBUTES;
  if (pf.numVfs === 0) return [];
  try {
    const table = await readVfs(pf.device);
    if (table.length === 0) return [];
    const state = table.row(0);
    return VF_ATTRIBUTES.filter((attribute) => state[attribute] === undefined);
  } catch (error) {
    // Gone since, without VF operations, or without a complete list: then nothing of it can be relied on.
    if (error instanceof SriovError && error.code !== 'SRIOV_UNSUPPORTED_PLATFORM') return VF_ATTRIBUTES;
    throw error;
  }
}

async function usersOf(
  pfs: readonly PciPhysicalFunction[],
  vfs: ReadonlyMap<string, PciVirtualFunction>,
): Promise<Map<string, FunctionUser[]>> {
  const asked: Candidate[] = [];
  for (const pf of pfs) {
    if (pf.address === null) continue;
    asked.push({ pciAddress: pf.address, ...driverOf(pf) });
    for (const { index, address } of pf.vfs) {
      asked.push({ vf: index, pciAddress: address, ...driverOf(vfs.get(address)) });
    }
  }
  const byAddress = new Map<string, FunctionUser[]>();
  for (const user of await findUsers(asked)) {
    const list = byAddress.get(user.pciAddress);
    if (list === undefined) byAddress.set(user.pciAddress, [user]);
    else list.push(user);
  }
  return byAddress;
}

function driverOf(one: PciFunction | undefined): { readonly driver?: string } {
  return one?.driver === null || one === undefined ? {} : { driver: one.driver };
}

/** A PF that is up is not used by that: its VFs need it so. An address, an upper device or a process is a use. */
function pfInUse(netDevice: string | null, users: readonly FunctionUser[]): string | null {
  const addresses = (netDevice === null ? undefined : networkInterfaces()[netDevice]) ?? [];
  const reasons = addresses
    .filter(({ address }) => !/^fe[89ab]/i.test(address))
    .map(({ address }) => `${netDevice} has address ${address}`);
  const others = describe(users.filter(({ reason }) => reason !== 'up'));
  return [...reasons, ...(others === null ? [] : [others])].join('; ') || null;
}

function describe(users: readonly FunctionUser[]): string | null {
  if (users.length === 0) return null;
  return `${users[0]?.pciAddress}: ${users.map(({ detail }) => detail).join('; ')}`;
}
