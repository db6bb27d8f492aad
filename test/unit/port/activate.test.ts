/** Live migration: a port is bound on its target, and activated there. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkStore } from '../../../src/store/check.ts';
import type { CommitOptions } from '../../../src/store/store.ts';
import { openPorts } from '../../../src/port/open.ts';
import { type HostsWorld, makeHosts } from './hosts.ts';
import { macOf, records, request } from './world.ts';

let world: HostsWorld;
beforeEach(async () => {
  world = await makeHosts();
});
afterEach(() => world.end());

const p1 = request('p1', { place: 'pf0/0' });
/** That the activation of `p1` sends: its MAC and VLAN; all else is so already. */
const SETTINGS = 2;

const ACTIVE_ON_B = {
  status: 'ACTIVE',
  bindings: [
    { host: 'a', status: 'INACTIVE', vif_type: 'unbound', vif_details: {}, place: null },
    { host: 'b', status: 'ACTIVE', vif_type: 'hw_veb', place: { pf: 'pf0', vf: 0 } },
  ],
};

describe('a further binding', () => {
  test('is bound and inactive (facts 3.4), its VF reserved and not touched', async () => {
    const { a, b, on, claims } = world;
    await on(a).bind([p1]);
    const before = b.snapshot();
    const report = await on(b).bind([p1]);
    expect(report.ports[0]).toMatchObject({
      refusals: [],
      binding: { status: 'INACTIVE', vif_type: 'hw_veb' },
    });
    expect(b.snapshot()).toEqual(before);
    expect(await claims()).toEqual(['a pf0/0 p1 bound', 'b pf0/0 p1 reserved']);
  });

  test('that is released leaves the active one as it is', async () => {
    const { a, b, on, claims } = world;
    await on(a).bind([p1]);
    const bound = a.snapshot();
    await on(b).bind([p1]);
    await on(b).release(['p1']);
    expect(a.snapshot()).toEqual(bound);
    expect(await claims()).toEqual(['a pf0/0 p1 bound']);
    expect(await on(a).get('p1')).toMatchObject({
      status: 'ACTIVE',
      bindings: [{ host: 'a', status: 'ACTIVE' }],
    });
  });
});

