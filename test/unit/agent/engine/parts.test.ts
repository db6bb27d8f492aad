/** The engine's parts that need no host: the queue of looks, the echo of our own messages, back-off, what is held. */
import { describe, expect, test } from 'vitest';
import { backoffMs } from '../../../../src/agent/engine/backoff.ts';
import { Echo } from '../../../../src/agent/engine/echo.ts';
import { FIGHT_TIMES, Held } from '../../../../src/agent/engine/held.ts';
import { Ours } from '../../../../src/agent/engine/ours.ts';
import { type Look, LookQueue } from '../../../../src/agent/engine/queue.ts';
import { SETTINGS } from './rig.ts';

const look = (pf: string, changes: Partial<Look> = {}): Look => {
  return { pf, trigger: 'link', full: false, since: null, ...changes };
};

/** A queue whose looks end when the test says so. */
function manual(concurrency = 4): { queue: LookQueue; begun: Look[]; end: () => void } {
  const begun: Look[] = [];
  const ends: (() => void)[] = [];
  const queue = new LookQueue(
    () => ({ ...SETTINGS.reconcile, debounceMs: 0, maxDelayMs: 0, concurrency }),
    async (one) => {
      begun.push(one);
      await new Promise<void>((resolve) => ends.push(resolve));
    },
  );
  return { queue, begun, end: () => ends.shift()?.() };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the queue of looks', () => {
  test('has one look at a PF at a time; what comes meanwhile melts into one more', async () => {
    const { queue, begun, end } = manual();
    void queue.add(look('a'));
    const second = queue.add(look('a', { since: 7 }));
    void queue.add(look('a', { full: true, since: 5, trigger: 'poll' }));
    expect(begun).toEqual([look('a')]);
    expect(queue.isRunning('a')).toBe(true);
    end();
    await turn();
    expect(begun).toEqual([look('a'), look('a', { full: true, since: 5 })]);
    end();
    await second;
    expect(queue.isRunning('a')).toBe(false);
  });

  test('has no more at once than it may, and the others after them in order', async () => {
    const { queue, begun, end } = manual(2);
    for (const pf of ['a', 'b', 'c', 'd']) void queue.add(look(pf));
    expect(begun.map(({ pf }) => pf)).toEqual(['a', 'b']);
    end();
    await turn();
    expect(begun.map(({ pf }) => pf)).toEqual(['a', 'b', 'c']);
    end();
    end();
    await turn();
    expect(begun.map(({ pf }) => pf)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('gathers events for a while, but not for ever', async () => {
    const begun: Look[] = [];
    const settings = { ...SETTINGS.reconcile, debounceMs: 40, maxDelayMs: 120 };
    const queue = new LookQueue(
      () => settings,
      (one) => {
        begun.push(one);
        return Promise.resolve();
      },
    );
    let events = 0;
    const end = performance.now() + 5000;
    const done = queue.add(look('a'));
    // Each event comes before the last one's time is over.
    while (begun.length === 0 && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      events++;
      if (begun.length === 0) void queue.add(look('a'));
    }
    await done;
    expect(begun).toHaveLength(1);
    expect(events).toBeGreaterThan(1);
  });

  test('that is stopped begins nothing and waits for what is under way', async () => {
    const { queue, begun, end } = manual();
    void queue.add(look('a'));
    const waiting = queue.add(look('a'));
    const stopped = queue.stop();
    expect(await Promise.race([stopped.then(() => 'stopped'), turn().then(() => 'waits')])).toBe('waits');
    end();
    await stopped;
    await waiting;
    await queue.add(look('b'));
    expect(begun).toHaveLength(1);
  });
});

describe('announcements', () => {
  test('that are as many as our messages are ours, one more is not', () => {
    const echo = new Echo();
    echo.sent('a', 2, 0);
    expect([
      echo.heard('a', 1, 1),
      echo.heard('b', 1, 1),
      echo.heard('a', 2, 1),
      echo.heard('a', 1, 1),
    ]).toEqual([0, 1, 1, 1]);
  });

  test('that come before our messages are counted wait for that', () => {
    const echo = new Echo();
    echo.hold('a', 1);
    echo.hold('a', 2);
    echo.sent('a', 2, 0);
    expect(echo.release('a', 1)).toBe(1);
    expect(echo.release('a', 1)).toBe(0);
  });

  test('that never came are not expected for ever, nor after a request of unknown effect', () => {
    const echo = new Echo();
    echo.sent('a', 1, 0);
    expect(echo.heard('a', 1, 3000)).toBe(1);
    echo.sent('a', 1, 3000);
    echo.forget('a');
    expect(echo.heard('a', 1, 3001)).toBe(1);
  });
});

test('back-off doubles from the first to the most, give or take a tenth', () => {
  const settings = { backoffFirstMs: 100, backoffMaxMs: 1000 };
  const middle = [1, 2, 3, 4, 5, 500].map((attempt) => backoffMs(attempt, settings, 0.5));
  expect(middle).toEqual([100, 200, 400, 800, 1000, 1000]);
  expect([backoffMs(1, settings, 0), backoffMs(1, settings, 1)]).toEqual([90, 110]);
});

describe('a VF that does not stay repaired', () => {
  const drift = (found: unknown): Parameters<Held['isFight']>[1] => [
    { attribute: 'mac', wanted: 'x', found },
  ];

  test('is in a fight when the same drift came often in a short time', () => {
    const held = new Held();
    const same = Array.from({ length: FIGHT_TIMES + 1 }, (_, time) => held.isFight('a/1', drift('y'), time));
    expect(same).toEqual([...Array<boolean>(FIGHT_TIMES).fill(false), true]);
    expect(held.isFight('a/2', drift('y'), 1)).toBe(false);
  });

  test('is in none when the drift is another each time, or came long ago', () => {
    const held = new Held();
    for (let time = 0; time < 20; time++) expect(held.isFight('a/1', drift(time), time)).toBe(false);
    for (let time = 0; time < 20; time++) expect(held.isFight('a/1', drift('y'), time * 61_000)).toBe(false);
  });

  test('is left alone for longer each time, until it is as wanted', () => {
    const held = new Held();
    const settings = { backoffFirstMs: 100, backoffMaxMs: 10_000 };
    const why = { code: 'EBUSY', message: '', differences: [] };
    expect(held.hold('a/1', why, settings, 0).attempt).toBe(1);
    expect([held.isHeld('a/1', 80), held.isHeld('a/1', 120), held.isHeld('a/11', 80)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(held.hold('a/1', why, settings, 200)).toMatchObject({ attempt: 2 });
    expect(held.next('a')).toBeGreaterThanOrEqual(380);
    expect(held.next('b')).toBeUndefined();
    held.clear('a/1');
    expect(held.hold('a/1', why, settings, 0).attempt).toBe(1);
  });
});

describe('a PF is the business of the agent', () => {
  test('always, when there are no mappings', () => {
    expect(new Ours({}).has('0000:03:00.0', undefined)).toBe(true);
  });

  test('by name or address of the mappings, and under any name from then on', () => {
    const ours = new Ours({ mappings: new Map([['physnet1', ['eth1', '0000:05:00.0']]]) });
    expect(ours.has('0000:05:00.0', 'eth5')).toBe(true);
    expect(ours.has('0000:03:00.0', 'eth3')).toBe(false);
    expect(ours.has('0000:03:00.0', 'eth1')).toBe(true);
    expect(ours.has('0000:03:00.0', 'renamed')).toBe(true);
  });
});
