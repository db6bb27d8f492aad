/** Refusals that the test machine's functions give no reason for. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bindDriver, readDriver, unbindDriver } from '../../../src/lifecycle/driver.ts';
import { resetFunction } from '../../../src/lifecycle/reset.ts';
import { waitForVfs } from '../../../src/lifecycle/wait.ts';
import { FakeHost } from './fake-host.ts';

const PF = '0000:03:00.0';
const VF = '0000:03:10.0';
let host: FakeHost;

beforeEach(() => {
  host = new FakeHost();
});
afterEach(() => host.remove());

test.each(['bus', 'cxl_bus bus'])('a function that would be reset by "%s" is not', async (methods) => {
  host.addFunction(VF, { files: { reset: '', reset_method: `${methods}\n` } });
  await expect(resetFunction(VF, {}, host.roots)).rejects.toMatchObject({ code: 'SRIOV_REFUSED' });
  expect(readFileSync(`${host.directoryOf(VF)}/reset`, 'utf8')).toBe('');
});

test('a function without a reset is refused, one whose kernel does not say how is reset', async () => {
  host.addFunction(VF);
  await expect(resetFunction(VF, {}, host.roots)).rejects.toMatchObject({ code: 'SRIOV_REFUSED' });
  host.write(`${host.directoryOf(VF)}/reset`, '');
  expect(await resetFunction(VF, {}, host.roots)).toBe('unknown');
  expect(readFileSync(`${host.directoryOf(VF)}/reset`, 'utf8')).toBe('1');
});

test('net devices are not waited for where autoprobe is off and no driver is bound', async () => {
  host.addFunction(PF, { driver: 'ice', files: { sriov_numvfs: '1\n', sriov_drivers_autoprobe: '0\n' } });
  host.addFunction(VF);
  host.linkVf(PF, VF, 0);
  const pf = { name: 'eth0', pciAddress: PF };
  await expect(waitForVfs(pf, {}, host.roots)).rejects.toMatchObject({
    code: 'SRIOV_REFUSED',
    message: expect.stringContaining('sriov_drivers_autoprobe') as string,
  });
  expect(await waitForVfs(pf, { netDevices: false }, host.roots)).toEqual([
    { vf: 0, pciAddress: VF, netDevices: [] },
  ]);
});

test('waiting ends at the signal', async () => {
  host.addFunction(PF, { driver: 'ice', files: { sriov_numvfs: '1\n' } });
  const stop = new AbortController();
  const waiting = waitForVfs({ name: 'eth0', pciAddress: PF }, { signal: stop.signal }, host.roots);
  setTimeout(() => stop.abort(), 20);
  await expect(waiting).rejects.toMatchObject({ code: 'SRIOV_ABORTED' });
});

test('an override of "(null)" is none, and a driver that is not loaded is refused before anything changes', async () => {
  host.addFunction(VF, { driver: 'iavf', files: { driver_override: '(null)\n' } });
  expect(await readDriver(VF, {}, host.roots)).toEqual({
    pciAddress: VF,
    driver: 'iavf',
    driverOverride: null,
  });
  for (const name of ['no-such-driver', '../evil']) {
    await expect(bindDriver(VF, name, { force: true }, host.roots)).rejects.toMatchObject({
      code: 'SRIOV_REFUSED',
      message: expect.stringContaining('modprobe') as string,
    });
  }
  expect(readFileSync(`${host.directoryOf(VF)}/driver_override`, 'utf8')).toBe('(null)\n');
});

test('vfio-pci without an IOMMU is refused with the advice', async () => {
  host.addFunction(VF, { driver: 'iavf', files: { driver_override: '(null)\n' } });
  host.addFunction('0000:09:00.0', { driver: 'vfio-pci' });
  await expect(bindDriver(VF, 'vfio-pci', {}, host.roots)).rejects.toMatchObject({
    message: expect.stringMatching(/needs an IOMMU: the IOMMU is off/) as string,
  });
});

test('a PF with VFs keeps its driver', async () => {
  host.addFunction(PF, { driver: 'ice', files: { sriov_numvfs: '4\n', driver_override: '(null)\n' } });
  await expect(unbindDriver(PF, {}, host.roots)).rejects.toMatchObject({ code: 'SRIOV_VFS_IN_USE' });
});
