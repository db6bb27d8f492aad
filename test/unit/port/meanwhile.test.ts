/** What others do between the steps of a piece of work; the random model found these first. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPorts } from '../../../src/port/open.ts';
import type { Ports } from '../../../src/port/ports.ts';
import type { Store } from '../../../src/store/store.ts';
import { MemoryHost } from './memory-host.ts';
import { makeWorld, request, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.end());

/** Ports whose every commit of a number comes after something else was done. */
function delayed(at: number, meanwhile: () => Promise<unknown>): Ports {
  const { store, host } = world;
  let commits = 0;
  const slow: Store = {
    get: (key) => store.get(key),
    range: (prefix, options) => store.range(prefix, options),
    watch: (prefix, options) => store.watch(prefix, options),
    close: () => store.close(),
    commit: async (options) => {
      if (++commits === at) await meanwhile();
      return store.commit(options);
    },
  };
  return openPorts({ store: slow, host });
}

test.each([1, 2])(
  'a release of a port without a claim leaves a binding alone that came before its commit %i',
  async (at) => {
    const { ports, host } = world;
    host.refusals.set('pf0/0 vlan', 'EOPNOTSUPP');
    await ports.bind([request('p1', { place: 'pf0/0' })]);
    host.refusals.clear();
    const bind = (): Promise<unknown> => ports.bind([request('p1', { place: 'pf0/0' })]);
    await delayed(at, bind).release(['p1']);
    const record = await ports.get('p1');
    // Either the release came first, or it saw the new binding and gave that back as a whole.
    const bound = record?.bindings[0]?.place ?? null;
    expect((await ports.plan([])).restore).toEqual([]);
    await ports.recover();
    expect((await ports.get('p1'))?.bindings[0]?.place ?? null).toEqual(bound);
    expect(host.snapshot()['pf0']?.[0]?.vlan?.id ?? null).toBe(bound === null ? null : 100);
    // After its first commit the release has nothing more to do with it.
    expect(bound).toEqual(at === 2 ? { pf: 'pf0', vf: 0 } : null);
  },
);

test('a bind says so when another host has made its binding the active one before it was through', async () => {
  const { ports, store } = world;
  const other = openPorts({ store, host: new MemoryHost('b', { pf0: 2 }) });
  await ports.bind([request('p1')]);
  await other.bind([request('p1')]);
  const slow = delayed(2, () => other.activate('p1'));
  const report = await slow.bind([request('p1', { place: 'pf1/1' })]);
  expect(report.ports[0]?.refusals).toMatchObject([
    { code: 'STATE', message: expect.stringContaining('meanwhile') },
  ]);
  expect(await ports.get('p1')).toMatchObject({
    bindings: [
      { host: 'a', status: 'INACTIVE', vif_type: 'unbound' },
      { host: 'b', status: 'ACTIVE', vif_type: 'hw_veb' },
    ],
  });
});
