/**
 * A host's functions made ready for choosing: indexed once, then one port after the other takes its own.
 *
 * Owns what is still free. Knows nothing of what a port wants; `suitable.ts` does.
 */
import { InvalidConfigError } from '../errors.ts';
import { comparePciAddresses, formatPciAddress, isPciAddress, parsePciAddress } from '../pci/address.ts';
import type { DeviceSpec } from './device-spec/device-spec.ts';
import { candidateOfPf, candidateOfVf, matchDeviceSpec, type DeviceCandidate } from './device-spec/match.ts';
import type { Inventory, InventoryPf, InventoryVf } from './inventory.ts';
import { formatPlace } from './place.ts';
import type { BindPolicy } from './policy.ts';

/** What all functions of one kind have in common: if one is unsuitable, all are. */
export interface Kind {
  readonly pf: InventoryPf;
  readonly excluded: boolean;
  /** The device spec that makes it available; null = none does, undefined = the policy has none at all. */
  readonly spec: DeviceSpec | null | undefined;
  readonly vendorProduct: string | null;
  readonly hasNetDevice: boolean;
  /** Of its PF; null when the policy has no mappings. */
  readonly networks: ReadonlySet<string> | null;
}

/** VFs of one kind on one PF. */
export interface Lot extends Kind {
  readonly of: PfStock;
  /** In order of number. */
  readonly vfs: VfStock[];
  /** All before it are gone. Only grows: what a binder gave away it does not take back. */
  next: number;
}

export interface VfStock {
  readonly place: string;
  readonly lot: Lot;
  readonly vf: InventoryVf;
  /** Id of the port that has it; null = free. */
  owner: string | null;
}

export interface PfStock {
  readonly place: string;
  readonly pf: InventoryPf;
  /** What the PF itself is like, for a port that wants all of it. */
  readonly kind: Kind;
  readonly lots: readonly Lot[];
  /** In order of number. */
  readonly vfs: readonly VfStock[];
  /** The port that has the PF itself. */
  owner: string | null;
  /** VFs that could still be given away. */
  free: number;
  /** VFs that ports have. */
  held: number;
}

export interface Stock {
  readonly host: string;
  /** In order of name, whatever the inventory's. */
  readonly pfs: readonly PfStock[];
  /** By canonical PCI address. */
  readonly byAddress: ReadonlyMap<string, PfStock | VfStock>;
  /** By text of the place. */
  readonly byPlace: ReadonlyMap<string, PfStock | VfStock>;
  /** What ports had at the start or have been given. */
  readonly byPort: Map<string, (PfStock | VfStock)[]>;
}

/** @throws InvalidConfigError - an excluded VF is not named by a PCI address */
export function takeStock(
  inventory: Inventory,
  policy: BindPolicy,
  taken: ReadonlyMap<string, string>,
): Stock {
  const pfs = inventory.pfs
    .toSorted((a, b) => compareDevices(a.device, b.device))
    .map((pf) => stockPf(pf, policy));
  const byAddress = new Map<string, PfStock | VfStock>();
  const byPlace = new Map<string, PfStock | VfStock>();
  const byPort = new Map<string, (PfStock | VfStock)[]>();
  for (const pf of pfs) {
    byPlace.set(pf.place, pf);
    if (pf.pf.pciAddress !== null) byAddress.set(canonical(pf.pf.pciAddress), pf);
    for (const vf of pf.vfs) {
      byPlace.set(vf.place, vf);
      if (vf.vf.pciAddress !== null) byAddress.set(canonical(vf.vf.pciAddress), vf);
    }
  }
  const stock = { host: inventory.host, pfs, byAddress, byPlace, byPort };
  for (const [place, port] of taken) {
    const at = byPlace.get(place);
    if (at !== undefined) give(stock, at, port);
  }
  return stock;
}

/** From now on it is this port's. */
export function give(stock: Pick<Stock, 'byPort'>, at: PfStock | VfStock, port: string): void {
  if (at.owner === null && 'lot' in at) {
    at.lot.of.held++;
    if (isOnShelf(at)) at.lot.of.free--;
  }
  at.owner = port;
  const mine = stock.byPort.get(port);
  if (mine === undefined) stock.byPort.set(port, [at]);
  else if (!mine.includes(at)) mine.push(at);
}

