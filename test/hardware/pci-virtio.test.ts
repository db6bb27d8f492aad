/**
 * The enumeration on virtio-net with SR-IOV: network devices that hang on a device between, VFs that have the
 * ids of their PF, and a driver without VF operations.
 *
 * Owns what the model says of them. The emulator needs QEMU 10.1 or newer for it.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  enumeratePci,
  enumeratePciSync,
  type PciFunction,
  type PciPhysicalFunction,
  type PciVirtualFunction,
} from '../../src/index.ts';
import { classifyPort } from '../../src/pci/net-device.ts';
import { readPlain } from '../unit/pci/plain-reader.mjs';

/** QEMU's virtio 1.0 network device with an SR-IOV capability: no one's own is touched. */
const isPf = (f: PciFunction): f is PciPhysicalFunction =>
  f.role === 'pf' &&
  f.ids?.vendor === 0x1af4 &&
  f.ids.device === 0x1041 &&
  f.ids.subsystemVendor === 0x1af4 &&
  f.ids.subsystemDevice === 0x1100;

const device = enumeratePciSync().find(isPf)?.device;
const ABSENT = 'this machine has no virtio NIC with VFs (QEMU 10.1 or newer emulates one)';

const pfIn = (functions: readonly PciFunction[]): PciPhysicalFunction | undefined =>
  functions.find((f): f is PciPhysicalFunction => isPf(f) && f.device === device);
const vfsIn = (functions: readonly PciFunction[]): PciVirtualFunction[] =>
  functions.filter((f): f is PciVirtualFunction => f.role === 'vf' && f.pf === device);
const setNumVfs = (count: number): void =>
  writeFileSync(`/sys/bus/pci/devices/${device}/sriov_numvfs`, `${count}`);

describe('a virtio NIC', () => {
  beforeEach(({ skip }) => skip(device === undefined, ABSENT));
  beforeAll(() => {
    if (device === undefined) return;
    const { status, stderr } = spawnSync('modprobe', ['virtio_net'], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`modprobe virtio_net: ${stderr}`);
    setNumVfs(0);
  });
  afterAll(() => {
    if (device !== undefined) setNumVfs(0);
  });

  test('is a PF whose network device hangs on its virtio device', () => {
    const pf = pfIn(enumeratePciSync());
    expect(pf).toMatchObject({
      driver: 'virtio-pci',
      totalVfs: 3,
      numVfs: 0,
      vfDeviceId: 0x1041,
      vfs: [],
      unreadable: [],
    });
    expect(pf?.netDevices).toMatchObject([{ role: 'port', via: expect.stringMatching(/^virtio\d+$/) }]);
  });

  test('has three VFs, with network devices of their own kind', async () => {
    setNumVfs(3);
    const functions = await enumeratePci();
    const pf = pfIn(functions);
    const vfs = vfsIn(functions);
    expect(pf?.vfs).toEqual(vfs.map((vf) => ({ index: vf.vfIndex, address: vf.device })));
    expect(vfs.map((vf) => vf.vfIndex)).toEqual([0, 1, 2]);
    for (const vf of vfs) {
      expect(vf).toMatchObject({ ids: pf?.ids, driver: 'virtio-pci', unreadable: [] });
      expect(vf.netDevices).toMatchObject([{ role: 'port', via: expect.stringMatching(/^virtio\d+$/) }]);
    }
    const network = [pf, ...vfs].map((f) => f?.netDevices[0]);
    expect(new Set(network.map((d) => d?.via)).size).toBe(4);
    expect(new Set(network.map((d) => d?.ifindex)).size).toBe(4);
  });

  test('reads as a plain reader reads it, in every field', () => {
    expect(enumeratePciSync().filter((f) => f.bus === 'pci')).toEqual(readPlain('/sys', classifyPort));
  });

  test('has none again when they are taken away', () => {
    setNumVfs(0);
    expect(pfIn(enumeratePciSync())).toMatchObject({ numVfs: 0, vfs: [] });
    expect(vfsIn(enumeratePciSync())).toEqual([]);
  });
});
