/**
 * netdevsim devices for tests and benchmarks: real kernel devices whose driver keeps every VF setting in memory.
 *
 * Owns their making and removal. Runs as root inside the test machine only: netdevsim.ko must be loaded.
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';

const BUS = '/sys/bus/netdevsim';

/**
 * @typedef {object} Netdevsim
 * @property {string} pf name of the PF's network device
 * @property {number} id
 * @property {string} directory of the device in sysfs
 * @property {(count: number) => void} setNumVfs
 * @property {() => void} remove
 */

/**
 * @typedef {object} NetdevsimOptions
 * @property {number} [id] number of the device; one that is free if absent
 * @property {number} [vfs] VFs to make; default 0
 */

/**
 * Makes a device with one port and room for 4,096 VFs.
 * @param {NetdevsimOptions} [options]
 * @returns {Netdevsim}
 */
export function createNetdevsim(options = {}) {
  const id = options.id ?? freeId();
  writeFileSync(`${BUS}/new_device`, `${id} 1`);
  const directory = `${BUS}/devices/netdevsim${id}`;
  writeFileSync(`/sys/kernel/debug/netdevsim/netdevsim${id}/max_vfs`, '4096');
  /** @type {Netdevsim} */
  const device = {
    id,
    directory,
    pf: pfName(directory),
    setNumVfs: (count) => writeFileSync(`${directory}/sriov_numvfs`, String(count)),
    remove: () => {
      if (existsSync(directory)) writeFileSync(`${BUS}/del_device`, String(id));
    },
  };
  if (options.vfs !== undefined && options.vfs > 0) device.setNumVfs(options.vfs);
  return device;
}

/** @param {string} directory @returns {string} */
function pfName(directory) {
  const [name] = readdirSync(`${directory}/net`);
  if (name === undefined) throw new Error(`${directory} has no network device`);
  return name;
}

/** @returns {number} */
function freeId() {
  for (let id = 1; id < 1000; id++) if (!existsSync(`${BUS}/devices/netdevsim${id}`)) return id;
  throw new Error('no free netdevsim number');
}
