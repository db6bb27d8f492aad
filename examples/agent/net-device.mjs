/**
 * A VF's network device on its way into a container's network namespace, and back. Owns the commands of iproute2.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

/**
 * A VF on a driver for guests (vfio-pci) has no network device: then the container gets its device node, and that by
 * the device plugin.
 *
 * @param {string} slot
 * @param {string} netns
 * @param {string} name
 * @param {string | undefined} mac
 * @returns the device's MAC; undefined = there is no device
 */
export function intoContainer(slot, netns, name, mac) {
  const directory = `/sys/bus/pci/devices/${slot}/net`;
  const [device] = existsSync(directory) ? readdirSync(directory) : [];
  if (device === undefined) return undefined;
  // The PF gave the VF its MAC, but not every driver its device (igbvf), and the spoof check lets no other through.
  if (mac !== undefined) ip('link', 'set', 'dev', device, 'address', mac);
  // Its name goes with it, for DEL.
  ip('link', 'set', 'dev', device, 'alias', device);
  ip('link', 'set', 'dev', device, 'netns', netns, 'name', name);
  inNetns(netns, 'link', 'set', 'dev', name, 'up');
  /** @type {{ readonly ifname: string, readonly address: string }[]} */
  const links = JSON.parse(inNetns(netns, '-json', 'link', 'show'));
  return links.find(({ ifname }) => ifname === name)?.address;
}

/**
 * The device keeps the MAC that it was given; its VF is put back by the agent. Where the namespace is gone the kernel has put the device back here by itself, under the name that it had inside.
 *
 * @param {string} netns
 * @param {string} name
 */
export function outOfContainer(netns, name) {
  if (!existsSync(netns)) return;
  /** @type {{ readonly ifname: string, readonly ifalias?: string }[]} */
  const links = JSON.parse(inNetns(netns, '-json', 'link', 'show'));
  const device = links.find(({ ifname }) => ifname === name)?.ifalias;
  if (device === undefined) return;
  inNetns(netns, 'link', 'set', 'dev', name, 'down');
  inNetns(netns, 'link', 'set', 'dev', name, 'netns', String(process.pid), 'name', device);
}

/** @param {string[]} words */
function ip(...words) {
  return execFileSync('ip', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/**
 * @param {string} netns
 * @param {string[]} words
 */
function inNetns(netns, ...words) {
  return execFileSync('nsenter', [`--net=${netns}`, 'ip', ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
