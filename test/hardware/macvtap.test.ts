/**
 * Macvtap on the network device of a VF of a true driver, whose MAC belongs to the PF: what a macvtap port needs, and
 * everything as before when it is gone.
 */
import { expect, test } from 'vitest';
import { unbindDriver, restoreDriver } from '../../src/index.ts';
import { readLink } from '../../src/lifecycle/macvtap.ts';
import { createLinuxHost } from '../../src/port/linux-host.ts';
import { useIgb } from './igb.ts';

const igb = useIgb(2);
const host = createLinuxHost();
const MAC = '02:00:00:00:05:01';
const OTHER = '02:00:00:00:05:02';

const place = (): { pf: string; vf: number } => ({ pf: igb.pair.first.device ?? '', vf: 1 });

test("a VF's network device takes the port's MAC by a rebind of its driver, has a macvtap device, and is put back", async () => {
  const { pf } = place();
  // A VF that igbvf found while its PF was in reset does not talk to the PF, and takes any MAC.
  await igb.pair.restartVf(1);
  const [, stateBefore] = await host.read(pf);
  const before = await host.netDevice(place());
  const generation = await host.generation(place());
  if (before === null || stateBefore === undefined) throw new Error('the VF has no network device');

  expect(await host.program(pf, [{ vf: 1, mac: MAC }])).toMatchObject({ failures: [] });
  await host.setNetDevice(place(), { mac: MAC, up: true });
  const made = await host.createMacvtap(place(), 'mvt-igb');
  const between = await host.netDevice(place());
  // igbvf is refused the MAC by the PF, and has it from the PF when it is bound again: a new network device.
  expect(between?.ifindex).not.toBe(before.ifindex);
  expect(between).toMatchObject({ mac: MAC, up: true, uppers: [made] });
  expect(readLink('mvt-igb')).toEqual({ ...made, mac: MAC, up: true });
  // The function is the same one: its driver was bound again, the VF was not made anew.
  expect(await host.generation(place())).toBe(generation);

  // A MAC that the PF has not given is refused; binding the driver again would take the macvtap device away.
  await expect(host.setNetDevice(place(), { mac: OTHER })).rejects.toMatchObject({
    code: 'SRIOV_REFUSED',
    message: expect.stringMatching(/EADDRNOTAVAIL.* would take mvt-igb away/) as string,
  });
  expect(await host.netDevice(place())).toEqual(between);

  await host.removeMacvtap(place(), 'mvt-igb');
  expect(readLink('mvt-igb')).toBeUndefined();
  expect(await host.program(pf, [{ vf: 1, mac: null }])).toMatchObject({ failures: [] });
  await host.setNetDevice(place(), { mac: before.mac, up: before.up });
  expect(await host.netDevice(place())).toMatchObject({ mac: before.mac, up: before.up, uppers: [] });
  expect((await host.read(pf))[1]).toEqual(stateBefore);
});

test('a MAC that the PF has not given is refused also after the driver was bound again', async () => {
  const { pf } = place();
  await igb.pair.restartVf(1);
  const before = await host.netDevice(place());
  expect(await host.program(pf, [{ vf: 1, mac: MAC }])).toMatchObject({ failures: [] });
  await expect(host.setNetDevice(place(), { mac: OTHER })).rejects.toMatchObject({
    code: 'EADDRNOTAVAIL',
    message: expect.stringContaining(`after its driver was bound again it has ${MAC}`) as string,
  });
  const after = await host.netDevice(place());
  expect(after).toMatchObject({ mac: MAC, uppers: [] });
  expect(after?.ifindex).not.toBe(before?.ifindex);
  // What the PF gives up, the VF may choose again.
  expect(await host.program(pf, [{ vf: 1, mac: null }])).toMatchObject({ failures: [] });
  await host.setNetDevice(place(), { mac: OTHER });
  expect(await host.netDevice(place())).toMatchObject({ mac: OTHER });
});

test('a VF without a network driver has no network device, and that is said', async () => {
  const found = await unbindDriver(await igb.pair.addressOf(0));
  try {
    const other = { ...place(), vf: 0 };
    expect(await host.netDevice(other)).toBeNull();
    await expect(host.createMacvtap(other, 'mvt-igb')).rejects.toMatchObject({ code: 'SRIOV_REFUSED' });
    await host.removeMacvtap(other, 'mvt-igb');
  } finally {
    await restoreDriver(found);
  }
});
