/**
 * From the addon's bytes to frozen objects.
 *
 * Owns the reading of layout.ts. Must trust the addon for the structure, and never a name for its content.
 */

import type { PciFunction, PciFunctionCommon, PciIds, UnreadableAttribute, VfLink } from './function.ts';
import { isGuestVf } from './guest-vf.ts';
import {
  COMPANION,
  COMPANION_KIND,
  FLAG,
  FUNCTION,
  HEADER,
  LAYOUT_VERSION,
  NET,
  UNREADABLE,
} from './layout.ts';
import type { PciNameTable } from './names.ts';
import { classifyPort, type NetDevice } from './net-device.ts';

/** What an enumeration gave: functions, or the error that stopped it. */
export interface DecodedEnumeration {
  readonly functions: PciFunction[];
  /** Positive errno, 0 for none. */
  readonly errno: number;
  /** What could not be read, relative to the root of sysfs. */
  readonly errorPath: string;
  /** System calls that the addon made for it. */
  readonly systemCalls: number;
}

const NONE: readonly never[] = Object.freeze([]);

/** Reads what {@link PciNative} gave; `names` may be null. */
export function decodeEnumeration(buffer: ArrayBuffer, names: PciNameTable | null): DecodedEnumeration {
  const header = new Int32Array(buffer, 0, HEADER.words);
  if (header[HEADER.version] !== LAYOUT_VERSION) {
    throw new Error(
      `the addon speaks enumeration layout ${header[HEADER.version]}, not ${LAYOUT_VERSION}: rebuild it`,
    );
  }
  const count = header[HEADER.functions] ?? 0;
  const netAt = HEADER.words + count * FUNCTION.words;
  const companionAt = netAt + (header[HEADER.netDevices] ?? 0) * NET.words;
  const end = companionAt + (header[HEADER.companions] ?? 0) * COMPANION.words;
  const words = new Int32Array(buffer, 0, end);
  const strings = Buffer.from(buffer, end * 4, header[HEADER.stringBytes] ?? 0)
    .toString('utf8')
    .split('\n');
  const table: Table = { words, strings, names, vfs: collectVfs(words, strings, count) };

  const functions: PciFunction[] = Array.from({ length: count });
  let net = netAt;
  let companion = companionAt;
  for (let i = 0; i < count; i++) {
    let netDevices: readonly NetDevice[] = NONE;
    if (net < companionAt && words[net + NET.function] === i) {
      const list: NetDevice[] = [];
      for (; net < companionAt && words[net + NET.function] === i; net += NET.words)
        list.push(netDevice(table, net));
      netDevices = Object.freeze(list);
    }
    let rdma: readonly string[] = NONE;
    let vdpa: readonly string[] = NONE;
    for (; companion < end && words[companion + COMPANION.function] === i; companion += COMPANION.words) {
      const name = text(table, companion + COMPANION.name) ?? '';
      if (words[companion + COMPANION.kind] === COMPANION_KIND.rdma) rdma = Object.freeze([...rdma, name]);
      else vdpa = Object.freeze([...vdpa, name]);
    }
    functions[i] = pciFunction(table, HEADER.words + i * FUNCTION.words, netDevices, rdma, vdpa);
  }
  return {
    functions,
    errno: header[HEADER.error] ?? 0,
    errorPath: strings[header[HEADER.errorPath] ?? 0] ?? '',
    systemCalls: (header[HEADER.systemCalls] ?? 0) >>> 0,
  };
}

interface Table {
  readonly words: Int32Array;
  readonly strings: readonly string[];
  readonly names: PciNameTable | null;
  /** VFs by the name of their PF, in order of number. */
  readonly vfs: ReadonlyMap<string, VfLink[]>;
}

function collectVfs(words: Int32Array, strings: readonly string[], count: number): Map<string, VfLink[]> {
  const vfs = new Map<string, VfLink[]>();
  for (let i = 0, at = HEADER.words as number; i < count; i++, at += FUNCTION.words) {
    const index = words[at + FUNCTION.vfIndex] ?? -1;
    if (index < 0) continue;
    const pf = strings[words[at + FUNCTION.pf] ?? 0] ?? '';
    const link = Object.freeze({ index, address: strings[words[at + FUNCTION.device] ?? 0] ?? '' });
    const links = vfs.get(pf);
    if (links === undefined) vfs.set(pf, [link]);
    else links.push(link);
  }
  // Rows come by address, which need not be the order of the numbers.
  for (const links of vfs.values()) Object.freeze(links.sort((a, b) => a.index - b.index));
  return vfs;
}

