/**
 * Ten thousand link changes and readers who cannot keep up: nothing is lost in the end, and what is kept for them
 * is bounded by the number of links.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LinkEvent } from '../../src/index.ts';
import {
  freshPicture,
  ip,
  ipBatch,
  makeDummies,
  Mirror,
  removeLinks,
  sleep,
  until,
  closeAll,
  ipBatchSync,
  openLinks,
} from './events-tools.ts';

const CHANGES = 10_000;
const LINKS = 24;

beforeEach(() => removeLinks('ev'));
afterEach(() => {
  closeAll();
  removeLinks('ev');
});

/** Each line changes something: mtu, alias, or whether it is up, of one link after the other. */
function changes(names: readonly string[], count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const name = names[i % names.length] ?? '';
    const round = Math.floor(i / names.length);
    switch (round % 4) {
      case 0:
        return `link set dev ${name} mtu ${1000 + (round % 500)}`;
      case 1:
        return `link set dev ${name} alias round-${round}`;
      case 2:
        return `link set dev ${name} down`;
      default:
        return `link set dev ${name} up`;
    }
  });
}

/** A change that is announced whether or not the link is up; an alias is not (do_setlink). */
const END_OF_STORM = 'link set dev ev0 mtu 9999';

const sawEnd = ({ links }: Mirror): boolean => [...links.values()].some(({ mtu }) => mtu === 9999);

async function readUntilSynced(watch: AsyncIterator<LinkEvent>, mirror: Mirror): Promise<void> {
  for (;;) {
    const { value, done } = await watch.next();
    if (done === true) throw new Error('ended');
    mirror.apply(value);
    if (value.type === 'synced') return;
  }
}

describe('10,000 link changes', () => {
  it('reach a slow reader as fewer events, with the last state of every link and a bounded queue', async () => {
    const names = makeDummies('ev', LINKS);
    const watch = openLinks({ initial: true });
    const mirror = new Mirror();
    await readUntilSynced(watch, mirror);
    const links = mirror.links.size;

    const storm = { running: true };
    const ended = ipBatch([...changes(names, CHANGES), END_OF_STORM]).finally(() => (storm.running = false));
    let longest = 0;
    let read = 0;
    while (storm.running || !sawEnd(mirror) || watch.pending > 0) {
      longest = Math.max(longest, watch.pending);
      if (watch.pending > 0) {
        const { value } = await watch.next();
        mirror.apply(value as LinkEvent);
        read += 1;
      }
      await sleep(storm.running ? 50 : 1);
    }
    await ended;
    watch.close();

    console.log(
      `${CHANGES} changes of ${LINKS} links, a reader who sleeps 50 ms an event: ` +
        `${read} events read, at most ${longest} unread, ${mirror.losses} losses healed`,
    );
    expect(mirror.picture()).toEqual(freshPicture());
    expect(longest).toBeGreaterThan(LINKS / 2);
    expect(longest).toBeLessThanOrEqual(links + 1);
    expect(read).toBeLessThan(CHANGES / 4);
  });

  it('are coalesced while the event loop is blocked, for every one of many readers', async () => {
    const names = makeDummies('ev', LINKS);
    const readers = Array.from({ length: 5 }, () => ({
      watch: openLinks({ initial: true }),
      mirror: new Mirror(),
    }));
    for (const { watch, mirror } of readers) await readUntilSynced(watch, mirror);
    const before = readers[0]?.mirror.links.size ?? 0;

    ipBatchSync([...changes(names, CHANGES), END_OF_STORM]);

    for (const { watch, mirror } of readers) {
      let read = 0;
      while (!sawEnd(mirror) || watch.pending > 0) {
        expect(watch.pending).toBeLessThanOrEqual(before + 1);
        const { value } = await watch.next();
        mirror.apply(value as LinkEvent);
        read += 1;
      }
      watch.close();
      expect(mirror.picture()).toEqual(freshPicture());
      // The loop sees the table once, or a few times when it wins the race against the last changes.
      expect(read).toBeLessThan(LINKS * 8);
    }
  });

  it('that come and go leave nothing behind for a reader who never came', async () => {
    const watch = openLinks();
    const { value } = await watch.next();
    expect(value).toEqual({ type: 'synced', afterLoss: false });
    const lines = Array.from({ length: 200 }, (_, i) => [
      `link add evx${i} type dummy`,
      `link set dev evx${i} up`,
      `link del evx${i}`,
    ]).flat();
    await ipBatch(lines);
    ip('link', 'add', 'evlast', 'type', 'dummy');
    await until(() => watch.pending > 0, 'the last link is told');
    await sleep(200);
    // The last link, and at most one that is just between its coming and its going.
    expect(watch.pending).toBeLessThanOrEqual(2);
    watch.close();
    ip('link', 'del', 'evlast');
  });
});

describe('notifications that the kernel drops', () => {
  const program = fileURLToPath(new URL('./events-child.mjs', import.meta.url));

  it('are healed by a dump that tells the real differences and nothing else', async () => {
    const names = makeDummies('ev', LINKS);
    const child = spawn(process.execPath, [program, 'links'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const nextLine = async (): Promise<Record<string, unknown>> => {
      const { value, done } = await lines.next();
      if (done === true) throw new Error('the child has ended');
      return JSON.parse(value) as Record<string, unknown>;
    };
    const mirror = new Mirror();
    for (let synced = false; !synced;) {
      const { event } = (await nextLine()) as { event: LinkEvent };
      mirror.apply(event);
      synced = event.type === 'synced';
    }
    const before = mirror.picture();

    // It sleeps, thread and all, while its socket overflows.
    child.kill('SIGSTOP');
    await ipBatch(changes(names, CHANGES));
    // Every second link ends as it began, all others with another MTU and nothing else.
    const back = names.map((name, i) => `link set dev ${name} up mtu ${i % 2 === 0 ? 1500 : 1234} alias x`);
    await ipBatch(back);
    for (const name of names) ip('link', 'set', 'dev', name, 'alias', '');
    ip('link', 'del', 'ev1');
    ip('link', 'add', 'evnew', 'type', 'dummy');
    child.kill('SIGCONT');

    const after: LinkEvent[] = [];
    for (let healed = false; !healed;) {
      const { event } = (await nextLine()) as { event: LinkEvent };
      mirror.apply(event);
      after.push(event);
      healed = event.type === 'synced';
    }
    child.stdin.end('close\n');
    const { drops } = (await nextLine()) as { drops: number };
    const [status] = (await once(child, 'close')) as [number];
    expect(status).toBe(0);

    console.log(`${drops} of some ${CHANGES} notifications dropped; told after it: ${after.length} events`);
    expect(drops).toBeGreaterThan(100);
    expect(after.at(-1)).toEqual({ type: 'synced', afterLoss: true });
    expect(mirror.picture()).toEqual(freshPicture());
    const differing = new Map(
      after.slice(0, -1).map((event) => [event.type === 'synced' ? '' : event.name, event]),
    );
    expect(differing.size).toBe(after.length - 1);
    const expected = names.filter((_, i) => i % 2 === 1 && i !== 1);
    expect([...differing.keys()].sort()).toEqual([...expected, 'ev1', 'evnew'].sort());
    for (const name of expected) {
      expect(differing.get(name)).toMatchObject({ type: 'changed', changes: ['mtu'], link: { mtu: 1234 } });
    }
    expect(differing.get('ev1')).toMatchObject({ type: 'removed' });
    expect(differing.get('evnew')).toMatchObject({ type: 'added' });
    expect(Object.keys(before)).toHaveLength(mirror.links.size);
  });
});
