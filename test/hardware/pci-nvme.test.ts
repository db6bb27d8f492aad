/**
 * The enumeration on SR-IOV that is no NIC: an NVMe controller with over a hundred VFs.
 *
 * Owns what the model says of them, and how many system calls a VF costs on real sysfs. QEMU's emulated
 * controller stands for all; another machine's is not touched.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addon } from '../../src/addon.ts';
import {
  enumeratePci,
  enumeratePciSync,
  type PciFunction,
  type PciPhysicalFunction,
  type PciVirtualFunction,
} from '../../src/index.ts';
import { decodeEnumeration } from '../../src/pci/decode.ts';
import { classifyPort } from '../../src/pci/net-device.ts';
import { readPlain } from '../unit/pci/plain-reader.mjs';

const VFS = 127;

/** QEMU's controller (vendor Red Hat), so that no one's disk is meant. */
const isPf = (f: PciFunction): f is PciPhysicalFunction =>
  f.role === 'pf' && f.ids?.vendor === 0x1b36 && f.ids.device === 0x0010;

const device = enumeratePciSync().find(isPf)?.device;
const ABSENT = "this machine has no NVMe controller of QEMU's with VFs";

const pfIn = (functions: readonly PciFunction[]): PciPhysicalFunction | undefined =>
  functions.find((f): f is PciPhysicalFunction => isPf(f) && f.device === device);
const set = (attribute: string, value: number): void =>
  writeFileSync(`/sys/bus/pci/devices/${device}/${attribute}`, `${value}`);
const systemCalls = (): number => decodeEnumeration(addon().enumeratePciSync('/sys'), null).systemCalls;

describe('an NVMe controller', () => {
  beforeEach(({ skip }) => skip(device === undefined, ABSENT));
  beforeAll(() => {
    if (device === undefined) return;
    // VFs are made by the PF's driver. Those of this controller are offline until they are given queues, so
    // that a driver would wait for them in vain.
    const { status, stderr } = spawnSync('modprobe', ['nvme'], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`modprobe nvme: ${stderr}`);
    set('sriov_drivers_autoprobe', 0);
    set('sriov_numvfs', 0);
  });
  afterAll(() => {
    if (device === undefined) return;
    set('sriov_numvfs', 0);
    set('sriov_drivers_autoprobe', 1);
  });

  test('is a PF of its class, without a network device', () => {
    const pf = pfIn(enumeratePciSync());
    expect(pf).toMatchObject({
      ids: { class: 0x010802 },
      driver: 'nvme',
      netDevices: [],
      totalVfs: VFS,
      numVfs: 0,
      driversAutoprobe: false,
      vfs: [],
      unreadable: [],
    });
  });

  test('has 127 VFs, in order of number, each with its PF and nothing of a NIC', async () => {
    const before = systemCalls();
    set('sriov_numvfs', VFS);
    const functions = await enumeratePci();
    const pf = pfIn(functions);
    const vfs = functions.filter((f): f is PciVirtualFunction => f.role === 'vf' && f.pf === device);
    expect(pf).toMatchObject({ numVfs: VFS, totalVfs: VFS });
    expect(pf?.vfs.map((vf) => vf.index)).toEqual([...Array(VFS).keys()]);
    expect(vfs.map((vf) => ({ index: vf.vfIndex, address: vf.device }))).toEqual(pf?.vfs);
    for (const vf of vfs) {
      expect(vf).toMatchObject({
        ids: { vendor: 0x1b36, device: pf?.vfDeviceId, class: 0x010802 },
        driver: null,
        netDevices: [],
        rdmaDevices: [],
        unreadable: [],
      });
    }
    // Nine for a VF and one for its link; lists may take a call more.
    expect((systemCalls() - before) / VFS).toBeGreaterThanOrEqual(9);
    expect((systemCalls() - before) / VFS).toBeLessThanOrEqual(10.1);
  });

  test('reads as a plain reader reads it, in every field', () => {
    expect(enumeratePciSync().filter((f) => f.bus === 'pci')).toEqual(readPlain('/sys', classifyPort));
  });

  test('has none again when they are taken away', () => {
    set('sriov_numvfs', 0);
    const functions = enumeratePciSync();
    expect(pfIn(functions)).toMatchObject({ numVfs: 0, vfs: [] });
    expect(functions.filter((f) => f.role === 'vf' && f.pf === device)).toEqual([]);
  });
});
