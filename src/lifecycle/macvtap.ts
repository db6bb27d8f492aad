/**
 * Macvtap devices in passthru mode on top of a VF's network device, and that device's MAC and state.
 *
 * Owns the requests and the words of their refusals. Must never remove a link that is not a macvtap device.
 */
import { addon } from '../addon.ts';
import { errnoName } from '../errno.ts';
import { InvalidConfigError, KernelError } from '../errors.ts';
import { listDirectory, readNumber, readText } from '../host/sysfs.ts';
import { parseBytes } from '../vf/address.ts';
import { LINUX, type Roots } from './function.ts';
import type { LinkOutcome } from './link-native.ts';

/** A link by name and ifindex. */
export interface LinkName {
  readonly name: string;
  readonly ifindex: number;
}

/** A network device, as sysfs shows it. */
export interface LinkState extends LinkName {
  readonly mac: string;
  /** Administrative state; not whether there is a carrier. */
  readonly up: boolean;
}

/** include/uapi/linux/if.h */
const IFF_UP = 1;

/** Longest name of a network device in bytes (IFNAMSIZ less its final zero). */
const LONGEST_NAME = 15;

/** A network device; undefined if there is none of that name here. */
export function readLink(name: string, roots: Roots = LINUX): LinkState | undefined {
  const directory = `${roots.sys}/class/net/${name}`;
  const ifindex = readNumber(`${directory}/ifindex`);
  const mac = readText(`${directory}/address`);
  const flags = readText(`${directory}/flags`);
  if (ifindex === undefined || mac === undefined || flags === undefined) return undefined;
  return { name, ifindex, mac, up: (Number(flags) & IFF_UP) !== 0 };
}

/**
 * Macvtap devices on top of a network device, by the links that netdev_upper_dev_link makes (net/core/dev.c). One
 * that was moved to another network namespace has none here.
 */
export function macvtapsOn(name: string, roots: Roots = LINUX): LinkName[] {
  const found: LinkName[] = [];
  for (const entry of listDirectory(`${roots.sys}/class/net/${name}`)) {
    if (!entry.startsWith('upper_')) continue;
    const upper = entry.slice('upper_'.length);
    const ifindex = readNumber(`${roots.sys}/class/net/${upper}/ifindex`);
    if (ifindex !== undefined && isMacvtap(upper, roots)) found.push({ name: upper, ifindex });
  }
  return found.sort((a, b) => a.ifindex - b.ifindex);
}

/** Only such a device has a folder `macvtap` for its character device (drivers/net/macvtap.c: macvtap_device_event). */
export function isMacvtap(name: string, roots: Roots = LINUX): boolean {
  return listDirectory(`${roots.sys}/class/net/${name}/macvtap`).length > 0;
}

/**
 * Makes a macvtap device in passthru mode. It has the MAC of the device below; whoever sets one sets both.
 *
 * @param lower - ifindex of the device below
 * @param name - 1 to 15 bytes
 * @throws InvalidConfigError - no name of a network device
 * @throws KernelError - `EEXIST`: the name is taken; `EINVAL`: there is a macvtap or macvlan device on it already;
 *   `EBUSY`: it is in a bridge or bond; `ENODEV`: the device below is gone; `EOPNOTSUPP`: no module macvtap;
 *   `EPERM`: CAP_NET_ADMIN
 */
export async function makeMacvtap(lower: number, name: string): Promise<LinkName> {
  checkName(name);
  const outcome = await addon().makeMacvtap(lower, name);
  return { name, ifindex: check(outcome, `making macvtap device ${name} on ifindex ${lower}`, MAKING) };
}

/**
 * Removes a macvtap device.
 *
 * @throws KernelError - `EPERM`: CAP_NET_ADMIN; `ENODEV`: it is gone
 */
export async function removeMacvtap({ name, ifindex }: LinkName): Promise<void> {
  check(await addon().removeLink(ifindex), `removing macvtap device ${name}`, {});
}

/**
 * Sets MAC and state of a network device by its ifindex, so that a renaming does no harm.
 *
 * @param want - what is absent stays as it is; `mac` is six bytes in hex with colons
 * @throws InvalidConfigError - the MAC is malformed
 * @throws KernelError - `EADDRNOTAVAIL`: the driver or its PF does not take the MAC; `ENODEV`; `EPERM`
 */
export async function changeLink(
  { name, ifindex }: LinkName,
  want: { readonly mac?: string; readonly up?: boolean },
): Promise<void> {
  const mac = want.mac === undefined ? undefined : macBytes(want.mac);
  const what = [want.mac, want.up === undefined ? undefined : want.up ? 'up' : 'down'];
  const outcome = await addon().changeLink(ifindex, mac, want.up);
  check(outcome, `setting ${name} ${what.filter((word) => word !== undefined).join(', ')}`, CHANGING);
}

const MAKING: Readonly<Record<string, string>> = {
  EEXIST: 'a network device has this name already',
  EINVAL: 'there is a macvtap or macvlan device on it already; in passthru mode there can be one',
  EBUSY: 'it is part of a bridge, bond or the like',
  ENODEV: 'the device below is gone, or in another network namespace',
  EOPNOTSUPP: 'this kernel has no macvtap; try: modprobe macvtap',
};

const CHANGING: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'the driver does not take this address; a VF has to have the one that its PF gave it',
};

function checkName(name: string): void {
  const bytes = Buffer.byteLength(name);
  // dev_valid_name (net/core/dev.c); a % would make the kernel choose a number.
  if (bytes >= 1 && bytes <= LONGEST_NAME && name !== '.' && name !== '..' && !/[/:%\s]/.test(name)) return;
  throw new InvalidConfigError(`${JSON.stringify(name)} is no name of a network device: 1 to 15 bytes`);
}

function macBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(6);
  if (parseBytes(text, 6, bytes, 0)) return bytes;
  throw new InvalidConfigError(`${JSON.stringify(text)} is no MAC: six bytes in hex with colons`);
}

/** The ifindex, unless it failed. */
function check(outcome: LinkOutcome, doing: string, advice: Readonly<Record<string, string>>): number {
  const [errno, extendedAck, ifindex] =
    typeof outcome === 'number' ? ([outcome, undefined, 0] as const) : outcome;
  if (errno === 0) return ifindex;
  const code = errnoName(errno);
  const why = advice[code] ?? COMMON[code] ?? 'the kernel refused it; its reason may be in the kernel log';
  const words = extendedAck === undefined ? '' : ` (${extendedAck})`;
  throw new KernelError(code, `${doing}: ${code}${words}: ${why}`, {
    errno: -errno,
    syscall: typeof outcome === 'number' ? 'pthread_create' : 'sendto',
    ...(extendedAck === undefined ? {} : { extendedAck }),
  });
}

const COMMON: Readonly<Record<string, string>> = {
  EPERM: 'this needs CAP_NET_ADMIN',
  ENODEV: 'the device is gone, or in another network namespace',
};
