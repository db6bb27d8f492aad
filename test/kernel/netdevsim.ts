/**
 * netdevsim devices for tests: real kernel devices whose driver keeps every VF setting in memory.
 *
 * Owns their making and removal. Runs as root inside the test machine only: netdevsim.ko must be loaded.
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';

const BUS = '/sys/bus/netdevsim';

export interface Netdevsim {
  /** Name of the PF's network device. */
  readonly pf: string;
  readonly id: number;
  /** Directory of the device in sysfs. */
  readonly directory: string;
  setNumVfs(count: number): void;
  remove(): void;
}

export interface NetdevsimOptions {
  /** Number of the device; one that is free if absent. */
  readonly id?: number;
  /** VFs to make; default 0. */
  readonly vfs?: number;
}

/** Makes a device with one port and room for 4,096 VFs. */
export function createNetdevsim(options: NetdevsimOptions = {}): Netdevsim {
  const id = options.id ?? freeId();
  writeFileSync(`${BUS}/new_device`, `${id} 1`);
  const directory = `${BUS}/devices/netdevsim${id}`;
  writeFileSync(`/sys/kernel/debug/netdevsim/netdevsim${id}/max_vfs`, '4096');
  const device: Netdevsim = {
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

function pfName(directory: string): string {
  const [name] = readdirSync(`${directory}/net`);
  if (name === undefined) throw new Error(`${directory} has no network device`);
  return name;
}

function freeId(): number {
  for (let id = 1; id < 1000; id++) if (!existsSync(`${BUS}/devices/netdevsim${id}`)) return id;
  throw new Error('no free netdevsim number');
}
