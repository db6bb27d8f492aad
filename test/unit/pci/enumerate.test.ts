import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { enumeratePci, enumeratePciSync } from '../../../src/pci/enumerate.ts';
import type { PciFunction } from '../../../src/pci/function.ts';
import { classifyPort } from '../../../src/pci/net-device.ts';
import { FakeSysfs } from './fake-sysfs.mjs';
import { readPlain } from './plain-reader.mjs';

let sysfs: FakeSysfs;
beforeEach(() => {
  sysfs = new FakeSysfs();
});
afterEach(() => sysfs.destroy());

/** The function of that name, read by both variants and by the plain reader to the same effect. */
async function read(): Promise<Map<string, PciFunction>> {
  const functions = await enumeratePci({ sysfsRoot: sysfs.root });
  expect(enumeratePciSync({ sysfsRoot: sysfs.root })).toEqual(functions);
  expect(functions.filter((f) => f.bus === 'pci')).toEqual(readPlain(sysfs.root, classifyPort));
  return new Map(functions.map((f) => [f.device, f]));
}

describe('a PCI function', () => {
  it('is told in full', async () => {
    sysfs.addFunction({
      address: '0000:3b:00.0',
      vendor: 0x15b3,
      device: 0x101d,
      subsystemVendor: 0x15b3,
      subsystemDevice: 0x0016,
      class: 0x020000,
      driver: 'mlx5_core',
      numaNode: 1,
      iommuGroup: 42,
    });
    expect((await read()).get('0000:3b:00.0')).toEqual({
      role: 'function',
      bus: 'pci',
      device: '0000:3b:00.0',
      address: '0000:3b:00.0',
      ids: {
        vendor: 0x15b3,
        device: 0x101d,
        subsystemVendor: 0x15b3,
        subsystemDevice: 0x16,
        class: 0x020000,
      },
      names: null,
      driver: 'mlx5_core',
      numaNode: 1,
      iommuGroup: 42,
      netDevices: [],
      rdmaDevices: [],
      vdpaDevices: [],
      unreadable: [],
    });
  });

  it('has null for what it has not: driver, NUMA node of -1, IOMMU group', async () => {
    sysfs.addFunction({ address: '0000:00:1f.2', class: 0x010601, numaNode: -1 });
    sysfs.addFunction({ address: '0000:00:1f.3', class: 0x000100, numaNode: 0, iommuGroup: 0 });
    const functions = await read();
    expect(functions.get('0000:00:1f.2')).toMatchObject({ driver: null, numaNode: null, iommuGroup: null });
    expect(functions.get('0000:00:1f.3')).toMatchObject({
      ids: { class: 0x000100 },
      numaNode: 0,
      iommuGroup: 0,
    });
  });

  it('comes in order of address, with domains of more than 16 bits last', async () => {
    const shuffled = ['10000:01:00.0', '0000:0a:00.0', '0000:09:1f.7', 'fffffffe:00:00.0', '0001:00:00.0'];
    for (const address of shuffled) sysfs.addFunction({ address });
    expect([...(await read()).keys()]).toEqual([
      '0000:09:1f.7',
      '0000:0a:00.0',
      '0001:00:00.0',
      '10000:01:00.0',
      'fffffffe:00:00.0',
    ]);
  });

  it('cannot be changed by who looks at it', async () => {
    sysfs.addFunction({ address: '0000:01:00.0', sriov: { total: 2 } });
    sysfs.addNetDevice({ name: 'eth0', ifindex: 2, on: '0000:01:00.0', switchId: 'aa', portName: 'pf0vf0' });
    const deepFrozen = (value: unknown): boolean =>
      typeof value !== 'object' ||
      value === null ||
      (Object.isFrozen(value) && Object.values(value).every(deepFrozen));
    expect([...(await read()).values()].every(deepFrozen)).toBe(true);
  });
});