describe('activation', () => {
  test('swaps both bindings in one commit, when the VF is set up', async () => {
    const { a, b, on, store } = world;
    await on(a).bind([p1]);
    await on(b).bind([p1]);
    const seen: unknown[] = [];
    const commit = async (options: CommitOptions): Promise<number> => {
      const change = options.changes.find(({ key }) => key === 'port/p1');
      if (change !== undefined) seen.push([change.value, b.snapshot()['pf0']?.[0]?.mac]);
      return store.commit(options);
    };
    const watched = { ...bare(store), commit };
    const record = await openPorts({ store: watched, host: b }).activate('p1');
    expect(record).toMatchObject(ACTIVE_ON_B);
    expect(seen).toMatchObject([[ACTIVE_ON_B, macOf('p1')]]);
  });

  test('leaves the VF of the source to its own host, which gives it back when it recovers', async () => {
    const { a, b, on, claims, store } = world;
    a.drift('pf0', { vf: 0, vlan: { id: 9 } });
    const before = a.snapshot();
    await on(a).bind([p1]);
    const bound = a.snapshot();
    await on(b).bind([p1]);
    await on(b).activate('p1');
    expect(a.snapshot()).toEqual(bound);
    await on(a).recover();
    expect(a.snapshot()).toEqual(before);
    expect(await claims()).toEqual(['b pf0/0 p1 bound']);
    expect(await on(a).get('p1')).toMatchObject(ACTIVE_ON_B);
    expect(await checkStore(store)).toEqual([]);
  });

  test('back before the first host has given its VF back is refused, so that what was found is not forgotten', async () => {
    const { a, b, on, claims } = world;
    const before = a.snapshot();
    await on(a).bind([p1]);
    await on(b).bind([p1]);
    await on(b).activate('p1');
    const early = await on(a).bind([p1]);
    expect(early.ports[0]?.refusals).toMatchObject([
      { code: 'STATE', message: expect.stringContaining('recover') },
    ]);
    expect(await claims()).toEqual(['a pf0/0 p1 bound', 'b pf0/0 p1 bound']);
    await on(a).recover();
    expect(a.snapshot()).toEqual(before);
    expect((await on(a).bind([p1])).ports[0]).toMatchObject({
      refusals: [],
      binding: { status: 'INACTIVE' },
    });
  });

  test('whose VF refuses a setting leaves all as it was', async () => {
    const { a, b, on, store, claims } = world;
    await on(a).bind([p1]);
    await on(b).bind([p1]);
    const before = [b.snapshot(), (await records(store))['port/p1']];
    b.refusals.set('pf0/0 vlan', 'EOPNOTSUPP');
    await expect(on(b).activate('p1')).rejects.toMatchObject({ code: 'EOPNOTSUPP' });
    expect([b.snapshot(), (await records(store))['port/p1']]).toEqual(before);
    expect(await claims()).toEqual(['a pf0/0 p1 bound', 'b pf0/0 p1 reserved']);
    b.refusals.clear();
    await expect(on(b).activate('p1')).resolves.toMatchObject(ACTIVE_ON_B);
  });

  test('whose VF is gone leaves all as it was, and succeeds when it is back', async () => {
    const { a, b, on, store, claims } = world;
    await on(a).bind([p1]);
    await on(b).bind([p1]);
    const before = (await records(store))['port/p1'];
    b.remove('pf0');
    await expect(on(b).activate('p1')).rejects.toMatchObject({ code: 'ENODEV' });
    await on(b).recover();
    expect((await records(store))['port/p1']).toEqual(before);
    expect(await claims()).toEqual(['a pf0/0 p1 bound', 'b pf0/0 p1 reserved']);
    b.recreate('pf0', 2);
    await expect(on(b).activate('p1')).resolves.toMatchObject(ACTIVE_ON_B);
  });

  test('goes on when someone writes to the port meanwhile, from what he wrote', async () => {
    const { a, b, on, store } = world;
    await on(a).bind([p1]);
    await on(b).bind([p1]);
    const { program } = b;
    b.program = async (pf, configs) => {
      b.program = program;
      const entry = await store.get('port/p1');
      const value = entry?.value as { readonly port: object };
      await store.commit({
        changes: [{ key: 'port/p1', value: { ...value, port: { ...value.port, name: 'web' } } as never }],
      });
      return program.call(b, pf, configs);
    };
    await on(b).activate('p1');
    expect(await on(b).get('p1')).toMatchObject({ ...ACTIVE_ON_B, port: { name: 'web' } });
  });

  test('keeps its VF when it is to be released meanwhile, and goes on when the source is', async () => {
    const { a, b, on, claims, store } = world;
    await on(a).bind([p1]);
    await on(b).bind([p1]);
    const { program } = b;
    const released: unknown[] = [];
    b.program = async (pf, configs) => {
      b.program = program;
      released.push(await on(b).release(['p1']), await on(a).release(['p1']));
      return program.call(b, pf, configs);
    };
    const record = await on(b).activate('p1');
    expect(released).toMatchObject([
      { released: [], notRestored: [{ port: 'p1', place: 'pf0/0' }] },
      { released: ['p1'], notRestored: [] },
    ]);
    expect(record).toMatchObject({ status: 'ACTIVE', bindings: [{ host: 'b', status: 'ACTIVE' }] });
    expect(await claims()).toEqual(['b pf0/0 p1 bound']);
    expect(await checkStore(store)).toEqual([]);
  });

  test('of two hosts at once: one succeeds, the other is told 409 (facts 3.4) and is as it was', async () => {
    const { a, b, c, on, store } = world;
    for (const host of [a, b, c]) await on(host).bind([p1]);
    const before = new Map([b, c].map((host) => [host.name, host.snapshot()]));
    const answers = await Promise.allSettled([on(b).activate('p1'), on(c).activate('p1')]);
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const lost = answers[0]?.status === 'rejected' ? b : c;
    const refused = answers.find((answer) => answer.status === 'rejected');
    expect(refused?.reason).toMatchObject({ status: 409 });
    expect(lost.snapshot()).toEqual(before.get(lost.name));
    const record = await on(a).get('p1');
    expect(record?.bindings.filter(({ status }) => status === 'ACTIVE')).toHaveLength(1);
    for (const host of [a, b, c]) await on(host).recover();
    expect(await checkStore(store)).toEqual([]);
  });

  test('twice at once on one host: one succeeds, the other is told 409, and the VF is as the port wants it', async () => {
    const { a, b, on, claims } = world;
    await on(a).bind([p1]);
    await on(b).bind([p1]);
    const { program } = b;
    const second: unknown[] = [];
    b.program = async (pf, configs) => {
      b.program = program;
      second.push(
        await on(b)
          .activate('p1')
          .catch((error: unknown) => error),
      );
      return program.call(b, pf, configs);
    };
    await expect(on(b).activate('p1')).resolves.toMatchObject(ACTIVE_ON_B);
    expect(second).toMatchObject([{ code: 'SRIOV_BUSY', status: 409 }]);
    expect(await claims()).toEqual(['a pf0/0 p1 bound', 'b pf0/0 p1 bound']);
    expect(b.snapshot()['pf0']?.[0]).toMatchObject({ mac: macOf('p1') });
  });

  test.each([
    ['of a port that there is not', 'SRIOV_NOT_FOUND', 404],
    ['of a port without a binding here', 'SRIOV_NO_BINDING', 404],
    ['of a binding that is active', 'SRIOV_BINDING_ACTIVE', 409],
    ['of a binding that failed', 'SRIOV_NOT_BOUND', 409],
  ])('%s is refused with %s (%i)', async (_, code, status) => {
    const { a, b, c, on, store } = world;
    await on(a).bind([p1]);
    await on(c).bind([request('p1', { place: 'pf9/0' })]);
    const held = await records(store);
    const [host, port] = {
      SRIOV_NOT_FOUND: [a, 'p9'] as const,
      SRIOV_NO_BINDING: [b, 'p1'] as const,
      SRIOV_BINDING_ACTIVE: [a, 'p1'] as const,
      SRIOV_NOT_BOUND: [c, 'p1'] as const,
    }[code] ?? [a, ''];
    await expect(on(host).activate(port)).rejects.toMatchObject({ code, status });
    expect(await records(store)).toEqual(held);
  });

  test('that died is finished when its VF is as wanted, else undone', async () => {
    const { a, b, on, die, store, claims } = world;
    await on(a).bind([p1]);
    await on(b).bind([p1]);
    const before = b.snapshot();
    await die(b, { changes: { pf0: 1 } }, (ports) => ports.activate('p1'));
    expect(await on(b).recover()).toMatchObject({ work: [{ kind: 'activate', outcome: 'undone' }] });
    expect(b.snapshot()).toEqual(before);
    expect(await claims()).toEqual(['a pf0/0 p1 bound', 'b pf0/0 p1 reserved']);
    const changes = b.requests.length;
    await die(b, { at: SETTINGS + 3 }, (ports) => ports.activate('p1'));
    expect(b.requests.length).toBe(changes + 1);
    expect(await on(b).recover()).toMatchObject({ work: [{ kind: 'activate', outcome: 'finished' }] });
    expect(await on(b).get('p1')).toMatchObject(ACTIVE_ON_B);
    await on(a).recover();
    expect(await checkStore(store)).toEqual([]);
  });

  test('that died and was overtaken by another host is put back', async () => {
    const { a, b, c, on, die, store, claims } = world;
    for (const host of [a, b, c]) await on(host).bind([p1]);
    const before = b.snapshot();
    await die(b, { at: SETTINGS + 3 }, (ports) => ports.activate('p1'));
    await on(c).activate('p1');
    await on(a).release(['p1']);
    expect(await on(b).recover()).toMatchObject({ work: [{ kind: 'activate', outcome: 'undone' }] });
    expect(b.snapshot()).toEqual(before);
    expect(await claims()).toEqual(['b pf0/0 p1 reserved', 'c pf0/0 p1 bound']);
    expect(await checkStore(store)).toEqual([]);
  });
});

function bare(store: HostsWorld['store']): HostsWorld['store'] {
  return {
    get: (key) => store.get(key),
    range: (prefix, options) => store.range(prefix, options),
    commit: (options) => store.commit(options),
    watch: (prefix, options) => store.watch(prefix, options),
    close: () => store.close(),
  };
}
