/** The life of VFs on a true PCI driver: how they come and go, who may take them, and their drivers. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  bindDriver,
  readDriver,
  readIommu,
  resetFunction,
  restoreDriver,
  setMtu,
  unbindDriver,
  waitForVfs,
} from '../../src/index.ts';
import { setUp } from '../../src/lifecycle/net-device.ts';
import { useIgb } from './igb.ts';

const igb = useIgb(0);
const ip = (line: string): string => execFileSync('ip', line.split(' '), { encoding: 'utf8' });
const modprobe = (module: string): void => void execFileSync('modprobe', [module]);

test('0 → 7 → 0 → 3 VFs, each with its own function and net device', async () => {
  const { first } = igb.pair;
  for (const count of [7, 0, 3]) {
    await first.setNumVfs(count);
    expect(first.numVfs()).toBe(count);
    const vfs = await waitForVfs(first);
    expect(vfs.map(({ vf }) => vf)).toEqual(Array.from({ length: count }, (_, vf) => vf));
    expect(new Set(vfs.map(({ pciAddress }) => pciAddress)).size).toBe(count);
    expect(new Set(vfs.flatMap(({ netDevices }) => netDevices)).size).toBe(count);
    expect(vfs.every(({ driver }) => driver === 'igbvf')).toBe(true);
    expect((await first.readVfs()).length).toBe(count);
  }
});

test('another number is refused without recreate, and more than the device can have always', async () => {
  const { first } = igb.pair;
  await expect(first.setNumVfs(2)).rejects.toMatchObject({ code: 'SRIOV_VFS_EXIST' });
  await expect(first.setNumVfs(8, { recreate: true })).rejects.toMatchObject({
    code: 'SRIOV_INVALID_CONFIG',
  });
  expect(first.numVfs()).toBe(3);
});

test('a write that overruns its time goes on in the kernel, and the event loop as well', async () => {
  const { first } = igb.pair;
  await first.setNumVfs(0);
  let beats = 0;
  const heart = setInterval(() => (beats += 1), 10);
  const late = first.setNumVfs(3, { timeoutMs: 50 });
  await expect(late).rejects.toMatchObject({ code: 'SRIOV_DEADLINE', stillRunning: true });
  await expect(first.setNumVfs(0)).rejects.toMatchObject({ code: 'SRIOV_REFUSED' });
  const before = beats;
  expect(await waitForVfs(first)).toHaveLength(3);
  clearInterval(heart);
  expect(beats - before).toBeGreaterThan(5);
});

test('VFs whose net device is up, below another or in another namespace are not taken away', async () => {
  const { first } = igb.pair;
  const vfs = await waitForVfs(first);
  const [up, below, elsewhere] = vfs.map(({ netDevices }) => netDevices[0] ?? '');
  await setUp(up ?? '', true);
  ip(`link add sriovtest0 link ${below} type macvlan`);
  ip('netns add sriovtest');
  ip(`link set ${elsewhere} netns sriovtest`);
  try {
    const error: unknown = await first.setNumVfs(0).catch((refused: unknown) => refused);
    expect(error).toMatchObject({
      code: 'SRIOV_VFS_IN_USE',
      users: [
        { vf: 0, reason: 'up' },
        { vf: 1, reason: 'upper', detail: `${below} is part of sriovtest0` },
        { vf: 2, reason: 'absent' },
      ],
    });
    expect(first.numVfs()).toBe(3);
    const address = vfs[0]?.pciAddress ?? '';
    await expect(unbindDriver(address)).rejects.toMatchObject({ code: 'SRIOV_VFS_IN_USE' });
    await expect(resetFunction(address)).rejects.toMatchObject({ code: 'SRIOV_VFS_IN_USE' });
  } finally {
    ip('link del sriovtest0');
    // The namespace may outlive its name: the net device is fetched, not waited for.
    ip(`netns exec sriovtest ip link set ${elsewhere} netns 1`);
    ip('netns del sriovtest');
    await setUp(up ?? '', false);
  }
  await first.setNumVfs(0);
  expect(first.numVfs()).toBe(0);
});

test('new VFs can have a user-space driver from the start, and autoprobe is put back', async () => {
  const { first } = igb.pair;
  modprobe('uio_pci_generic');
  await first.setNumVfs(2, { driver: 'uio_pci_generic' });
  const vfs = await waitForVfs(first);
  expect(vfs.map(({ driver }) => driver)).toEqual(['uio_pci_generic', 'uio_pci_generic']);
  const autoprobe = `/sys/bus/pci/devices/${first.pciAddress}/sriov_drivers_autoprobe`;
  expect(readFileSync(autoprobe, 'utf8').trim()).toBe('1');
  expect(execFileSync('dmesg', { encoding: 'utf8' }).split('\n').slice(-8).join('\n')).not.toContain('igbvf');
});

test('a VF that a process has open through uio is in use by that process', async () => {
  const { first } = igb.pair;
  const open = openSync('/dev/uio0', 'r');
  const detail = expect.stringMatching(new RegExp(`\\(${process.pid}\\) has /dev/uio0 open`)) as string;
  await expect(first.setNumVfs(0)).rejects.toMatchObject({ users: [{ reason: 'open', detail }] });
  closeSync(open);
  await first.setNumVfs(0);
  expect(first.numVfs()).toBe(0);
});

test('a driver is overridden, reset under, and restored', async () => {
  const { first } = igb.pair;
  await first.setNumVfs(2);
  await waitForVfs(first);
  const address = await igb.pair.addressOf(1);
  const before = await bindDriver(address, 'uio_pci_generic');
  expect(before).toEqual({ pciAddress: address, driver: 'igbvf', driverOverride: null });
  const bound = { driver: 'uio_pci_generic', driverOverride: 'uio_pci_generic' };
  expect(await readDriver(address)).toMatchObject(bound);
  expect(await resetFunction(address)).toBe('flr');
  await restoreDriver(before);
  expect(await readDriver(address)).toEqual(before);
  // Again: nothing to do.
  await restoreDriver(before);
  await unbindDriver(address);
  expect(await readDriver(address)).toMatchObject({ driver: null });
  await bindDriver(address, null);
  expect(await readDriver(address)).toEqual(before);
});

test('a driver that refuses leaves the one that was there', async () => {
  const address = await igb.pair.addressOf(1);
  await expect(bindDriver(address, 'virtio-pci')).rejects.toMatchObject({
    code: 'ENODEV',
    message: expect.stringContaining('it has igbvf again') as string,
  });
  expect(await readDriver(address)).toMatchObject({ driver: 'igbvf', driverOverride: null });
  await expect(bindDriver(address, 'no-such-driver')).rejects.toMatchObject({ code: 'SRIOV_REFUSED' });
});

test('vfio-pci is refused with the reason where no IOMMU translates', async () => {
  const address = await igb.pair.addressOf(1);
  modprobe('vfio-pci');
  const { group, hint } = readIommu(address);
  expect(group).toBeUndefined();
  expect(hint).toContain('IOMMU is off');
  await expect(bindDriver(address, 'vfio-pci')).rejects.toMatchObject({
    code: 'SRIOV_REFUSED',
    message: expect.stringContaining('IOMMU is off') as string,
  });
  expect(await readDriver(address)).toMatchObject({ driver: 'igbvf' });
});

test('waiting for what will not come is refused, and what is late has a deadline that names it', async () => {
  const { first } = igb.pair;
  await expect(waitForVfs(first, { vfs: [2] })).rejects.toMatchObject({ code: 'SRIOV_REFUSED' });
  const before = await unbindDriver(await igb.pair.addressOf(1));
  await expect(waitForVfs(first, { timeoutMs: 100 })).rejects.toMatchObject({
    code: 'SRIOV_DEADLINE',
    stillRunning: false,
    message: expect.stringMatching(/1 of 2 VFs are not ready in time: VF 1 .* has no driver/) as string,
  });
  await restoreDriver(before);
});

test('a PF that has VFs is not taken from its driver or reset', async () => {
  const { first } = igb.pair;
  for (const step of [unbindDriver, resetFunction]) {
    await expect(step(first.pciAddress ?? '')).rejects.toMatchObject({ code: 'SRIOV_VFS_IN_USE' });
  }
});

test('the MTU is set and read back, and out of limits refused', async () => {
  const { first } = igb.pair;
  const mtu = (): string => readFileSync(`/sys/class/net/${first.name}/mtu`, 'utf8').trim();
  await setMtu(first.name, 1400);
  expect(mtu()).toBe('1400');
  await expect(setMtu(first.name, 65_000)).rejects.toMatchObject({ code: 'EINVAL' });
  await setMtu(first.name, 1500);
  expect(mtu()).toBe('1500');
});
