/**
 * A process dies at every point of its work, and another recovers: all is as before the work, or as after it.
 *
 * The host is in memory, the store is LMDB. Processes that are killed in truth are in test/kernel/port-crash.test.ts.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { StoreError } from '../../../src/store/errors.ts';
import { CASES, portsOn } from './crash-cases.ts';
import { begin, die, ends, judge, recover, type Side, store } from './crash-world.ts';
import { failing, mortal } from './mortal.ts';

// Only ends what hangs.
describe('a process that dies at any point', { timeout: 120_000 }, () => {
  const tried = new Map<string, number>();
  afterAll(() => {
    const total = [...tried.values()].reduce((sum, count) => sum + count, 0);
    console.log(`died and recovered at ${total} points: ${JSON.stringify(Object.fromEntries(tried))}`);
  });

  test.each(CASES)('of $name leaves all as before or all as after', async (one) => {
    const { points, ...both } = await ends(one);
    expect(both.before).not.toEqual(both.after);
    const sides: Side[] = [];
    for (let at = 1; at <= points.length; at++) {
      const { hosts } = await die(one, { at });
      sides.push(await judge(one, hosts, await recover(hosts), both, `${at}: ${points[at - 1] ?? ''}`));
    }
    expect(sides[0]).toBe('before');
    expect(sides.at(-1)).toBe('after');
    tried.set(one.name, points.length);
  });

  test.each(CASES)('of $name, and again in recovery, leaves all as before or all as after', async (one) => {
    const { points, ...both } = await ends(one);
    let count = 0;
    for (let at = 1; at <= points.length; at++) {
      for (let again = 1; ; again++) {
        const { hosts } = await die(one, { at });
        const second = mortal(store, [hosts.a, hosts.b], { at: again });
        await second.run(async () => {
          for (const host of ['b', 'a'] as const) await portsOn(second.store, hosts)(host).recover();
        });
        if (!second.isDead()) break;
        await judge(
          one,
          hosts,
          await recover(hosts),
          both,
          `${at}: ${points[at - 1] ?? ''}, then ${again}: ${second.points.at(-1) ?? ''}`,
        );
        count++;
      }
    }
    // Once the journal is on disk and until it is closed there is something to recover, and to die in.
    expect(count > 0).toBe(points.length > 2);
    tried.set(`${one.name}, twice`, count);
  });

  test.each(CASES.slice(0, 5))(
    'of $name, PFs side by side, leaves all as before or all as after',
    async (one) => {
      const { points, ...both } = await ends(one);
      const on = (pf: string): number => points.filter((point) => point.startsWith(`${pf}/`)).length;
      const sides = new Set<Side>();
      let count = 0;
      for (let pf0 = 0; pf0 <= on('pf0'); pf0++) {
        for (let pf1 = 0; pf1 <= on('pf1'); pf1++) {
          if (pf0 === on('pf0') && pf1 === on('pf1')) continue;
          const { hosts } = await die(one, { changes: { pf0, pf1 } });
          sides.add(
            await judge(one, hosts, await recover(hosts), both, `${pf0} changes of pf0, ${pf1} of pf1`),
          );
          count++;
        }
      }
      // What is bound in part is undone, what is released in part is finished.
      expect([...sides]).toEqual([one.name.startsWith('bind') ? 'before' : 'after']);
      tried.set(`${one.name}, side by side`, count);
    },
  );

  test.each(CASES)(
    'of $name, whose store fails at any call, leaves all as before or all as after',
    async (one) => {
      const both = await ends(one);
      let count = 0;
      for (const times of [1, Infinity]) {
        for (let at = 1; ; at++) {
          const hosts = await begin(one);
          const { store: bad, calls } = failing(store, at, times);
          const end = await one.work(portsOn(bad, hosts)).then(
            () => undefined,
            (error: unknown) => error,
          );
          if (calls() < at) break;
          const where = `call ${at}, ${times} times`;
          expect(end, `${where}`).toBeInstanceOf(StoreError);
          expect(end, `${where}`).toMatchObject({ code: 'ENOSPC', message: expect.stringContaining('/x') });
          await judge(one, hosts, await recover(hosts), both, where);
          count++;
        }
      }
      tried.set(`${one.name}, store fails`, count);
    },
  );
});
