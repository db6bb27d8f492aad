/**
 * A process dies in the middle of its work, and before anyone recovers VFs are taken away and made anew, or lose
 * their settings: the store is as before the work or as after it, and every VF is as the store says.
 */
import { afterAll, describe, expect, test } from 'vitest';
import type { Claim } from '../../../src/binding/record.ts';
import { checkStore } from '../../../src/store/check.ts';
import { differences } from '../../../src/port/program-places.ts';
import { CASES, type CrashCase, type Hosts, makeHosts, portsOn } from './crash-cases.ts';
import { begin, die, store } from './crash-world.ts';
import { MemoryHost } from './memory-host.ts';
import { mortal } from './mortal.ts';

const FRESH = new MemoryHost('', { pf: 1 }).snapshot()['pf']?.[0];

const EVENTS: readonly { readonly name: string; readonly happen: (hosts: Hosts) => void }[] = [
  {
    name: 'the hosts boot',
    happen: ({ a, b }) => {
      a.reboot();
      b.reboot();
    },
  },
  {
    name: 'one PF of each has its VFs made anew',
    happen: ({ a, b }) => [a, b].forEach((host) => host.recreate('pf1', 3)),
  },
  { name: 'a PF loses all its settings', happen: ({ a, b }) => [a, b].forEach((host) => host.reset('pf0')) },
];

/** What is another one in each life, and each time. */
const DROPPED: ReadonlySet<string> = new Set(['journal', 'at', 'found', 'generation', 'boot_id']);

/** Ports and claims as text; asserts that VFs are as the claims want them, free ones as found or as new. */
async function picture(hosts: Hosts, { refused = '' }: CrashCase, where: string): Promise<string> {
  const { entries } = await store.range('');
  const kept = entries.filter(({ key }) => /^(port|claim)\//.test(key) && key !== `port/${refused}`);
  const claims = new Map(kept.map(({ key, value }) => [key, value as unknown as Claim]));
  const found = makeHosts();
  for (const name of ['a', 'b'] as const) {
    for (const [pf, vfs] of Object.entries(hosts[name].snapshot())) {
      for (const state of vfs) {
        const wanted = claims.get(`claim/${name}/${pf}/${state.vf}`)?.wanted;
        const free = [found[name].snapshot()[pf]?.[state.vf], { ...FRESH, vf: state.vf }];
        const differing =
          wanted == null
            ? []
            : differences(
                [{ place: { pf, vf: state.vf }, config: wanted }],
                new Map([[pf, new Map([[state.vf, state]])]]),
              );
        expect([...differing], `${name} ${pf}/${state.vf}, ${where}`).toEqual([]);
        expect(wanted == null ? free : [state], `${name} ${pf}/${state.vf}, ${where}`).toContainEqual(state);
      }
    }
  }
  const pairs = kept.map(({ key, value }) => [key, value]);
  return JSON.stringify(pairs, (key, value: unknown) => (DROPPED.has(key) ? '' : value), 1);
}

async function recover(hosts: Hosts): Promise<void> {
  for (const host of ['b', 'a'] as const) await portsOn(store, hosts)(host).recover();
}

describe.each(EVENTS)(
  'work cut off at any point, and then $name',
  { timeout: 120_000 },
  ({ name, happen }) => {
    let tried = 0;
    afterAll(() => console.log(`died, ${name}, recovered: ${tried} points`));

    test.each(CASES)('$name: the store is as before or as after, and VFs are as it says', async (one) => {
      const prepared = await begin(one);
      happen(prepared);
      await recover(prepared);
      const before = await picture(prepared, one, 'not begun');
      const done = await die(one, {});
      happen(done.hosts);
      await recover(done.hosts);
      const after = await picture(done.hosts, one, 'done');
      for (let at = 1; at <= done.points.length; at++) {
        const where = `died at ${at}: ${done.points[at - 1] ?? ''}`;
        const { hosts } = await die(one, { at });
        happen(hosts);
        await recover(hosts);
        const now = await picture(hosts, one, where);
        expect(now === before ? before : after, `${where}`).toBe(now);
        expect(await checkStore(store), `${where}`).toEqual([]);
        const { revision } = await store.range('');
        await recover(hosts);
        expect((await store.range('')).revision, `${where}, nothing is left to do`).toBe(revision);
        tried++;
      }
    });
  },
);

test('a repair of lost settings, cut off at any point, is done by the next one', async () => {
  const one = CASES.find(({ name }) => name === 'release macvtap and direct');
  if (one === undefined) throw new Error('there is no such case');
  for (const { name, happen } of EVENTS) {
    const whole = await begin(one);
    happen(whole);
    await recover(whole);
    const after = [whole.a.snapshot(), await picture(whole, one, name)];
    for (let at = 1; ; at++) {
      const hosts = await begin(one);
      happen(hosts);
      const process = mortal(store, [hosts.a, hosts.b], { at });
      await process.run(() => portsOn(process.store, hosts)('a').recover());
      if (!process.isDead()) break;
      await recover(hosts);
      const where = `${name}, died at ${at}: ${process.points.at(-1) ?? ''}`;
      expect([hosts.a.snapshot(), await picture(hosts, one, where)], `${where}`).toEqual(after);
      expect(await checkStore(store), `${where}`).toEqual([]);
    }
  }
});
