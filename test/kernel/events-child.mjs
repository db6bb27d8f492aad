/**
 * A process that watches, for tests that stop, end or starve one.
 *
 *   events-child.mjs links | uevents     prints {"event":...} lines until "close" comes on stdin, then {"drops":N}:
 *                                        what the kernel says it could not deliver to our socket
 *   events-child.mjs hold                an open watch and nothing else
 *   events-child.mjs persistent          the same with `persistent: false`
 *   events-child.mjs closed              opens, reads one event and closes
 *
 * Owns no expectation. Uses the built package: Node 20 runs no TypeScript.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { watchLinks, watchUevents } from '../../dist/index.js';

/** The Drops column of /proc/net/netlink, of this process's subscribed sockets. */
function drops() {
  const inodes = new Set();
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      inodes.add(/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1]);
    } catch {
      // The descriptor of the directory itself.
    }
  }
  let sum = 0;
  for (const line of readFileSync('/proc/net/netlink', 'utf8').split('\n').slice(1)) {
    const [, , , groups, , , , , dropped, inode] = line.trim().split(/\s+/);
    if (inode !== undefined && groups !== '00000000' && inodes.has(inode)) sum += Number(dropped);
  }
  return sum;
}

const print = (/** @type {unknown} */ value) => process.stdout.write(`${JSON.stringify(value)}\n`);

switch (process.argv[2]) {
  case 'links':
  case 'uevents': {
    const watch = process.argv[2] === 'links' ? watchLinks({ initial: true }) : watchUevents();
    const input = createInterface({ input: process.stdin });
    input.on('line', () => {
      print({ drops: drops() });
      watch.close();
      input.close();
    });
    for await (const event of watch) print({ event });
    break;
  }
  case 'closed': {
    const watch = watchLinks();
    const uevents = watchUevents();
    await Promise.all([watch.next(), uevents.next()]);
    watch.close();
    uevents.close();
    break;
  }
  case 'hold':
  case 'persistent': {
    const watch = watchLinks({ persistent: process.argv[2] === 'hold' });
    void watch.next().then(() => process.stdout.write('watching\n'));
    if (process.argv[2] === 'persistent') await new Promise((resolve) => setTimeout(resolve, 200));
    break;
  }
  default:
    throw new Error('what?');
}
