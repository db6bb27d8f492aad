import { readFileSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { addon } from '../../../src/addon.ts';
import { AbortedError, InvalidConfigError, KernelError } from '../../../src/errors.ts';
import { enumeratePci, enumeratePciSync } from '../../../src/pci/enumerate.ts';
import { FakeSysfs } from './fake-sysfs.mjs';

let sysfs: FakeSysfs;
beforeEach(() => {
  sysfs = new FakeSysfs();
});
afterEach(() => {
  vi.restoreAllMocks();
  sysfs.destroy();
});

const read = () => enumeratePciSync({ sysfsRoot: sysfs.root });

describe('a function that goes while it is read', () => {
  it('is left out when its folder is gone', () => {
    sysfs.addFunction({ address: '0000:01:00.0' }).addFunction({ address: '0000:02:00.0' });
    sysfs.removeFolder(sysfs.folderOf('0000:01:00.0'));
    expect(read().map((f) => f.device)).toEqual(['0000:02:00.0']);
  });

  it('is left out when its uevent is gone, which is read last', () => {
    sysfs
      .addFunction({ address: '0000:01:00.0', sriov: { total: 4 } })
      .addFunction({ address: '0000:02:00.0' });
    rmSync(sysfs.path('bus/pci/devices/0000:01:00.0/uevent'));
    expect(read().map((f) => f.device)).toEqual(['0000:02:00.0']);
  });

  it('is in no list of its PF either', () => {
    sysfs.addFunction({ address: '0000:01:00.0', sriov: { total: 4 } });
    sysfs.addFunction({ address: '0000:01:00.1', vfOf: { pf: '0000:01:00.0', index: 0 } });
    sysfs.addFunction({ address: '0000:01:00.2', vfOf: { pf: '0000:01:00.0', index: 1 } });
    sysfs.removeFolder(sysfs.folderOf('0000:01:00.1'));
    expect(read()).toMatchObject([
      { role: 'pf', vfs: [{ index: 1, address: '0000:01:00.2' }] },
      { role: 'vf', device: '0000:01:00.2' },
    ]);
  });
});

describe('a function that is half-readable', () => {
  it.each([
    ['uevent', 'PCI_CLASS=20000', { unreadable: ['uevent'], ids: null, driver: null, numaNode: 1 }],
    ['uevent', 'PCI_CLASS=20000\nPCI_ID=80860:1\nPCI_SUBSYS_ID=0:0', { unreadable: ['uevent'], ids: null }],
    ['uevent', '', { unreadable: ['uevent'], ids: null }],
    ['numa_node', 'one', { unreadable: ['numa_node'], numaNode: null, driver: 'ice' }],
    ['numa_node', '99999999999', { unreadable: ['numa_node'], numaNode: null }],
    ['sriov_totalvfs', '', { unreadable: ['sriov'], role: 'pf', totalVfs: null, numVfs: 0 }],
    ['sriov_vf_device', 'xyz', { unreadable: ['sriov'], role: 'pf', vfDeviceId: null, totalVfs: 4 }],
  ])('says so when %s is %j', (file, text, expected) => {
    const address = '0000:01:00.0';
    sysfs.addFunction({ address, driver: 'ice', numaNode: 1, sriov: { total: 4, vfDevice: 1 } });
    sysfs.write(`${sysfs.folderOf(address)}/${file}`, text);
    expect(read()).toMatchObject([{ device: address, ...expected }]);
  });

  it('says so when what should be a file is none', () => {
    sysfs.addFunction({ address: '0000:01:00.0', sriov: { total: 4 } });
    const file = `${sysfs.folderOf('0000:01:00.0')}/sriov_totalvfs`;
    rmSync(sysfs.path(file));
    sysfs.addDevice(file, 'elsewhere');
    expect(read()).toMatchObject([{ role: 'pf', totalVfs: null, unreadable: ['sriov'] }]);
  });
});

describe('an enumeration', () => {
  it('is empty on a machine without PCI', () => {
    rmSync(sysfs.path('bus/pci'), { recursive: true });
    expect(read()).toEqual([]);
  });

  it('fails where there is no sysfs', async () => {
    const sysfsRoot = `${sysfs.root}/nothing`;
    const expected = expect.objectContaining({
      code: 'ENOENT',
      errno: -2,
      message: `cannot enumerate PCI functions: ${sysfsRoot}: ENOENT: is sysfs mounted there?`,
    });
    expect(() => enumeratePciSync({ sysfsRoot })).toThrow(expected);
    expect(() => enumeratePciSync({ sysfsRoot })).toThrow(KernelError);
    await expect(enumeratePci({ sysfsRoot })).rejects.toThrow(expected);
  });

  it.each([{ sysfsRoot: '' }, { sysfsRoot: '/sys\0' }, { sysfsRoot: 3 }, { names: '' }, { names: 1 }])(
    'refuses %j',
    async (options) => {
      expect(() => enumeratePciSync(options as never)).toThrow(InvalidConfigError);
      await expect(enumeratePci(options as never)).rejects.toThrow(InvalidConfigError);
    },
  );

  it('runs one at a time, so that it never takes the whole of the thread pool', async () => {
    for (let i = 0; i < 200; i++)
      sysfs.addFunction({ address: `0000:${i.toString(16).padStart(2, '0')}:00.0` });
    let running = 0;
    let most = 0;
    const native = addon();
    const { enumeratePci: real } = native;
    const spy = vi.spyOn(native, 'enumeratePci').mockImplementation(async (root) => {
      most = Math.max(most, ++running);
      return real(root).finally(() => running--);
    });
    const all = await Promise.all(Array.from({ length: 6 }, () => enumeratePci({ sysfsRoot: sysfs.root })));
    expect(all.map((list) => list.length)).toEqual(Array(6).fill(200));
    expect([spy.mock.calls.length, most]).toEqual([6, 1]);
  });

  it('goes on after one that failed', async () => {
    sysfs.addFunction({ address: '0000:01:00.0' });
    const failed = enumeratePci({ sysfsRoot: '/nothing' });
    const next = enumeratePci({ sysfsRoot: sysfs.root });
    await expect(failed).rejects.toThrow(KernelError);
    expect(await next).toHaveLength(1);
  });

  it('stops waiting when aborted, and asks the kernel nothing when aborted before its turn', async () => {
    sysfs.addFunction({ address: '0000:01:00.0' });
    const spy = vi.spyOn(addon(), 'enumeratePci');
    const controller = new AbortController();
    const options = { sysfsRoot: sysfs.root, signal: controller.signal };
    const first = enumeratePci(options);
    const second = enumeratePci(options);
    const third = enumeratePci({ sysfsRoot: sysfs.root });
    controller.abort(new Error('enough'));
    await expect(first).rejects.toThrow(AbortedError);
    await expect(second).rejects.toMatchObject({ code: 'SRIOV_ABORTED', cause: { message: 'enough' } });
    expect(await third).toHaveLength(1);
    expect(spy.mock.calls.length).toBe(1);
    await expect(enumeratePci({ ...options })).rejects.toThrow(AbortedError);
  });

  it('leaves no descriptor open', () => {
    sysfs.addFunction({ address: '0000:01:00.0', sriov: { total: 1 } });
    sysfs.addNetDevice({ name: 'eth0', ifindex: 2, on: '0000:01:00.0' });
    // Slots of the descriptor table, which only grows. Not the number of open files: other tests share it.
    const slots = (): number =>
      Number(/FDSize:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
    const before = slots();
    for (let i = 0; i < 2000; i++) read();
    expect(slots() - before).toBeLessThan(1500);
  });
});