describe('a PF', () => {
  it('lists its VFs by number, not as text, with gaps', async () => {
    const pf = '0000:03:00.0';
    sysfs.addFunction({
      address: pf,
      driver: 'igb',
      sriov: { total: 64, autoprobe: false, vfDevice: 0x10ca },
    });
    for (const index of [10, 9, 0, 2]) {
      const address = `0000:03:1${index >> 3}.${index & 7}`;
      const driver = index === 2 ? { driver: 'vfio-pci' } : index === 9 ? {} : { driver: 'igbvf' };
      sysfs.addFunction({ address, device: 0x10ca, ...driver, vfOf: { pf, index } });
    }
    const functions = await read();
    expect(functions.get(pf)).toMatchObject({
      role: 'pf',
      totalVfs: 64,
      numVfs: 4,
      driversAutoprobe: false,
      vfDeviceId: 0x10ca,
      vfs: [
        { index: 0, address: '0000:03:10.0' },
        { index: 2, address: '0000:03:10.2' },
        { index: 9, address: '0000:03:11.1' },
        { index: 10, address: '0000:03:11.2' },
      ],
    });
    expect(functions.get('0000:03:11.2')).toMatchObject({ role: 'vf', pf, vfIndex: 10, driver: 'igbvf' });
    expect(functions.get('0000:03:10.2')).toMatchObject({ role: 'vf', pf, vfIndex: 2, driver: 'vfio-pci' });
    expect(functions.get('0000:03:11.1')).toMatchObject({ role: 'vf', pf, vfIndex: 9, driver: null });
  });

  it('is found as the PF of a VF with a lower address', async () => {
    sysfs.addFunction({ address: '0000:05:00.0', sriov: { total: 1 } });
    sysfs.addFunction({ address: '0000:04:00.0', vfOf: { pf: '0000:05:00.0', index: 0 } });
    const found = new Map(enumeratePciSync({ sysfsRoot: sysfs.root }).map((f) => [f.device, f]));
    expect(found.get('0000:04:00.0')).toMatchObject({ role: 'vf', pf: '0000:05:00.0', vfIndex: 0 });
    expect(found.get('0000:05:00.0')).toMatchObject({ vfs: [{ index: 0, address: '0000:04:00.0' }] });
  });

  it('may be no NIC: an NVMe controller with VFs', async () => {
    const pf = '0000:61:00.0';
    sysfs.addFunction({
      address: pf,
      class: 0x010802,
      driver: 'nvme',
      sriov: { total: 127, vfDevice: 0xa824 },
    });
    for (let index = 0; index < 127; index++) {
      const devfn = index + 1;
      const address = `0000:61:${(devfn >> 3).toString(16).padStart(2, '0')}.${devfn & 7}`;
      sysfs.addFunction({ address, class: 0x010802, device: 0xa824, driver: 'nvme', vfOf: { pf, index } });
    }
    const functions = await read();
    const found = functions.get(pf);
    expect(found).toMatchObject({ role: 'pf', numVfs: 127, netDevices: [], ids: { class: 0x010802 } });
    expect(found?.role === 'pf' && found.vfs.map((vf) => vf.index)).toEqual([...Array(127).keys()]);
  });

  it('without VFs and without a network device is a PF all the same', async () => {
    sysfs.addFunction({ address: '0000:01:00.0', driver: 'vfio-pci', sriov: { total: 8 } });
    expect((await read()).get('0000:01:00.0')).toMatchObject({
      role: 'pf',
      totalVfs: 8,
      numVfs: 0,
      driversAutoprobe: true,
      vfDeviceId: null,
      vfs: [],
      netDevices: [],
    });
  });
});

describe('a VF whose PF is out of sight', () => {
  it('keeps the address that physfn names when that function is not there', () => {
    sysfs.addFunction({ address: '0000:03:00.0', sriov: { total: 1 } });
    sysfs.addFunction({ address: '0000:03:10.0', vfOf: { pf: '0000:03:00.0', index: 0 } });
    sysfs.hide('0000:03:00.0');
    expect(enumeratePciSync({ sysfsRoot: sysfs.root })).toMatchObject([
      { role: 'vf', device: '0000:03:10.0', pf: '0000:03:00.0', vfIndex: null },
    ]);
  });

  it('is known in a virtual machine by its driver, or by its ids', () => {
    sysfs.addFunction({ address: '0000:00:05.0', device: 0x9999, driver: 'iavf' });
    sysfs.addFunction({ address: '0000:00:06.0', device: 0x10ca, driver: 'vfio-pci' });
    sysfs.addFunction({ address: '0000:00:07.0', vendor: 0x15b3, device: 0x101e, driver: 'mlx5_core' });
    sysfs.addFunction({ address: '0000:00:08.0', vendor: 0x15b3, device: 0x101d, driver: 'mlx5_core' });
    const roles = enumeratePciSync({ sysfsRoot: sysfs.root }).map((f) => [f.role, f.role === 'vf' && f.pf]);
    expect(roles).toEqual([
      ['vf', null],
      ['vf', null],
      ['vf', null],
      ['function', false],
    ]);
  });
});

describe('netdevsim', () => {
  it('is in the same model, by number, after PCI', () => {
    sysfs.addNetdevsim(10, { numVfs: 0 });
    sysfs.addNetdevsim(9, { numVfs: 4, maxVfs: 128 });
    sysfs.addNetDevice({ name: 'eni9np1', ifindex: 7, on: 'netdevsim9', switchId: '5eed', portName: 'p1' });
    sysfs.addFunction({ address: 'ffff:00:00.0' });
    const [, first, second, ...rest] = enumeratePciSync({ sysfsRoot: sysfs.root });
    expect(rest).toEqual([]);
    expect(first).toMatchObject({
      role: 'pf',
      bus: 'netdevsim',
      device: 'netdevsim9',
      address: null,
      ids: null,
      driver: 'netdevsim',
      totalVfs: 128,
      numVfs: 4,
      driversAutoprobe: null,
      vfs: [],
      netDevices: [{ name: 'eni9np1', ifindex: 7, role: 'uplink' }],
      unreadable: [],
    });
    expect(second).toMatchObject({ device: 'netdevsim10', totalVfs: null, numVfs: 0, netDevices: [] });
  });
});
