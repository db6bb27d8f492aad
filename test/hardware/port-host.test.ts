/** This host as ports see it, on a true PCI driver: inventory and the lives of VFs. */
import { expect, test } from 'vitest';
import { waitForVfs } from '../../src/index.ts';
import { setUp } from '../../src/lifecycle/net-device.ts';
import { createLinuxHost } from '../../src/port/linux-host.ts';
import { useIgb } from './igb.ts';

const igb = useIgb(2);
const host = createLinuxHost();

test('the inventory has the VFs as PCI functions, who uses them, and what igb does not report', async () => {
  const { first, second } = igb.pair;
  const vfs = await waitForVfs(first);
  const used = vfs[1]?.netDevices[0] ?? '';
  await setUp(used, true);
  try {
    const { pfs } = await host.inventory();
    expect(pfs.find(({ device }) => device === first.device)).toMatchObject({
      pciAddress: first.pciAddress,
      vendorProduct: '8086:10c9',
      driver: 'igb',
      netDevice: first.name,
      mac: expect.stringMatching(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/) as string,
      switchdev: false,
      lacks: ['rssQuery', 'nodeGuid', 'portGuid'],
      inUse: null,
      vfs: vfs.map(({ vf, pciAddress, netDevices }) => ({
        vf,
        pciAddress,
        vendorProduct: '8086:10ca',
        driver: 'igbvf',
        netDevices,
        inUse: vf === 1 ? `${pciAddress}: ${used} is up` : null,
      })),
    });
    expect(pfs.find(({ device }) => device === second.device)).toMatchObject({ vfs: [] });
    // Storage controllers have VFs too, and ports have no use for them.
    expect(pfs.every(({ netDevice, driver }) => netDevice !== null || driver !== 'nvme')).toBe(true);
  } finally {
    await setUp(used, false);
  }
});

test('a VF that was taken away and made again is another one, by number and address the same', async () => {
  const { first } = igb.pair;
  const place = { pf: first.device ?? '', vf: 0 };
  const [before, pfBefore] = [await host.generation(place), await host.generation({ ...place, vf: null })];
  expect(before).toMatch(new RegExp(`^${host.bootId}:\\d+:\\d+$`));
  const address = await igb.pair.addressOf(0);
  await first.setNumVfs(0);
  expect(await host.generation(place)).toBeUndefined();
  await first.setNumVfs(2);
  await waitForVfs(first);
  expect(await igb.pair.addressOf(0)).toBe(address);
  const after = await host.generation(place);
  expect(after).toMatch(new RegExp(`^${host.bootId}:\\d+:\\d+$`));
  expect(after).not.toBe(before);
  expect(await host.generation({ ...place, vf: null })).toBe(pfBefore);
});
