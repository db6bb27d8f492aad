/**
 * The enumeration on a real SR-IOV driver: PFs of igb and the VFs that are made of them.
 *
 * Owns what the model says of them, witnessed by lspci and a plain reader of sysfs. What VFs do is not its
 * concern.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  enumeratePci,
  enumeratePciSync,
  type PciFunction,
  type PciPhysicalFunction,
  type PciVirtualFunction,
} from '../../src/index.ts';
import { classifyPort } from '../../src/pci/net-device.ts';
import { readPlain } from '../unit/pci/plain-reader.mjs';

/** Subsystem vendor of what QEMU emulates: no one's own NIC is touched. */
const QEMU = 0x1af4;

const found = enumeratePciSync().filter(
  (f): f is PciPhysicalFunction => f.role === 'pf' && f.driver === 'igb' && f.ids?.subsystemVendor === QEMU,
);
/** Two of them, or none. */
const pfs = found.length < 2 ? [] : found.slice(0, 2);
const [first, second] = pfs;
const ABSENT = `this machine has ${found.length} PFs of igb on QEMU's 82576, and these tests need two`;

const ip = (name: string | undefined, ...words: string[]): void => {
  expect(spawnSync('ip', ['link', 'set', name ?? '', ...words], { encoding: 'utf8' })).toMatchObject({
    status: 0,
    stderr: '',
  });
};
const sysfs = (address: string, attribute: string): string => `/sys/bus/pci/devices/${address}/${attribute}`;
const setNumVfs = (pf: PciPhysicalFunction | undefined, count: number): void => {
  if (pf === undefined) return;
  const file = sysfs(pf.device, 'sriov_numvfs');
  if (readFileSync(file, 'utf8').trim() !== '0') writeFileSync(file, '0');
  if (count > 0) writeFileSync(file, `${count}`);
};
const pfIn = (functions: readonly PciFunction[], pf: PciPhysicalFunction | undefined) =>
  functions.find((f): f is PciPhysicalFunction => f.role === 'pf' && f.device === pf?.device);
const vfsIn = (functions: readonly PciFunction[], pf: PciPhysicalFunction | undefined) =>
  functions.filter((f): f is PciVirtualFunction => f.role === 'vf' && f.pf === pf?.device);

