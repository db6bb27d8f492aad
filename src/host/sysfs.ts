/**
 * What sysfs says of a network device and of the device behind it.
 *
 * Owns the paths below /sys; never asks rtnetlink and never takes the rtnl lock.
 */
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';

const NET = '/sys/class/net';
const PCI = '/sys/bus/pci/devices';

/** The file's text without its line end, or undefined if there is none or it cannot be read now. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** The file as a whole number, or undefined. */
export function readNumber(path: string): number | undefined {
  const text = readText(path);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Entries of a directory, or none. */
export function listDirectory(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** Whether sysfs shows this network device; it may show another network namespace than ours. */
export function netDeviceIsShown(name: string): boolean {
  return readText(`${NET}/${name}/ifindex`) !== undefined;
}

/** All network devices that sysfs shows. */
export function netDeviceNames(): string[] {
  return listDirectory(NET);
}

/** Directory of the device behind a network device (a PCI function, a netdevsim device), if it has one. */
export function deviceDirectory(netDevice: string): string | undefined {
  try {
    return realpathSync(`${NET}/${netDevice}/device`);
  } catch {
    return undefined;
  }
}

/** Name of the driver that is bound to the device. */
export function driverName(directory: string): string | undefined {
  try {
    return basename(realpathSync(`${directory}/driver`));
  } catch {
    return undefined;
  }
}

/**
 * Name of the port behind a network device: `p0` for an uplink, `pf0vf3` for a VF's representor in
 * switchdev mode, absent for most others (devlink_port_get_phys_port_name, net/devlink).
 */
export function physPortName(netDevice: string): string | undefined {
  const text = readText(`${NET}/${netDevice}/phys_port_name`);
  return text === '' ? undefined : text;
}

/** Whether a port name is a representor's: pf0vf3, or c1pf0vf3 behind another controller. */
export function isRepresentorPort(port: string | undefined): boolean {
  return port !== undefined && /^(c\d+)?pf\d+(vf|sf)\d+$/.test(port);
}

/** Network devices of a PCI function. */
export function netDevicesOfPci(address: string): string[] {
  return listDirectory(`${PCI}/${address}/net`);
}

/** Whether there is a PCI function with this address. */
export function pciFunctionExists(address: string): boolean {
  return readText(`${PCI}/${address}/vendor`) !== undefined;
}
