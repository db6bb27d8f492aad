/** What the agent once did wrong. */
import { afterEach, expect, test } from 'vitest';
import { FIGHT_TIMES } from '../../../../src/agent/engine/held.ts';
import { StoreError } from '../../../../src/store/errors.ts';
import { request, type World } from '../../port/world.ts';
import { common, link, type Rig, startRig } from './rig.ts';

let rig: Rig;
afterEach(() => rig.end());

async function bindOne({ ports }: World): Promise<void> {
  const [outcome] = (await ports.bind([request('p1')])).ports;
  expect(outcome?.refusals).toEqual([]);
}

test('a drift that could not be repaired for want of the store is no fight, however often that was tried', async () => {
  rig = await startRig(bindOne, { backoffFirstMs: 1, backoffMaxMs: 4 });
  const place = (await rig.ports.get('p1'))?.bindings[0]?.place;
  const { store } = rig;
  const commit = store.commit.bind(store);
  let refusals = 0;
  store.commit = (options) => {
    if (refusals++ >= 2 * FIGHT_TIMES) return commit(options);
    return Promise.reject(new StoreError('EBUSY', 'another process holds its lock'));
  };
  rig.host.drift(place?.pf ?? '', { vf: place?.vf ?? 0, vlan: { id: 7 } });
  rig.touch(place?.pf ?? '');
  await rig.until('repaired');
  expect(rig.told.filter(({ type }) => type === 'trouble')).toHaveLength(2 * FIGHT_TIMES);
  expect(rig.told.filter(({ type }) => type === 'repair-failed')).toEqual([]);
  // However often it was tried, it is one drift.
  expect(rig.told.filter(({ type }) => type === 'drift')).toHaveLength(1);
});

test('what was sent to a PF that is down is not expected to be announced, so that the next change is heard', async () => {
  rig = await startRig(bindOne);
  const { pf, vf } = (await rig.ports.get('p1'))?.bindings[0]?.place ?? { pf: '', vf: 0 };
  const [up, down] = [link(pf), link(pf, { up: false })];
  rig.links.push({ type: 'changed', ...common(down), previous: up, changes: ['up'], announcements: 1 });
  await rig.until('reconciled', ({ trigger }) => trigger === 'link');
  rig.host.drift(pf, { vf: vf ?? 0, vlan: { id: 7 } });
  await rig.agent.reconcile(pf);
  await rig.until('repaired');
  rig.host.drift(pf, { vf: vf ?? 0, spoofCheck: false });
  rig.touch(pf);
  await rig.until('repaired', ({ attributes }) => attributes.includes('spoofCheck'));
});
