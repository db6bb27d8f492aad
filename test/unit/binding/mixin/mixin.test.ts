/** The profile mixin on real stores; test/contract/examples.test.ts runs its worked examples. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withSriovPort } from '../../../../src/binding/mixin.ts';
import { openLmdbStore } from '../../../../src/store/lmdb-store.ts';
import type { Store } from '../../../../src/store/store.ts';

let path: string;
let store: Store;

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'sriov-mixin-'));
  store = await openLmdbStore(path);
});

afterEach(async () => {
  await store.close();
  await rm(path, { recursive: true });
});

describe('mixin', () => {
  const id = (port: { readonly id: string }): string => port.id;
  const port = { id: 'p' };

  it('survives closing and opening of the store', async () => {
    await withSriovPort(store, { id }).save(port, { vnic_type: 'macvtap' }, 0);
    await store.close();
    store = await openLmdbStore(path);
    expect(await withSriovPort(store, { id }).load(port)).toMatchObject({
      vnic_type: 'macvtap',
      profile: {},
    });
  });

  it('changes one attribute and keeps the other; null clears', async () => {
    const sriov = withSriovPort(store, { id });
    const first = await sriov.save(port, { vnic_type: 'direct', profile: { mine: 1 } }, 0);
    const second = await sriov.save(port, { vnic_type: 'virtio' }, first.revision);
    expect(second).toMatchObject({ vnic_type: 'normal', profile: { mine: 1 } });
    const third = await sriov.save(port, { profile: null }, second.revision);
    expect(third).toEqual(await sriov.load(port));
    expect(third.profile).toEqual({});
  });

  it('of two that save at once, one is told so and nothing is lost', async () => {
    const sriov = withSriovPort(store, { id });
    const results = await Promise.allSettled([
      sriov.save(port, { profile: { by: 1 } }, 0),
      sriov.save(port, { profile: { by: 2 } }, 0),
    ]);
    const saved = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(saved).toHaveLength(1);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'SRIOV_CONFLICT' },
    });
    expect(await sriov.load(port)).toEqual(saved[0]);
  });

  it.each([
    ['vnic type', { vnic_type: 'fast' }],
    ['profile', { profile: [] }],
    ['large profile', { profile: { x: 'y'.repeat(4095) } }],
  ])('refuses a bad %s and keeps nothing', async (_, changes) => {
    const sriov = withSriovPort(store, { id });
    await expect(sriov.save(port, changes as never, 0)).rejects.toMatchObject({
      code: 'SRIOV_INVALID_CONFIG',
    });
    expect((await sriov.load(port)).revision).toBe(0);
  });
});
