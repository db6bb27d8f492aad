/**
 * What the tests of events need: links to play with, a mirror that is kept by events alone, and the truth.
 *
 * Owns no expectation but one: an event that does not fit what was told before throws. Inside the test machine
 * only.
 */
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import path from 'node:path';
import {
  type HostUevent,
  type LinkEvent,
  type LinkState,
  type Watch,
  watchLinks,
  type WatchLinksOptions,
  watchUevents,
  type WatchUeventsOptions,
} from '../../src/index.ts';

const opened: Watch<unknown>[] = [];

/** As `watchLinks`; {@link closeAll} closes it, lest one test that fails bring down those after it. */
export function openLinks(options: WatchLinksOptions = {}): Watch<LinkEvent> {
  const watch = watchLinks(options);
  opened.push(watch);
  return watch;
}

/** As {@link openLinks}, for uevents. */
export function openUevents(options: WatchUeventsOptions = {}): Watch<HostUevent> {
  const watch = watchUevents(options);
  opened.push(watch);
  return watch;
}

export function closeAll(): void {
  for (const watch of opened.splice(0)) watch.close();
}

/** Without the sanitizer that this process may run under: it would cost `ip` more than its work. */
const env = { ...process.env, LD_PRELOAD: '' };

export function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', env });
}

/** Runs the commands in one `ip -batch`, while this thread waits. */
export function ipBatchSync(lines: readonly string[]): void {
  execFileSync('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n`, env });
}

/** Runs the commands in one `ip -batch`, while this thread goes on. */
export function ipBatch(lines: readonly string[]): Promise<void> {
  const child = spawn('ip', ['-batch', '-'], { stdio: ['pipe', 'ignore', 'pipe'], env });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  child.stdin.end(`${lines.join('\n')}\n`);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) =>
      status === 0 ? resolve() : reject(new Error(`ip -batch: ${status}: ${errors}`)),
    );
  });
}

/** Makes dummy links, switched on, and gives their names. */
export function makeDummies(prefix: string, count: number): string[] {
  const names = Array.from({ length: count }, (_, i) => `${prefix}${i}`);
  ipBatchSync(names.map((name) => `link add ${name} up type dummy`));
  return names;
}

export function removeLinks(prefix: string): void {
  const names = readdirSync('/sys/class/net').filter((name) => name.startsWith(prefix));
  ipBatchSync(names.map((name) => `link del ${name}`));
}

/** The fields of a link that iproute2 shows as well, by ifindex. */
export type Picture = Record<number, unknown>;

const project = (link: LinkState): unknown => ({
  name: link.name,
  device: link.device,
  up: link.up,
  carrier: link.carrier,
  operState: link.operState,
  mtu: link.mtu,
  mac: link.mac,
  alias: link.alias,
});

interface IpLink {
  readonly ifindex: number;
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly operstate: string;
  readonly address?: string;
  readonly ifalias?: string;
  readonly parentdev?: string;
  readonly parentbus?: string;
}

/** iproute2 names the virtio device; the PCI function that it is part of is the folder above. */
function deviceOf({ ifname, parentdev, parentbus }: IpLink): string | null {
  if (parentbus !== 'virtio') return parentdev ?? null;
  return path.basename(path.dirname(realpathSync(`/sys/class/net/${ifname}/device`)));
}

/** What is there: a fresh dump by another program. */
export function freshPicture(): Picture {
  const links = JSON.parse(ip('-d', '-j', 'link', 'show')) as IpLink[];
  return Object.fromEntries(
    links.map((link) => [
      link.ifindex,
      {
        name: link.ifname,
        device: deviceOf(link),
        up: link.flags.includes('UP'),
        carrier: link.flags.includes('LOWER_UP'),
        operState: link.operstate.toLowerCase(),
        mtu: link.mtu,
        mac: link.address ?? null,
        alias: link.ifalias ?? null,
      },
    ]),
  );
}

/** The links as the events tell them. */
export class Mirror {
  readonly links = new Map<number, LinkState>();
  readonly counts: Record<LinkEvent['type'], number> = {
    added: 0,
    changed: 0,
    removed: 0,
    touched: 0,
    synced: 0,
  };
  losses = 0;

  apply(event: LinkEvent): void {
    this.counts[event.type] += 1;
    if (event.type === 'synced') {
      this.losses += event.afterLoss ? 1 : 0;
      return;
    }
    const known = this.links.get(event.ifindex);
    const wrong = (why: string): never => {
      throw new Error(`${event.type} ${event.name}: ${why}`);
    };
    if (event.type === 'added' && known !== undefined) wrong('was known');
    if (event.type !== 'added' && known === undefined) wrong('was not known');
    if (event.type === 'changed') {
      if (JSON.stringify(event.previous) !== JSON.stringify(known)) wrong('previous is not what was told');
      if (event.changes.length === 0) wrong('without a change');
      for (const field of event.changes)
        if (event.link[field] === known?.[field]) wrong(`${field} is the same`);
    }
    if (event.type === 'touched' && JSON.stringify(event.link) !== JSON.stringify(known)) wrong('differs');
    if (event.type === 'removed') this.links.delete(event.ifindex);
    else this.links.set(event.ifindex, event.link);
  }

  picture(): Picture {
    return Object.fromEntries([...this.links].map(([ifindex, link]) => [ifindex, project(link)]));
  }
}

/** Descriptors of sockets, eventfds and the like: all but files, of this process. */
export function openDescriptors(): number {
  let count = 0;
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      if (/^(socket|anon_inode):/.test(readlinkSync(`/proc/self/fd/${fd}`))) count += 1;
    } catch {
      // The descriptor of the directory itself.
    }
  }
  return count;
}

/** Sockets of this process that are subscribed to links, to uevents: by the kernel's own list. */
export function multicastSockets(): { readonly links: number; readonly uevents: number } {
  const mine = new Set<string>();
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
      if (inode !== undefined) mine.add(inode);
    } catch {
      // As above.
    }
  }
  const count = { links: 0, uevents: 0 };
  for (const line of readFileSync('/proc/net/netlink', 'utf8').split('\n').slice(1)) {
    const [, protocol, , groups, , , , , , inode] = line.trim().split(/\s+/);
    if (inode === undefined || !mine.has(inode) || groups === '00000000') continue;
    if (protocol === '0') count.links += 1;
    if (protocol === '15') count.uevents += 1;
  }
  return count;
}

export function threads(): number {
  return readdirSync('/proc/self/task').length;
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until it is so; a limit that only a hang reaches. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const limit = Date.now() + 60_000;
  while (!condition()) {
    if (Date.now() > limit) throw new Error(`not so after a minute: ${what}`);
    await sleep(20);
  }
}
