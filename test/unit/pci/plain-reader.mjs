/**
 * The enumeration as one writes it with node:fs: a file per attribute, a folder per function.
 *
 * Owns an independent answer to the same question: the tests hold the addon to it, the benchmark measures
 * against it. Must share nothing with src/pci but the shape of the result and the naming of ports.
 */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

/** @typedef {import('../../../src/pci/function.ts').PciFunction} PciFunction */
/** @typedef {import('../../../src/pci/net-device.ts').NetDevice} NetDevice */
/** @typedef {typeof import('../../../src/pci/net-device.ts').classifyPort} ClassifyPort */

/**
 * @param {string} root
 * @param {ClassifyPort} classifyPort
 * @returns {PciFunction[]}
 */
export function readPlain(root, classifyPort) {
  const devices = path.join(root, 'bus/pci/devices');
  const vdpa = new Set(list(path.join(root, 'bus/vdpa/devices')));
  /** VF numbers by address: the PFs come first, and each names its VFs. @type {Map<string, number>} */
  const indexes = new Map();
  return readdirSync(devices)
    .sort(byAddress)
    .map((address) => {
      const read = readFunction(path.join(devices, address), address, vdpa, classifyPort);
      if (read.role === 'pf') for (const vf of read.vfs) indexes.set(vf.address, vf.index);
      return read.role === 'vf' ? { ...read, vfIndex: indexes.get(address) ?? null } : read;
    });
}

/**
 * @param {string} folder
 * @param {string} address
 * @param {ReadonlySet<string>} vdpa names of all vDPA devices
 * @param {ClassifyPort} classifyPort
 * @returns {PciFunction}
 */
function readFunction(folder, address, vdpa, classifyPort) {
  // What is not listed is not asked for: an exception costs more than a file.
  const entries = readdirSync(folder);
  const isVf = entries.includes('physfn');
  const number = (/** @type {string} */ name) => attribute(folder, name, Number);
  const common = {
    bus: /** @type {const} */ ('pci'),
    device: address,
    address,
    ids: {
      vendor: number('vendor') ?? 0,
      device: number('device') ?? 0,
      subsystemVendor: number('subsystem_vendor') ?? 0,
      subsystemDevice: number('subsystem_device') ?? 0,
      class: number('class') ?? 0,
    },
    names: null,
    driver: entries.includes('driver') ? target(folder, 'driver') : null,
    numaNode: nonNegative(number('numa_node')),
    iommuGroup: entries.includes('iommu_group') ? attribute(folder, 'iommu_group', Number, target) : null,
    netDevices: netDevices(folder, entries, isVf, classifyPort),
    rdmaDevices: entries.includes('infiniband') ? list(path.join(folder, 'infiniband')) : [],
    vdpaDevices: entries.filter((entry) => vdpa.has(entry)).sort(),
    unreadable: [],
  };
  if (entries.includes('sriov_totalvfs')) {
    const vfs = entries
      .filter((entry) => entry.startsWith('virtfn'))
      .map((entry) => ({ index: Number(entry.slice('virtfn'.length)), address: target(folder, entry) ?? '' }))
      .sort((a, b) => a.index - b.index);
    return {
      role: 'pf',
      ...common,
      totalVfs: number('sriov_totalvfs'),
      numVfs: vfs.length,
      driversAutoprobe: number('sriov_drivers_autoprobe') === 1,
      vfDeviceId: attribute(folder, 'sriov_vf_device', (text) => Number.parseInt(text, 16)),
      vfs,
    };
  }
  if (isVf) {
    return { role: 'vf', ...common, pf: target(folder, 'physfn'), vfIndex: null };
  }
  return { role: 'function', ...common };
}

/**
 * @param {string} folder
 * @param {string[]} entries
 * @param {boolean} isVf
 * @param {ClassifyPort} classifyPort
 * @returns {NetDevice[]}
 */
function netDevices(folder, entries, isVf, classifyPort) {
  const places = [
    ...(entries.includes('net') ? [null] : []),
    ...entries.filter((entry) => /^virtio\d+$|^[^.:]+\.[^.:]+\.\d+$/.test(entry)),
  ];
  return places
    .flatMap((via) =>
      list(path.join(folder, via ?? '', 'net')).map((name) => {
        const device = path.join(folder, via ?? '', 'net', name);
        const physSwitchId = isVf ? null : attribute(device, 'phys_switch_id', String);
        const physPortName = isVf ? null : attribute(device, 'phys_port_name', String);
        const carrier = attribute(device, 'carrier', Number);
        return {
          ifindex: attribute(device, 'ifindex', Number) ?? 0,
          name,
          ...classifyPort(physSwitchId, physPortName),
          via,
          operState: attribute(device, 'operstate', String),
          carrier: carrier === null ? null : carrier === 1,
          speedMbps: carrier === 1 ? nonNegative(attribute(device, 'speed', Number)) : null,
          devPort: attribute(device, 'dev_port', Number),
          physSwitchId,
          physPortName,
        };
      }),
    )
    .sort((a, b) => a.ifindex - b.ifindex);
}

/**
 * @template T
 * @param {string} folder
 * @param {string} name
 * @param {(text: string) => T} parse
 * @param {(folder: string, name: string) => string | null} [read]
 * @returns {T | null}
 */
function attribute(folder, name, parse, read = readText) {
  const value = read(folder, name);
  return value === null ? null : parse(value);
}

/** @param {string} folder @param {string} name */
function readText(folder, name) {
  try {
    return readFileSync(path.join(folder, name), 'utf8').trim();
  } catch {
    return null;
  }
}

/** Last part of what a link points at. @param {string} folder @param {string} name */
function target(folder, name) {
  try {
    return path.basename(readlinkSync(path.join(folder, name)));
  } catch {
    return null;
  }
}

/** @param {string} folder */
function list(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** @param {number | null} value */
function nonNegative(value) {
  return value === null || value < 0 ? null : value;
}

/** @param {string} a @param {string} b */
function byAddress(a, b) {
  return a.length - b.length || (a < b ? -1 : 1);
}
