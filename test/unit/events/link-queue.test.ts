/** The unread events of one reader: coalesced, bounded, and adding up to what is there. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LinkEvent, LinkState } from '../../../src/events/link.ts';
import { LinkQueue } from '../../../src/events/link-queue.ts';

function link(ifindex: number, other: Partial<LinkState> = {}): LinkState {
  return {
    ifindex,
    name: `eth${ifindex}`,
    device: null,
    bus: null,
    portName: null,
    kind: null,
    up: false,
    carrier: false,
    operState: 'down',
    mtu: 1500,
    mac: null,
    master: null,
    alias: null,
    ...other,
  };
}

function takeAll(queue: LinkQueue): LinkEvent[] {
  const events: LinkEvent[] = [];
  for (let event = queue.take(); event !== undefined; event = queue.take()) events.push(event);
  return events;
}

const small = link(5);
const large = link(5, { mtu: 9000 });

describe('LinkQueue', () => {
  it('makes one event of many changes, from what was read to what is', () => {
    const queue = new LinkQueue();
    let before = small;
    for (let mtu = 2000; mtu < 3000; mtu++) {
      const after = link(5, { mtu, up: true });
      queue.push(before, after, false, false, 1);
      before = after;
    }
    expect(queue.size).toBe(1);
    expect(takeAll(queue)).toEqual([
      {
        type: 'changed',
        ifindex: 5,
        name: 'eth5',
        device: null,
        link: before,
        previous: small,
        changes: ['up', 'mtu'],
        announcements: 1000,
      },
    ]);
  });

  it('tells nothing of a link that came and went, or that is as it was', () => {
    const queue = new LinkQueue();
    queue.push(undefined, small, false, false, 1);
    queue.push(small, undefined, false, false, 1);
    queue.push(large, small, false, false, 1);
    queue.push(small, large, false, false, 1);
    expect(queue.size).toBe(0);
    expect(queue.take()).toBeUndefined();
  });

  it('tells a link that was made again under its number as removed and added', () => {
    for (const told of [true, false]) {
      const queue = new LinkQueue();
      if (told) queue.push(small, large, true, false, 1);
      else {
        queue.push(small, undefined, false, false, 1);
        queue.push(undefined, large, false, false, 1);
      }
      expect(queue.size).toBe(1);
      expect(takeAll(queue)).toMatchObject([
        { type: 'removed', link: small },
        { type: 'added', link: large },
      ]);
    }
  });

  it('forgets the second life as well when that ends unread, even after its first event was read', () => {
    const queue = new LinkQueue();
    queue.push(small, large, true, false, 1);
    queue.push(large, undefined, false, false, 1);
    expect(takeAll(queue)).toMatchObject([{ type: 'removed', link: small }]);
    queue.push(small, large, true, false, 1);
    expect(queue.take()).toMatchObject({ type: 'removed' });
    queue.push(large, undefined, false, false, 1);
    expect(takeAll(queue)).toEqual([]);
  });

  it('tells an announcement without a difference once, and not beside a difference', () => {
    const queue = new LinkQueue();
    queue.push(small, small, false, true, 1);
    queue.push(small, small, false, true, 1);
    expect(takeAll(queue)).toMatchObject([{ type: 'touched', link: small }]);
    queue.push(small, small, false, true, 1);
    queue.push(small, large, false, true, 1);
    expect(takeAll(queue)).toMatchObject([{ type: 'changed' }]);
  });

  it('adds up the announcements that are behind an event, and begins anew when it was read', () => {
    const queue = new LinkQueue();
    queue.push(small, small, false, true, 2);
    queue.push(small, small, false, true, 3);
    expect(takeAll(queue)).toMatchObject([{ type: 'touched', announcements: 5 }]);
    queue.push(small, small, false, true, 4);
    queue.push(small, large, false, true, 1);
    expect(takeAll(queue)).toMatchObject([{ type: 'changed', announcements: 5 }]);
    // A dump showed it; nothing was announced.
    queue.push(large, small, false, false, 0);
    expect(takeAll(queue)).toMatchObject([{ type: 'changed', announcements: 0 }]);
    // There and back: nothing differs, and yet there was something to be announced.
    queue.push(small, large, false, true, 1);
    queue.push(large, small, false, false, 0);
    expect(takeAll(queue)).toMatchObject([{ type: 'touched', announcements: 1 }]);
  });

  it('counts nothing from before a link was made again', () => {
    const queue = new LinkQueue();
    queue.push(small, small, false, true, 7);
    queue.push(small, large, true, true, 1);
    const events = takeAll(queue);
    expect(events.map(({ type }) => type)).toEqual(['removed', 'added']);
    for (const event of events) expect(event).not.toHaveProperty('announcements');
    queue.push(large, large, false, true, 1);
    expect(takeAll(queue)).toMatchObject([{ type: 'touched', announcements: 1 }]);
  });

  it('has one `synced` at the end of what it is about, which remembers a loss', () => {
    const queue = new LinkQueue();
    queue.sync(true);
    queue.push(undefined, small, false, false, 1);
    queue.sync(false);
    expect(queue.size).toBe(2);
    expect(takeAll(queue)).toMatchObject([{ type: 'added' }, { type: 'synced', afterLoss: true }]);
    queue.sync(false);
    expect(takeAll(queue)).toEqual([{ type: 'synced', afterLoss: false }]);
  });

  it('adds up to what is there, whatever happens and whenever it is read, and is never longer than links known', () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          ifindex: fc.integer({ min: 1, max: 5 }),
          mtu: fc.integer({ min: 1, max: 3 }),
          again: fc.boolean(),
        }),
      },
      { weight: 2, arbitrary: fc.record({ gone: fc.integer({ min: 1, max: 5 }) }) },
      { weight: 2, arbitrary: fc.record({ read: fc.integer({ min: 1, max: 4 }) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const queue = new LinkQueue();
        const truth = new Map<number, LinkState>();
        const told = new Map<number, LinkState>();
        const read = (event: LinkEvent | undefined): void => {
          if (event === undefined || event.type === 'synced') return;
          const known = told.get(event.ifindex);
          expect(known === undefined).toBe(event.type === 'added');
          expect(event.type === 'changed' ? event.previous : known).toEqual(known);
          if (event.type === 'removed') told.delete(event.ifindex);
          else told.set(event.ifindex, event.link);
        };
        for (const now of steps) {
          if ('read' in now) {
            for (let i = 0; i < now.read; i++) read(queue.take());
          } else if ('gone' in now) {
            const before = truth.get(now.gone);
            truth.delete(now.gone);
            if (before !== undefined) queue.push(before, undefined, false, false, 1);
          } else {
            const before = truth.get(now.ifindex);
            const after = link(now.ifindex, { mtu: now.mtu });
            truth.set(now.ifindex, after);
            queue.push(before, after, now.again && before !== undefined, false, 1);
          }
          expect(queue.size).toBeLessThanOrEqual(new Set([...truth.keys(), ...told.keys()]).size);
        }
        for (let event = queue.take(); event !== undefined; event = queue.take()) read(event);
        expect(Object.fromEntries(told)).toEqual(Object.fromEntries(truth));
      }),
      { numRuns: 500 },
    );
  });
});
