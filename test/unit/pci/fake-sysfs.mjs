/**
 * A sysfs of one's own: real directories and symbolic links in a temporary folder, laid out as the kernel
 * does it (Documentation/ABI/testing/sysfs-bus-pci, sysfs-class-net).
 *
 * Owns the shape. Must write each attribute in the kernel's own spelling, or it proves nothing: "%04x" ids
 * with 0x in attributes and upper case without it in uevent, newlines at the end, relative links.
 */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * @typedef {object} FakeFunction
 * @property {string} address as the kernel writes it
 * @property {number} [vendor]
 * @property {number} [device]
 * @property {number} [subsystemVendor]
 * @property {number} [subsystemDevice]
 * @property {number} [class] 24 bits
 * @property {string} [driver] none when absent
 * @property {number} [numaNode] no such file when absent
 * @property {number} [iommuGroup] no such link when absent
 * @property {string} [under] folder below devices/; pci<domain>:<bus> when absent
 * @property {{ total: number, autoprobe?: boolean, vfDevice?: number }} [sriov] makes it a PF
 * @property {{ pf: string, index: number }} [vfOf] makes it a VF; the PF must be there
 */

/**
 * @typedef {object} FakeNetDevice
 * @property {string} name
 * @property {number} ifindex
 * @property {string} on address of the function or name of the netdevsim device
 * @property {string} [via] folder between the function and net/
 * @property {string} [operstate]
 * @property {string} [carrier] '0' or '1'; no such file when absent
 * @property {string} [speed]
 * @property {number} [devPort]
 * @property {string} [switchId]
 * @property {string} [portName]
 */

export class FakeSysfs {
  /** Where it is mounted, so to say. @type {string} */
  root;
  /** Device folder by address or name, below root. @type {Map<string, string>} */
  #folders = new Map();
  #shared = new Set();

  /** @param {string} [base] folder to make it in */
  constructor(base = tmpdir()) {
    this.root = mkdtempSync(path.join(base, 'sriov-sysfs-'));
    for (const folder of ['bus/pci/devices', 'class/net', 'devices']) this.#folder(folder);
  }

  /** @param {FakeFunction} spec @returns {this} */
  addFunction(spec) {
    const { address, vendor = 0x8086, device = 0x1572, sriov, vfOf } = spec;
    const { subsystemVendor = 0, subsystemDevice = 0, class: classCode = 0x020000, driver } = spec;
    const under = spec.under ?? `pci${address.slice(0, address.lastIndexOf(':'))}`;
    const folder = `devices/${under}/${address}`;
    this.#folder(folder);
    this.#folders.set(address, folder);
    this.link(`bus/pci/devices/${address}`, folder);

    this.write(`${folder}/vendor`, `0x${hex(vendor, 4)}`);
    this.write(`${folder}/device`, `0x${hex(device, 4)}`);
    this.write(`${folder}/subsystem_vendor`, `0x${hex(subsystemVendor, 4)}`);
    this.write(`${folder}/subsystem_device`, `0x${hex(subsystemDevice, 4)}`);
    this.write(`${folder}/class`, `0x${hex(classCode, 6)}`);
    if (spec.numaNode !== undefined) this.write(`${folder}/numa_node`, `${spec.numaNode}`);
    this.write(
      `${folder}/uevent`,
      [
        ...(driver === undefined ? [] : [`DRIVER=${driver}`]),
        `PCI_CLASS=${hex(classCode, 4).toUpperCase()}`,
        `PCI_ID=${hex(vendor, 4)}:${hex(device, 4)}`.toUpperCase(),
        `PCI_SUBSYS_ID=${hex(subsystemVendor, 4)}:${hex(subsystemDevice, 4)}`.toUpperCase(),
        `PCI_SLOT_NAME=${address}`,
        `MODALIAS=pci:v${hex(vendor, 8)}d${hex(device, 8)}`,
      ].join('\n'),
    );
    if (driver !== undefined) {
      this.#once(`bus/pci/drivers/${driver}`);
      this.link(`${folder}/driver`, `bus/pci/drivers/${driver}`);
    }
    if (spec.iommuGroup !== undefined) {
      this.#once(`kernel/iommu_groups/${spec.iommuGroup}`);
      this.link(`${folder}/iommu_group`, `kernel/iommu_groups/${spec.iommuGroup}`);
    }
    if (sriov !== undefined) {
      this.write(`${folder}/sriov_totalvfs`, `${sriov.total}`);
      this.write(`${folder}/sriov_numvfs`, '0');
      this.write(`${folder}/sriov_drivers_autoprobe`, sriov.autoprobe === false ? '0' : '1');
      if (sriov.vfDevice !== undefined) this.write(`${folder}/sriov_vf_device`, hex(sriov.vfDevice, 0));
    }
    if (vfOf !== undefined) {
      const pf = this.folderOf(vfOf.pf);
      this.link(`${pf}/virtfn${vfOf.index}`, folder);
      this.link(`${folder}/physfn`, pf);
    }
    return this;
  }

  /** @param {FakeNetDevice} spec @returns {this} */
  addNetDevice(spec) {
    const parent = this.folderOf(spec.on);
    const folder = `${parent}${spec.via === undefined ? '' : `/${spec.via}`}/net/${spec.name}`;
    this.#folder(folder);
    this.#folders.set(spec.name, folder);
    this.link(`class/net/${spec.name}`, folder);
    this.write(`${folder}/uevent`, `INTERFACE=${spec.name}\nIFINDEX=${spec.ifindex}`);
    this.write(`${folder}/ifindex`, `${spec.ifindex}`);
    this.write(`${folder}/operstate`, spec.operstate ?? 'down');
    this.write(`${folder}/dev_port`, `${spec.devPort ?? 0}`);
    if (spec.carrier !== undefined) this.write(`${folder}/carrier`, spec.carrier);
    if (spec.speed !== undefined) this.write(`${folder}/speed`, spec.speed);
    if (spec.switchId !== undefined) this.write(`${folder}/phys_switch_id`, spec.switchId);
    if (spec.portName !== undefined) this.write(`${folder}/phys_port_name`, spec.portName);
    return this;
  }

