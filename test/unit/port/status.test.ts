/** The status of a port, where no VF has to be changed for it. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type HostsWorld, makeHosts } from './hosts.ts';
import { request } from './world.ts';

let world: HostsWorld;
beforeEach(async () => {
  world = await makeHosts();
});
afterEach(() => world.end());

test('a direct-physical port (facts 3: ACTIVE at once) follows its admin state, down and up again', async () => {
  const { a, on } = world;
  const seen: unknown[] = [];
  for (const admin_state_up of [true, false, true]) {
    await on(a).bind([
      request('p1', { place: 'pf0', vnic_type: 'direct-physical', port: { admin_state_up } }),
    ]);
    seen.push((await on(a).get('p1'))?.status);
  }
  expect(seen).toEqual(['ACTIVE', 'DOWN', 'ACTIVE']);
});
