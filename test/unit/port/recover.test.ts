/** What `recover` finds after all kinds of mishaps, and what it makes of it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PortRequest } from '../../../src/binding/port.ts';
import type { Claim } from '../../../src/binding/record.ts';
import type { OpenJournal } from '../../../src/port/journal.ts';
import { checkStore } from '../../../src/store/check.ts';
import type { Json } from '../../../src/store/store.ts';
import { type HostsWorld, makeHosts } from './hosts.ts';
import { macOf, records, request } from './world.ts';

let world: HostsWorld;
beforeEach(async () => {
  world = await makeHosts();
});
afterEach(() => world.end());

const NOTHING = { work: [], restored: [], lost: [] };
const p1 = request('p1', { place: 'pf0/0', profile: { trusted: true } });

describe('a bound port', () => {
  test('whose PF was reset has its settings again, and its VF goes back to what was found', async () => {
    const { a, on } = world;
    a.drift('pf0', { vf: 0, vlan: { id: 7 }, linkState: 'disable' });
    const before = a.snapshot();
    await on(a).bind([p1]);
    const bound = a.snapshot();
    a.reset('pf0');
    expect(await on(a).recover()).toMatchObject({
      restored: [{ port: 'p1', place: 'pf0/0', changes: { mac: macOf('p1'), trust: true } }],
      lost: [],
    });
    expect(a.snapshot()).toEqual(bound);
    expect(await on(a).recover()).toMatchObject(NOTHING);
    await on(a).release(['p1']);
    expect(a.snapshot()).toEqual(before);
  });

  test('whose VF was changed behind its back gets what differs, and nothing else is touched', async () => {
    const { a, on } = world;
    await on(a).bind([p1, request('p2', { place: 'pf0/1' })]);
    a.drift('pf0', { vf: 0, spoofCheck: false });
    await on(a).recover();
    expect(a.requests.at(-1)).toEqual({ pf: 'pf0', configs: [{ vf: 0, spoofCheck: true }] });
  });

  test('whose VF was made anew is set up again, and what was found is the new state from then on', async () => {
    const { a, store, on } = world;
    a.drift('pf0', { vf: 0, mac: '02:aa:00:00:00:01', rate: { min: 0, max: 30 } });
    await on(a).bind([p1]);
    a.recreate('pf0', 2);
    a.drift('pf0', { vf: 0, mac: '02:bb:00:00:00:01' });
    const anew = a.snapshot();
    expect(await on(a).recover()).toMatchObject({ restored: [{ port: 'p1' }], lost: [] });
    expect(a.snapshot()['pf0']?.[0]).toMatchObject({ mac: macOf('p1'), trust: true });
    expect((await store.get('claim/a/pf0/0'))?.value).toMatchObject({ found: { mac: '02:bb:00:00:00:01' } });
    await on(a).release(['p1']);
    expect(a.snapshot()).toEqual(anew);
  });

  test('of macvtap, whose VF was made anew, leaves the new network device as that was', async () => {
    const { a, on } = world;
    const place = { pf: 'pf0', vf: 0 };
    await on(a).bind([request('p1', { place: 'pf0/0', vnic_type: 'macvtap' })]);
    a.recreate('pf0', 2);
    const anew = await a.netDevice(place);
    await on(a).recover();
    expect(await a.netDevice(place)).toMatchObject({ mac: macOf('p1'), up: true, uppers: { length: 1 } });
    await on(a).release(['p1']);
    expect(await a.netDevice(place)).toEqual(anew);
  });

  test('of macvtap, bound again after its VF was made anew, leaves the new network device as that was', async () => {
    const { a, on } = world;
    const place = { pf: 'pf0', vf: 0 };
    const macvtap = request('p1', { place: 'pf0/0', vnic_type: 'macvtap' });
    await on(a).bind([macvtap]);
    a.recreate('pf0', 2);
    const anew = await a.netDevice(place);
    await on(a).bind([macvtap]);
    await on(a).release(['p1']);
    expect(await a.netDevice(place)).toEqual(anew);
  });

  test('of macvtap keeps its device whatever becomes of later work on it', async () => {
    const { a, on, die } = world;
    const macvtap = (trusted: boolean): PortRequest =>
      request('p1', { place: 'pf0/0', vnic_type: 'macvtap', profile: { trusted } });
    await on(a).bind([macvtap(false)]);
    const removed: string[] = [];
    a.removeMacvtap = async (_place, name) => {
      removed.push(name);
    };
    a.refusals.set('pf0/0 trust', 'EPERM');
    await on(a).bind([macvtap(true)]);
    a.refusals.clear();
    await die(a, { changes: { pf0: 0 } }, (ports) => ports.bind([macvtap(true)]));
    await on(a).recover();
    a.reset('pf0');
    await die(a, { changes: { pf0: 1 } }, (ports) => ports.recover());
    expect(await on(a).recover()).toMatchObject({ work: [{ kind: 'repair' }], lost: [] });
    expect(removed).toEqual([]);
  });

  test('after a boot has all of it again', async () => {
    const { a, on } = world;
    await on(a).bind([p1, request('p2', { place: 'pf1/1' })]);
    const bound = a.snapshot();
    a.reboot();
    expect(await on(a).recover()).toMatchObject({ restored: [{ port: 'p1' }, { port: 'p2' }], lost: [] });
    expect(a.snapshot()).toEqual(bound);
  });

  test('whose PF has another name meanwhile is as it was: a place is the device, not its name', async () => {
    const { a, store, on } = world;
    await on(a).bind([p1]);
    const held = await records(store);
    const { inventory } = a;
    a.inventory = async () => {
      const { host, pfs } = await inventory.call(a);
      return { host, pfs: pfs.map((pf) => ({ ...pf, netDevice: `renamed-${pf.device}` })) };
    };
    expect(await on(a).recover()).toMatchObject(NOTHING);
    const again = await on(a).bind([p1]);
    expect(again.ports).toMatchObject([{ refusals: [], changes: null }]);
    expect(await records(store)).toEqual(held);
  });

  test("whose VF was made anew and is someone else's now is left alone, and that is said", async () => {
    const { a, on } = world;
    await on(a).bind([p1]);
    a.recreate('pf0', 2);
    a.drift('pf0', { vf: 0, vlan: { id: 4000 }, mac: '02:cc:00:00:00:01' });
    const theirs = a.snapshot();
    expect(await on(a).recover()).toMatchObject({
      restored: [],
      lost: [{ port: 'p1', place: 'pf0/0', message: expect.stringContaining('someone else') }],
    });
    expect(a.snapshot()).toEqual(theirs);
    expect(await on(a).release(['p1'])).toMatchObject({
      released: ['p1'],
      notRestored: [{ place: 'pf0/0' }],
    });
    expect(a.snapshot()).toEqual(theirs);
  });

  test('whose VF is not among fewer VFs is lost, and restored when it is back', async () => {
    const { a, on } = world;
    await on(a).bind([request('p2', { place: 'pf0/1' })]);
    const bound = a.snapshot();
    a.recreate('pf0', 1);
    expect(await on(a).recover()).toMatchObject({ restored: [], lost: [{ port: 'p2', place: 'pf0/1' }] });
    a.remove('pf0');
    expect(await on(a).recover()).toMatchObject({ restored: [], lost: [{ port: 'p2', place: 'pf0/1' }] });
    a.recreate('pf0', 2);
    expect(await on(a).recover()).toMatchObject({ restored: [{ port: 'p2' }], lost: [] });
    expect(a.snapshot()).toEqual(bound);
  });

  test('whose VF refuses to have its settings again is lost with the reason; the others are restored', async () => {
    const { a, on } = world;
    await on(a).bind([p1, request('p2', { place: 'pf0/1' })]);
    a.reset('pf0');
    a.refusals.set('pf0/0 vlan', 'EBUSY');
    expect(await on(a).recover()).toMatchObject({
      restored: [{ port: 'p2' }],
      lost: [{ port: 'p1', failures: [{ attribute: 'vlan', code: 'EBUSY' }] }],
    });
    a.refusals.clear();
    expect(await on(a).recover()).toMatchObject({
      restored: [{ port: 'p1', changes: { vlan: { id: 100 } } }],
    });
  });

  test('that is released while it is being recovered is not set up again', async () => {
    const { a, on, store } = world;
    const before = a.snapshot();
    await on(a).bind([p1]);
    a.reset('pf0');
    const { program } = a;
    const released: unknown[] = [];
    a.program = async (pf, configs) => {
      a.program = program;
      released.push(await on(a).release(['p1']));
      return program.call(a, pf, configs);
    };
    await on(a).recover();
    expect(released).toMatchObject([{ released: [], notRestored: [{ port: 'p1', place: 'pf0/0' }] }]);
    expect(a.snapshot()['pf0']?.[0]).toMatchObject({ mac: macOf('p1') });
    await on(a).release(['p1']);
    expect(a.snapshot()).toEqual(before);
    expect(await records(store)).toEqual({});
  });

  test('that was released just before it would be recovered is not set up again', async () => {
    const { a, on } = world;
    const before = a.snapshot();
    await on(a).bind([p1]);
    const { read } = a;
    a.read = async (pf) => {
      a.read = read;
      await on(a).release(['p1']);
      return read.call(a, pf);
    };
    expect(await on(a).recover()).toMatchObject({ restored: [] });
    expect(a.snapshot()).toEqual(before);
  });
});

describe('half-done work', () => {
  /** Rewrites the entry of the only open journal. */
  async function disown(change: Partial<OpenJournal['process']>): Promise<void> {
    const { entries } = await world.store.range('journal/a/');
    const open = entries.filter(({ value }) => (value as { state?: string }).state === 'open');
    expect(open).toHaveLength(1);
    const value = open[0]?.value as unknown as OpenJournal;
    const changed = { ...value, process: { ...value.process, ...change } };
    await world.store.commit({ changes: [{ key: open[0]?.key ?? '', value: changed as unknown as Json }] });
  }

  test('is left alone while its process lives, by whoever recovers', async () => {
    const { a, on } = world;
    const { program } = a;
    const seen: unknown[] = [];
    a.program = async (pf, configs) => {
      seen.push(await on(a).recover());
      return program.call(a, pf, configs);
    };
    await on(a).bind([p1]);
    await on(a).release(['p1']);
    const work = (kind: string): object => ({
      work: [{ kind, ports: ['p1'], outcome: 'kept' }],
      restored: [],
      lost: [],
    });
    expect(seen).toMatchObject([work('bind'), work('release')]);
    expect(await world.claims()).toEqual([]);
  });

  test('of a process in another PID namespace is kept, for nobody can tell whether it lives', async () => {
    const { a, on, die } = world;
    await die(a, { changes: { pf0: 1 } }, (ports) => ports.bind([p1]));
    const half = a.snapshot();
    await disown({ pid_ns: 1, pid: 1 });
    expect(await on(a).recover()).toMatchObject({ work: [{ outcome: 'kept', ports: ['p1'] }] });
    expect(a.snapshot()).toEqual(half);
    expect(await world.claims()).toEqual(['a pf0/0 p1 applying']);
  });

  test('of a process whose id someone else has now is undone', async () => {
    const { a, on, die } = world;
    const before = a.snapshot();
    await die(a, { changes: { pf0: 1 } }, (ports) => ports.bind([p1]));
    await disown({ started: 1 });
    expect(await on(a).recover()).toMatchObject({ work: [{ outcome: 'undone' }] });
    expect(a.snapshot()).toEqual(before);
    expect(await world.claims()).toEqual([]);
  });

  test('is not touched by a release, so that a VF is not given away which recovery would still write to', async () => {
    const { a, on, die } = world;
    const before = a.snapshot();
    await die(a, { changes: { pf0: 1 } }, (ports) => ports.bind([p1]));
    expect(await on(a).release(['p1'])).toMatchObject({
      released: [],
      notRestored: [{ port: 'p1', place: 'pf0/0', message: expect.stringContaining('recover') }],
    });
    const late = await on(a).bind([request('p2', { place: 'pf0/0' })]);
    expect(late.ports[0]?.refusals).toMatchObject([{ code: 'TAKEN' }]);
    await on(a).recover();
    expect(a.snapshot()).toEqual(before);
    await on(a).bind([request('p2', { place: 'pf0/0' })]);
    const bound = a.snapshot();
    expect(await on(a).recover()).toMatchObject(NOTHING);
    expect(a.snapshot()).toEqual(bound);
  });

  test('that is undone leaves what another host has made of the port since', async () => {
    const { a, b, on, die, store } = world;
    await on(a).bind([p1]);
    await die(a, { changes: { pf0: 0 } }, (ports) => ports.bind([request('p1', { profile: {} })]));
    await on(b).bind([p1]);
    expect(await on(a).recover()).toMatchObject({ work: [{ outcome: 'undone' }] });
    expect(await on(a).get('p1')).toMatchObject({
      status: 'ACTIVE',
      bindings: [
        { host: 'a', status: 'ACTIVE', vif_type: 'hw_veb', profile: { trusted: true } },
        { host: 'b', status: 'INACTIVE', vif_type: 'hw_veb' },
      ],
    });
    expect(await checkStore(store)).toEqual([]);
  });

  test('of a binding that another host has replaced since is not made active again', async () => {
    const { a, b, on, die, store } = world;
    const before = a.snapshot();
    await on(a).bind([p1]);
    await on(b).bind([p1]);
    const other = request('p1', { profile: { trusted: true }, port: { port_security_enabled: false } });
    await die(a, { changes: { pf0: 0 } }, (ports) => ports.bind([other]));
    await on(b).activate('p1');
    await on(a).recover();
    expect(await on(a).get('p1')).toMatchObject({
      bindings: [
        { host: 'a', status: 'INACTIVE', vif_type: 'unbound' },
        { host: 'b', status: 'ACTIVE', vif_type: 'hw_veb' },
      ],
    });
    expect(await world.claims()).toEqual(['b pf0/0 p1 bound']);
    expect(a.snapshot()).toEqual(before);
    expect(await checkStore(store)).toEqual([]);
  });
});