/** The free VF with the lowest number; undefined = there is none left. Takes constant time on average. */
export function firstFree(lot: Lot): VfStock | undefined {
  for (; lot.next < lot.vfs.length; lot.next++) {
    const vf = lot.vfs[lot.next] as VfStock;
    if (vf.owner === null && vf.vf.inUse === null) return vf;
  }
  return undefined;
}

/** PCI addresses in the order of the bus, other names by their text and then their number (`netdevsim10`). */
export function compareDevices(a: string, b: string): number {
  if (isPciAddress(a) && isPciAddress(b)) return comparePciAddresses(parsePciAddress(a), parsePciAddress(b));
  const [stemA, numberA] = splitNumber(a);
  const [stemB, numberB] = splitNumber(b);
  return compareText(stemA, stemB) || numberA - numberB || compareText(a, b);
}

function splitNumber(name: string): [string, number] {
  const stem = name.replace(/\d+$/, '');
  return [stem, Number(name.slice(stem.length))];
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** PCI addresses in one spelling; other names as they are. */
export function canonical(name: string): string {
  return isPciAddress(name) ? formatPciAddress(parsePciAddress(name)) : name;
}

function stockPf(pf: InventoryPf, policy: BindPolicy): PfStock {
  const common = {
    pf,
    networks: policy.mappings === undefined ? null : networksOf(pf, policy.mappings),
  };
  const kind: Kind = {
    ...common,
    excluded: false,
    spec: specFor(policy, candidateOfPf(pf)),
    vendorProduct: pf.vendorProduct,
    hasNetDevice: pf.netDevice !== null,
  };
  const lots = new Map<string, Lot>();
  const vfs: VfStock[] = [];
  const place = formatPlace({ pf: pf.device, vf: null });
  const stock: PfStock = { place, pf, kind, lots: [], vfs, owner: null, free: 0, held: 0 };
  const excluded = excludedOf(pf, policy.exclude);
  for (const vf of pf.vfs.toSorted((a, b) => a.vf - b.vf)) {
    const spec = specFor(policy, candidateOfVf(pf, vf));
    const own = {
      excluded: vf.pciAddress !== null && excluded.has(canonical(vf.pciAddress)),
      vendorProduct: vf.vendorProduct,
      hasNetDevice: vf.netDevices.length > 0,
    };
    const key = JSON.stringify([own, spec ? policy.deviceSpecs?.indexOf(spec) : spec]);
    let lot = lots.get(key);
    if (lot === undefined) lots.set(key, (lot = { ...common, ...own, spec, of: stock, vfs: [], next: 0 }));
    const entry: VfStock = { place: formatPlace({ pf: pf.device, vf: vf.vf }), lot, vf, owner: null };
    lot.vfs.push(entry);
    vfs.push(entry);
    if (isOnShelf(entry)) stock.free++;
  }
  return Object.assign(stock, { lots: [...lots.values()] });
}

function specFor({ deviceSpecs }: BindPolicy, candidate: DeviceCandidate): DeviceSpec | null | undefined {
  return deviceSpecs && (matchDeviceSpec(deviceSpecs, candidate)?.spec ?? null);
}

/** Whether it could be given to someone if nobody had it. */
function isOnShelf({ lot, vf }: VfStock): boolean {
  return !lot.excluded && lot.spec !== null && vf.inUse === null;
}

/** Names by which a PF can be called in a policy. */
function namesOf({ device, pciAddress, netDevice }: InventoryPf): Set<string> {
  const names = [device, pciAddress, netDevice].filter((name) => name !== null);
  return new Set(names.map(canonical));
}

function networksOf(pf: InventoryPf, mappings: ReadonlyMap<string, readonly string[]>): Set<string> {
  const names = namesOf(pf);
  const mapped = [...mappings].filter(([, pfs]) => pfs.some((name) => names.has(canonical(name))));
  return new Set(mapped.map(([network]) => network));
}

function excludedOf(pf: InventoryPf, exclude: BindPolicy['exclude']): Set<string> {
  const names = namesOf(pf);
  const addresses = [...(exclude ?? [])]
    .filter(([name]) => names.has(canonical(name)))
    .flatMap(([, vfs]) => vfs);
  for (const address of addresses) {
    if (isPciAddress(address)) continue;
    throw new InvalidConfigError(
      `excluded VF ${JSON.stringify(address)} of ${pf.device}: write its PCI address, such as 0000:03:10.1`,
    );
  }
  return new Set(addresses.map(canonical));
}
