/**
 * This host as ports see it, on netdevsim: inventory, lives of VFs, reading and programming, macvtap.
 *
 * VFs of netdevsim have no network devices, so macvtap devices are put on the PF's here; on a VF's own it is the
 * hardware tests that do.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLinuxHost } from '../../src/port/linux-host.ts';
import { changeLink, makeMacvtap, readLink, removeMacvtap } from '../../src/lifecycle/macvtap.ts';
import { DIST } from './child.ts';
import { createNetdevsim, type Netdevsim } from './netdevsim.mjs';
import { each, full } from './pf.ts';

const ip = (line: string): string => execFileSync('ip', line.split(' '), { encoding: 'utf8' });
const host = createLinuxHost({ name: 'compute-1' });

let sim: Netdevsim;
let device: string;
let renamed: string;
beforeEach(() => {
  sim = createNetdevsim({ vfs: 4 });
  device = `netdevsim${sim.id}`;
  renamed = `renamed${sim.id}`;
});
afterEach(() => sim.remove());

async function pfInInventory(): Promise<unknown> {
  return (await host.inventory()).pfs.find((pf) => pf.device === device);
}

describe('the inventory', () => {
  test('has a netdevsim PF with its VFs by number, and what its driver does not report', async () => {
    expect((await host.inventory()).host).toBe('compute-1');
    expect(await pfInInventory()).toEqual({
      device,
      pciAddress: null,
      vendorProduct: null,
      driver: 'netdevsim',
      netDevice: sim.pf,
      mac: readFileSync(`/sys/class/net/${sim.pf}/address`, 'utf8').trim(),
      numaNode: null,
      switchdev: false,
      lacks: ['nodeGuid', 'portGuid'],
      inUse: null,
      vfs: [0, 1, 2, 3].map((vf) => {
        return { vf, pciAddress: null, vendorProduct: null, driver: null, netDevices: [], inUse: null };
      }),
    });
  });

  test('knows a PF by its device when its network device is renamed, and one that has no VFs', async () => {
    ip(`link set ${sim.pf} name ${renamed}`);
    expect(await pfInInventory()).toMatchObject({ netDevice: renamed, vfs: { length: 4 } });
    sim.setNumVfs(0);
    expect(await pfInInventory()).toMatchObject({ lacks: [], vfs: [] });
  });

  test('says who uses a PF: an address does, being up does not', async () => {
    ip(`link set ${sim.pf} up`);
    expect(await pfInInventory()).toMatchObject({ inUse: null });
    ip(`address add 192.0.2.7/32 dev ${sim.pf}`);
    expect(await pfInInventory()).toMatchObject({ inUse: `${sim.pf} has address 192.0.2.7` });
  });

  test('of 8 PFs with 128 VFs each has all of them, in order', async () => {
    const sims = Array.from({ length: 8 }, () => createNetdevsim({ vfs: 128 }));
    try {
      const begun = performance.now();
      const { pfs } = await host.inventory();
      console.log(`inventory of 8 × 128 VFs: ${(performance.now() - begun).toFixed(1)} ms`);
      const names = new Set(sims.map(({ id }) => `netdevsim${id}`));
      const found = pfs.filter((pf) => names.has(pf.device));
      expect(found.map(({ vfs }) => vfs.length)).toEqual(sims.map(() => 128));
      expect(pfs.map((pf) => pf.device)).toEqual(pfs.map((pf) => pf.device).sort());
    } finally {
      for (const one of sims) one.remove();
    }
  });
});

describe('the life of a VF', () => {
  test('is over with its PF, though the next one has the same name; a renaming does not end it', async () => {
    const place = { pf: device, vf: 1 };
    const first = await host.generation(place);
    expect(first).toMatch(new RegExp(`^${host.bootId}:\\d+$`));
    ip(`link set ${sim.pf} name ${renamed}`);
    expect(await host.generation(place)).toBe(first);
    sim.remove();
    expect(await host.generation(place)).toBeUndefined();
    sim = createNetdevsim({ id: sim.id, vfs: 4 });
    const second = await host.generation(place);
    expect(second).toMatch(new RegExp(`^${host.bootId}:\\d+$`));
    expect(second).not.toBe(first);
  });

  test('on netdevsim goes on when VFs are taken away and made again, as they keep their settings', async () => {
    const place = { pf: device, vf: 1 };
    const before = await host.generation(place);
    await host.program(device, each(4, full));
    const states = await host.read(device);
    sim.setNumVfs(0);
    expect(await host.generation(place)).toBeUndefined();
    sim.setNumVfs(4);
    expect(await host.generation(place)).toBe(before);
    expect(await host.read(device)).toEqual(states);
  });

  test('is none for a VF or PF that is not there', async () => {
    expect(await host.generation({ pf: device, vf: 4 })).toBeUndefined();
    expect(await host.generation({ pf: 'netdevsim999', vf: 0 })).toBeUndefined();
    expect(await host.generation({ pf: '../pci', vf: null })).toBeUndefined();
  });
});

describe('reading and programming', () => {
  test('finds the PF whatever its network device is called and after it was made anew', async () => {
    const round = async (): Promise<void> => {
      const report = await host.program(device, each(4, full));
      expect(report).toMatchObject({ failures: [], vfs: 4, unverified: 0 });
      expect(await host.read(device)).toEqual(each(4, full));
    };
    await round();
    ip(`link set ${sim.pf} name ${renamed}`);
    await round();
    sim.remove();
    await expect(host.read(device)).rejects.toMatchObject({ code: 'ENODEV' });
    await expect(host.program(device, each(1, full))).rejects.toMatchObject({ code: 'ENODEV' });
    sim = createNetdevsim({ id: sim.id, vfs: 4 });
    await round();
  });

  test('never takes another device for the PF that has its old name now', async () => {
    await host.read(device);
    const other = createNetdevsim({ vfs: 1 });
    try {
      const [mine, theirs] = [sim.pf, other.pf];
      ip(`link set ${mine} name ${renamed}`);
      ip(`link set ${theirs} name ${mine}`);
      expect(await host.read(device)).toHaveLength(4);
      expect(await host.read(`netdevsim${other.id}`)).toHaveLength(1);
    } finally {
      other.remove();
    }
  });
});

describe('macvtap', () => {
  const place = (): { pf: string; vf: null } => ({ pf: device, vf: null });
  const MAC = '02:00:00:00:00:77';

  test('is made, found again, and removed; the device below has its MAC', async () => {
    await host.setNetDevice(place(), { mac: MAC, up: true });
    const made = await host.createMacvtap(place(), 'mvt-a');
    expect(await host.netDevice(place())).toMatchObject({ name: sim.pf, mac: MAC, up: true, uppers: [made] });
    expect(readLink('mvt-a')).toEqual({ name: 'mvt-a', ifindex: made.ifindex, mac: MAC, up: true });
    expect(ip('-d link show mvt-a')).toMatch(/macvtap mode passthru/);
    expect(await host.createMacvtap(place(), 'mvt-a')).toEqual(made);
    await host.removeMacvtap(place(), 'mvt-a');
    await host.removeMacvtap(place(), 'mvt-a');
    expect(readLink('mvt-a')).toBeUndefined();
    expect(await host.netDevice(place())).toMatchObject({ mac: MAC, up: true, uppers: [] });
    await host.setNetDevice(place(), { up: false });
    expect(await host.netDevice(place())).toMatchObject({ up: false });
  });

  test('of another name is refused while there is one; the first stays', async () => {
    const made = await host.createMacvtap(place(), 'mvt-a');
    await expect(host.createMacvtap(place(), 'mvt-b')).rejects.toMatchObject({
      code: 'EINVAL',
      message: expect.stringContaining('there can be one') as string,
    });
    expect(await host.netDevice(place())).toMatchObject({ uppers: [made] });
  });

  test('is refused by a name that is taken, too long or none', async () => {
    await expect(host.createMacvtap(place(), 'lo')).rejects.toMatchObject({ code: 'EEXIST' });
    for (const name of ['', 'a/b', 'mvt-%d', 'sixteen-bytes-xx']) {
      await expect(host.createMacvtap(place(), name)).rejects.toMatchObject({ code: 'SRIOV_INVALID_CONFIG' });
    }
    expect(await host.netDevice(place())).toMatchObject({ uppers: [] });
  });

  test('is never made on a device that is gone, and other uppers are never taken for it', async () => {
    ip(`link add mvlan0 link ${sim.pf} type macvlan mode bridge`);
    expect(await host.netDevice(place())).toMatchObject({ uppers: [] });
    await host.removeMacvtap(place(), 'mvlan0');
    expect(readLink('mvlan0')).toBeDefined();
    const { ifindex } = readLink(sim.pf) ?? { ifindex: 0 };
    sim.remove();
    await expect(makeMacvtap(ifindex, 'mvt-a')).rejects.toMatchObject({ code: 'ENODEV' });
    await expect(changeLink({ name: 'old', ifindex }, { up: true })).rejects.toMatchObject({
      code: 'ENODEV',
    });
    await expect(removeMacvtap({ name: 'old', ifindex })).rejects.toMatchObject({ code: 'ENODEV' });
    await expect(host.createMacvtap(place(), 'mvt-a')).rejects.toMatchObject({ code: 'SRIOV_REFUSED' });
    expect(await host.netDevice(place())).toBeNull();
  });

  test('needs CAP_NET_ADMIN, and says so', async () => {
    const code = `
      import { createLinuxHost } from ${JSON.stringify(new URL('port/linux-host.js', DIST).href)};
      const host = createLinuxHost();
      const place = { pf: ${JSON.stringify(device)}, vf: null };
      const seen = [];
      const say = (error) => seen.push(error.code + ' ' + error.message.includes('CAP_NET_ADMIN'));
      await host.createMacvtap(place, 'mvt-a').catch(say);
      await host.setNetDevice(place, { up: true }).catch(say);
      await host.setNetDevice(place, { mac: '${MAC}' }).catch(say);
      console.log(JSON.stringify(seen));`;
    const words = ['--bounding-set=-net_admin', '--inh-caps=-net_admin', process.execPath];
    const out = execFileSync('setpriv', [...words, '--input-type=module', '-e', code], { encoding: 'utf8' });
    expect(JSON.parse(out)).toEqual(['EPERM true', 'EPERM true', 'EPERM true']);
    expect(await host.netDevice(place())).toMatchObject({ up: false, uppers: [] });
  });
});
