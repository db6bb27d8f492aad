/**
 * MTU and administrative state of a net device, by way of sysfs.
 *
 * Owns `mtu` and `flags` below /sys/class/net. Their stores take the rtnl lock by restarting the call
 * (net/core/net-sysfs.c: netdev_store), so they wait without holding up anyone.
 */
import { InvalidConfigError, KernelError, RefusedError } from '../errors.ts';
import { readNumber, readText } from '../host/sysfs.ts';
import { LINUX, type Roots } from './function.ts';
import { checkTimeout, writeAttribute } from './attribute.ts';

/** include/uapi/linux/if.h */
const IFF_UP = 1;

export interface NetDeviceOptions {
  /** In ms. Default 30000: drivers stop and start their queues for a new MTU. */
  readonly timeoutMs?: number;
}

/**
 * Sets the MTU of a net device, PF or VF, and reads it back. Many drivers reset the port for it, and a VF cannot
 * have more than its PF.
 *
 * @param mtu - bytes without the Ethernet header, 1 to 2147483647; the driver has limits of its own
 * @throws KernelError - `EINVAL`: out of the driver's limits; `EPERM`: CAP_NET_ADMIN
 * @throws RefusedError - no such net device in this network namespace
 * @throws DeadlineError
 *
 * @example
 * await setMtu('enp3s0f0', 9000)
 */
export async function setMtu(
  netDevice: string,
  mtu: number,
  options: NetDeviceOptions = {},
  roots: Roots = LINUX,
): Promise<void> {
  if (!Number.isInteger(mtu) || mtu < 1 || mtu > 0x7fffffff) {
    throw new InvalidConfigError(`an MTU is a whole number of bytes from 1 to 2147483647, not ${mtu}`);
  }
  await write(netDevice, 'mtu', `${mtu}`, `setting MTU ${mtu}`, options, roots);
  const now = readNumber(`${directoryOf(netDevice, roots)}/mtu`);
  if (now === mtu) return;
  throw new KernelError(
    'EINVAL',
    `${netDevice}: MTU ${mtu} was accepted, but is ${now ?? 'not readable'} now`,
  );
}

/** @internal Whether a net device is up (not: has a carrier); undefined if there is none. */
export function isUp(netDevice: string, roots: Roots = LINUX): boolean | undefined {
  const flags = readText(`${directoryOf(netDevice, roots)}/flags`);
  return flags === undefined ? undefined : (Number(flags) & IFF_UP) !== 0;
}

/** @internal Takes a net device up or down. */
export async function setUp(
  netDevice: string,
  up: boolean,
  options: NetDeviceOptions = {},
  roots: Roots = LINUX,
): Promise<void> {
  const flags = Number(readText(`${directoryOf(netDevice, roots)}/flags`) ?? 0);
  const wanted = up ? flags | IFF_UP : flags & ~IFF_UP;
  await write(
    netDevice,
    'flags',
    `0x${wanted.toString(16)}`,
    up ? 'setting up' : 'setting down',
    options,
    roots,
  );
}

function directoryOf(netDevice: string, roots: Roots): string {
  return `${roots.sys}/class/net/${netDevice}`;
}

async function write(
  netDevice: string,
  attribute: string,
  text: string,
  doing: string,
  options: NetDeviceOptions,
  roots: Roots,
): Promise<void> {
  const directory = directoryOf(netDevice, roots);
  if (netDevice === '' || netDevice.includes('/') || readText(`${directory}/ifindex`) === undefined) {
    throw new RefusedError(
      `${netDevice}: sysfs shows no such net device; is it in another network namespace?`,
    );
  }
  await writeAttribute(`${directory}/${attribute}`, text, {
    doing: `${netDevice}: ${doing}`,
    device: netDevice,
    timeoutMs: checkTimeout(options.timeoutMs, 30_000),
    advice: {
      EINVAL: 'the value is out of the limits of the driver; ip -d link show has minmtu and maxmtu',
      EPERM: 'this needs CAP_NET_ADMIN',
    },
    target: { pf: netDevice },
  });
}