describe('left-over claims', () => {
  test('of a port that has no record are given back', async () => {
    const { a, on, store } = world;
    const before = a.snapshot();
    await on(a).bind([p1]);
    await store.commit({ changes: [{ key: 'port/p1', value: undefined }] });
    await on(a).recover();
    expect(a.snapshot()).toEqual(before);
    expect(await world.claims()).toEqual([]);
  });

  test('of a port that is bound to another VF here are given back, and it keeps that VF', async () => {
    const { a, on, store } = world;
    await on(a).bind([p1]);
    const claim = (await store.get('claim/a/pf0/0'))?.value as unknown as Claim;
    const stray = { ...claim, place: { pf: 'pf1', vf: 1 }, found: { ...claim.found, vf: 1 } };
    await store.commit({ changes: [{ key: 'claim/a/pf1/1', value: stray as unknown as Json }] });
    const before = a.snapshot();
    await on(a).recover();
    expect(await world.claims()).toEqual(['a pf0/0 p1 bound']);
    expect(a.snapshot()).toEqual(before);
    expect(await on(a).get('p1')).toMatchObject({
      status: 'ACTIVE',
      bindings: [{ place: { pf: 'pf0', vf: 0 } }],
    });
  });
});

describe('collecting', () => {
  test('releases the ports of this host whose owner is gone, and no others', async () => {
    const { a, b, on } = world;
    const before = a.snapshot();
    await on(a).bind([p1, request('p2')]);
    await on(b).bind([request('p3')]);
    const report = await on(a).collect(({ port }) => port.device_id === 'instance-p2');
    expect(report).toMatchObject({ released: ['p1'], unknown: [], notRestored: [] });
    expect(a.snapshot()['pf0']?.[0]).toEqual(before['pf0']?.[0]);
    expect((await on(a).list()).map(({ port }) => port.id)).toEqual(['p2', 'p3']);
  });
});