  /** A network device that is on no bus, as a bridge. @param {string} name @param {number} ifindex @returns {this} */
  addVirtualNetDevice(name, ifindex) {
    this.#folders.set('virtual', 'devices/virtual');
    return this.addNetDevice({ name, ifindex, on: 'virtual' });
  }

  /** @param {string} on @param {string} name @returns {this} */
  addRdmaDevice(on, name) {
    this.#folder('class/infiniband');
    return this.addDevice(`${this.folderOf(on)}/infiniband/${name}`, `class/infiniband/${name}`);
  }

  /** @param {string} on @param {string} name @returns {this} */
  addVdpaDevice(on, name) {
    this.#folder('bus/vdpa/devices');
    return this.addDevice(`${this.folderOf(on)}/${name}`, `bus/vdpa/devices/${name}`);
  }

  /** @param {number} number @param {{ numVfs: number, maxVfs?: number }} vfs @returns {this} */
  addNetdevsim(number, { numVfs, maxVfs }) {
    const name = `netdevsim${number}`;
    const folder = `devices/${name}`;
    this.#folder('bus/netdevsim/devices');
    this.addDevice(folder, `bus/netdevsim/devices/${name}`);
    this.#folders.set(name, folder);
    this.write(`${folder}/uevent`, 'DRIVER=netdevsim\nMODALIAS=netdevsim');
    this.write(`${folder}/sriov_numvfs`, `${numVfs}`);
    if (maxVfs !== undefined) {
      this.#folder(`kernel/debug/netdevsim/${name}`);
      this.write(`kernel/debug/netdevsim/${name}/max_vfs`, `${maxVfs}`);
    }
    return this;
  }

  /** A device folder and a link to it. @param {string} folder @param {string} link @returns {this} */
  addDevice(folder, link) {
    this.#folder(folder);
    this.link(link, folder);
    return this;
  }

  /** Takes a function off the bus and leaves its folder, so that links to it lead somewhere. @param {string} address @returns {void} */
  hide(address) {
    unlinkSync(this.path(`bus/pci/devices/${address}`));
  }

  /** A device goes between listing and reading: its name is there, and leads nowhere. @param {string} folder @returns {void} */
  removeFolder(folder) {
    rmSync(this.path(folder), { recursive: true });
  }

  /** A link out of the tree, to a file that behaves as needed. @param {string} from @param {string} target @returns {void} */
  linkOutside(from, target) {
    symlinkSync(target, this.path(from));
  }

  /** @param {string} name an address, or the name of a device; its folder below root @returns {string} */
  folderOf(name) {
    const folder = this.#folders.get(name);
    if (folder === undefined) throw new Error(`the fake sysfs has no ${name}`);
    return folder;
  }

  /** @param {string} below @returns {string} */
  path(below) {
    return path.join(this.root, below);
  }

  /** An attribute, with the newline that sysfs ends it with. @param {string} file @param {string} text @returns {void} */
  write(file, text) {
    writeFileSync(this.path(file), `${text}\n`);
  }

  /** A relative link, as the kernel makes them. @param {string} from @param {string} to both below root @returns {void} */
  link(from, to) {
    symlinkSync(path.relative(path.dirname(from), to), this.path(from));
  }

  /** Removes all of it. @returns {void} */
  destroy() {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** @param {string} folder */
  #folder(folder) {
    mkdirSync(this.path(folder), { recursive: true });
  }

  /** @param {string} folder */
  #once(folder) {
    if (this.#shared.has(folder)) return;
    this.#shared.add(folder);
    this.#folder(folder);
  }
}

/**
 * PFs with VFs as a large host has them: each PF on a bus of its own, VFs from function 1.0 on, over as
 * many buses as it takes.
 *
 * @param {FakeSysfs} sysfs
 * @param {number} pfs
 * @param {number} vfsEach at most 256
 * @returns {void}
 */
export function addPfsWithVfs(sysfs, pfs, vfsEach) {
  for (let p = 0; p < pfs; p++) {
    const bus = p * 4 + 1;
    const pf = `0000:${hex(bus, 2)}:00.0`;
    sysfs.addFunction({
      address: pf,
      driver: 'ice',
      device: 0x1592,
      numaNode: p % 2,
      iommuGroup: p,
      under: `pci0000:00/0000:00:${hex(p, 2)}.0`,
      sriov: { total: vfsEach, vfDevice: 0x1889 },
    });
    for (let v = 0; v < vfsEach; v++) {
      const devfn = v + 8;
      const address = `0000:${hex(bus + (devfn >> 8), 2)}:${hex((devfn >> 3) & 31, 2)}.${devfn & 7}`;
      sysfs.addFunction({
        address,
        driver: v % 3 === 0 ? 'vfio-pci' : 'iavf',
        device: 0x1889,
        numaNode: p % 2,
        iommuGroup: 1000 + p * 256 + v,
        under: `pci0000:00/0000:00:${hex(p, 2)}.0`,
        vfOf: { pf, index: v },
      });
    }
  }
}

/** @param {number} value @param {number} width */
function hex(value, width) {
  return value.toString(16).padStart(width, '0');
}