function pciFunction(
  table: Table,
  at: number,
  netDevices: readonly NetDevice[],
  rdmaDevices: readonly string[],
  vdpaDevices: readonly string[],
): PciFunction {
  const { words } = table;
  const flags = words[at + FUNCTION.flags] ?? 0;
  const netdevsim = (flags & FLAG.netdevsim) !== 0;
  const device = text(table, at + FUNCTION.device) ?? '';
  const ids = pciIds(words, at);
  const common: PciFunctionCommon = {
    bus: netdevsim ? 'netdevsim' : 'pci',
    device,
    address: netdevsim ? null : device,
    ids,
    names: ids === null || table.names === null ? null : table.names.lookup(ids),
    driver: text(table, at + FUNCTION.driver),
    numaNode: known(words, at + FUNCTION.numa),
    iommuGroup: known(words, at + FUNCTION.iommu),
    netDevices,
    rdmaDevices,
    vdpaDevices,
    unreadable: unreadable(words[at + FUNCTION.unreadable] ?? 0),
  };
  const numVfs = words[at + FUNCTION.numVfs] ?? -1;
  if (numVfs >= 0) {
    const autoprobe = known(words, at + FUNCTION.autoprobe);
    return Object.freeze({
      role: 'pf',
      ...common,
      totalVfs: known(words, at + FUNCTION.totalVfs),
      numVfs,
      driversAutoprobe: autoprobe === null ? null : autoprobe !== 0,
      vfDeviceId: known(words, at + FUNCTION.vfDeviceId),
      vfs: table.vfs.get(device) ?? NONE,
    });
  }
  if ((flags & FLAG.vf) !== 0 || (ids !== null && isGuestVf(common.driver, ids.vendor, ids.device))) {
    const pf = text(table, at + FUNCTION.pf);
    return Object.freeze({ role: 'vf', ...common, pf, vfIndex: known(words, at + FUNCTION.vfIndex) });
  }
  return Object.freeze({ role: 'function', ...common });
}

function netDevice(table: Table, at: number): NetDevice {
  const { words } = table;
  const physSwitchId = text(table, at + NET.switchId);
  const physPortName = text(table, at + NET.portName);
  const carrier = known(words, at + NET.carrier);
  return Object.freeze({
    ifindex: words[at + NET.ifindex] ?? 0,
    name: text(table, at + NET.name) ?? '',
    ...classifyPort(physSwitchId, physPortName),
    via: text(table, at + NET.via),
    operState: text(table, at + NET.operstate),
    carrier: carrier === null ? null : carrier !== 0,
    speedMbps: known(words, at + NET.speed),
    devPort: known(words, at + NET.devPort),
    physSwitchId,
    physPortName,
  });
}

function pciIds(words: Int32Array, at: number): PciIds | null {
  if (known(words, at + FUNCTION.class) === null) return null;
  return Object.freeze({
    vendor: words[at + FUNCTION.vendor] ?? 0,
    device: words[at + FUNCTION.deviceId] ?? 0,
    subsystemVendor: words[at + FUNCTION.subsystemVendor] ?? 0,
    subsystemDevice: words[at + FUNCTION.subsystemDevice] ?? 0,
    class: words[at + FUNCTION.class] ?? 0,
  });
}

function unreadable(bits: number): readonly UnreadableAttribute[] {
  if (bits === 0) return NONE;
  const list: UnreadableAttribute[] = [];
  if (bits & UNREADABLE.uevent) list.push('uevent');
  if (bits & UNREADABLE.numa) list.push('numa_node');
  if (bits & UNREADABLE.iommu) list.push('iommu_group');
  if (bits & UNREADABLE.sriov) list.push('sriov');
  return Object.freeze(list);
}

/** -1 stands for unknown. */
function known(words: Int32Array, at: number): number | null {
  const value = words[at] ?? -1;
  return value < 0 ? null : value;
}

/** The empty string, number 0, stands for none. */
function text(table: Table, at: number): string | null {
  const number = table.words[at] ?? 0;
  return number === 0 ? null : (table.strings[number] ?? null);
}