describe('the functions of igb', () => {
  beforeEach(({ skip }) => skip(pfs.length === 0, ABSENT));
  beforeAll(() => {
    for (const pf of pfs) {
      setNumVfs(pf, 0);
      ip(pf.netDevices[0]?.name, 'up');
    }
  });
  afterAll(() => {
    for (const pf of pfs) {
      setNumVfs(pf, 0);
      ip(pf.netDevices[0]?.name, 'down');
    }
  });

  test('a PF without VFs is a PF all the same', () => {
    const pf = pfIn(enumeratePciSync(), first);
    expect(pf).toMatchObject({
      bus: 'pci',
      address: first?.device,
      ids: { vendor: 0x8086, device: 0x10c9, class: 0x020000 },
      driver: 'igb',
      totalVfs: 7,
      numVfs: 0,
      driversAutoprobe: true,
      vfDeviceId: 0x10ca,
      vfs: [],
      unreadable: [],
    });
    expect(pf?.netDevices).toMatchObject([{ role: 'port', via: null, devPort: 0 }]);
  });

  test('the link of a port: state, carrier and speed as the kernel says, up and down', async () => {
    const name = first?.netDevices[0]?.name;
    const link = async () => pfIn(await enumeratePci(), first)?.netDevices[0];
    await expect.poll(link, { timeout: 30_000 }).toMatchObject({ operState: 'up', carrier: true });
    const speed = Number(readFileSync(`/sys/class/net/${name}/speed`, 'utf8'));
    expect((await link())?.speedMbps).toBe(speed);
    expect(speed).toBe(1000);
    ip(name, 'down');
    const down = { operState: 'down', carrier: null, speedMbps: null };
    expect(pfIn(enumeratePciSync(), first)?.netDevices).toMatchObject([down]);
    ip(name, 'up');
  });

  // Two, since each takes igbvf a second or two here.
  describe('with VFs that have their driver', () => {
    beforeAll(() => setNumVfs(first, 2));

    test('each has its PF, number, ids, driver and network device', async () => {
      const functions = await enumeratePci();
      const pf = pfIn(functions, first);
      const vfs = vfsIn(functions, first);
      expect(pf?.numVfs).toBe(2);
      expect(pf?.vfs.map((vf) => vf.index)).toEqual([0, 1]);
      expect(vfs.map((vf) => ({ index: vf.vfIndex, address: vf.device }))).toEqual(pf?.vfs);
      for (const vf of vfs) {
        expect(vf).toMatchObject({
          ids: { vendor: 0x8086, device: pf?.vfDeviceId, class: 0x020000 },
          driver: 'igbvf',
          unreadable: [],
        });
        expect(vf.netDevices).toMatchObject([{ role: 'port', physSwitchId: null }]);
      }
      expect(new Set(vfs.map((vf) => vf.netDevices[0]?.ifindex)).size).toBe(2);
    });

    test('a plain reader says the same in every field', async () => {
      // Links that came up a moment ago may change between one reading and the other.
      await vi.waitFor(
        () => {
          const functions = enumeratePciSync().filter((f) => f.bus === 'pci');
          expect(functions).toEqual(readPlain('/sys', classifyPort));
        },
        { timeout: 30_000 },
      );
    });

    test('lspci lists the same functions with the same ids', ({ skip }) => {
      const { error, stdout } = spawnSync('lspci', ['-D', '-n'], { encoding: 'utf8' });
      if (error !== undefined) skip('no lspci on this machine');
      const hex = (id = 0): string => id.toString(16).padStart(4, '0');
      const lines = enumeratePciSync()
        .filter((f) => f.bus === 'pci')
        .map(({ device, ids }) => {
          const pair = `${hex(ids?.vendor)}:${hex(ids?.device)}`;
          return `${device} ${hex((ids?.class ?? 0) >> 8)}: ${pair}`;
        });
      const listed = stdout.trim().split('\n');
      expect(listed.map((line) => line.replace(/ \(.*$/, ''))).toEqual(lines);
    });

    test('one without its driver has neither driver nor network device, and stays a VF', () => {
      const [vf] = vfsIn(enumeratePciSync(), first);
      const address = vf?.device ?? '';
      writeFileSync('/sys/bus/pci/drivers/igbvf/unbind', address);
      const [unbound, other] = vfsIn(enumeratePciSync(), first);
      expect(unbound).toEqual({ ...vf, driver: null, netDevices: [] });
      expect(other).toMatchObject({ driver: 'igbvf', netDevices: [{ role: 'port' }] });
      writeFileSync('/sys/bus/pci/drivers/igbvf/bind', address);
      const bound = { driver: 'igbvf', netDevices: [{ role: 'port' }] };
      expect(vfsIn(enumeratePciSync(), first)[0]).toMatchObject(bound);
    });
  });

  describe('whose new VFs are given to no driver', () => {
    beforeAll(() => {
      for (const pf of pfs) {
        setNumVfs(pf, 0);
        writeFileSync(sysfs(pf.device, 'sriov_drivers_autoprobe'), '0');
      }
    });
    afterAll(() => {
      for (const pf of pfs) writeFileSync(sysfs(pf.device, 'sriov_drivers_autoprobe'), '1');
    });

    test('say so, and VFs of two PFs do not mix', () => {
      setNumVfs(first, 7);
      setNumVfs(second, 2);
      const functions = enumeratePciSync();
      expect(pfIn(functions, first)).toMatchObject({ driversAutoprobe: false, numVfs: 7 });
      expect(vfsIn(functions, first).map((vf) => vf.vfIndex)).toEqual([0, 1, 2, 3, 4, 5, 6]);
      expect(vfsIn(functions, second).map((vf) => vf.vfIndex)).toEqual([0, 1]);
      for (const vf of [...vfsIn(functions, first), ...vfsIn(functions, second)]) {
        expect(vf).toMatchObject({ driver: null, netDevices: [] });
      }
      setNumVfs(second, 0);
      expect(vfsIn(enumeratePciSync(), second)).toEqual([]);
    });

    test('while VFs come and go, each answer is consistent in itself', async () => {
      // In a process of its own: a write lasts as long as the VFs take to come and to go.
      const script = `for (const n of ['0', '7', '0', '7'])
        require('node:fs').writeFileSync(process.argv[1], n);`;
      const file = sysfs(first?.device ?? '', 'sriov_numvfs');
      const writer = spawn(process.execPath, ['-e', script, file], { stdio: 'inherit' });
      const ended = once(writer, 'exit');
      const seen = new Set<number | undefined>();
      do {
        const functions = await enumeratePci();
        const pf = pfIn(functions, first);
        seen.add(pf?.numVfs);
        const listed = new Set(functions.map((f) => f.device));
        expect(listed.size).toBe(functions.length);
        // None is linked that is not listed, and no VF passes for a plain function.
        expect(pf?.vfs.filter((vf) => !listed.has(vf.address))).toEqual([]);
        expect(functions.filter((f) => f.role === 'function' && f.ids?.device === 0x10ca)).toEqual([]);
      } while (writer.exitCode === null && writer.signalCode === null);
      expect(await ended).toEqual([0, null]);
      expect(seen.size).toBeGreaterThan(1);
      expect(pfIn(enumeratePciSync(), first)?.numVfs).toBe(7);
    });
  });
});
