/**
 * What counts as use of a VF, on trees that need hardware otherwise (vfio, vDPA, RDMA). The true ones are in
 * test/hardware.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readVfFunctions } from '../../../src/lifecycle/function.ts';
import { describeUsers, findUsers, type FunctionUser } from '../../../src/lifecycle/users.ts';
import { FakeHost } from './fake-host.ts';

const PF = '0000:03:00.0';
let host: FakeHost;

beforeEach(() => {
  host = new FakeHost();
  host.addFunction(PF, { driver: 'ice' });
});
afterEach(() => host.remove());

/** VF `index` of the PF. */
function addVf(index: number, shape: Parameters<FakeHost['addFunction']>[1]): string {
  const address = `0000:03:10.${index}`;
  host.addFunction(address, shape);
  host.linkVf(PF, address, index);
  return address;
}

const users = (): Promise<FunctionUser[]> => findUsers(readVfFunctions(host.directoryOf(PF)), host.roots);

test('VFs are read by number, gaps and all', () => {
  for (const index of [10, 2, 0]) {
    host.addFunction(`0000:03:1${index}.0`, {});
    host.linkVf(PF, `0000:03:1${index}.0`, index);
  }
  expect(readVfFunctions(host.directoryOf(PF)).map(({ vf }) => vf)).toEqual([0, 2, 10]);
});

test('a VF with an idle net device, without a driver, or on vfio-pci that no one has open is free', async () => {
  host.addNetDevice(addVf(0, { driver: 'iavf' }), 'eth0', '0x1002');
  addVf(1, {});
  addVf(2, { driver: 'vfio-pci', group: 12 });
  host.addProcess(1, 'init', ['/dev/null', '/dev/vfio/13']);
  expect(await users()).toEqual([]);
});

test('an open vfio group, and the newer device of its own, are use by the process that has it', async () => {
  addVf(0, { driver: 'vfio-pci', group: 12 });
  const address = addVf(1, { driver: 'vfio-pci', group: 14, files: { 'vfio-dev/vfio3': null } });
  host.addProcess(812, 'qemu-system-x86', ['/dev/null', '/dev/vfio/vfio', '/dev/vfio/12', '/dev/vfio/12']);
  host.addProcess(900, 'vpp', ['/dev/vfio/devices/vfio3']);
  const found = await users();
  expect(found).toEqual([
    {
      vf: 0,
      pciAddress: '0000:03:10.0',
      reason: 'open',
      detail: 'qemu-system-x86 (812) has /dev/vfio/12 open',
    },
    { vf: 1, pciAddress: address, reason: 'open', detail: 'vpp (900) has /dev/vfio/devices/vfio3 open' },
  ]);
  expect(describeUsers(found)).toContain(
    'VF 0 (0000:03:10.0): qemu-system-x86 (812) has /dev/vfio/12 open; VF 1',
  );
});

test('so are uio, RDMA verbs and vhost-vdpa', async () => {
  addVf(0, { driver: 'uio_pci_generic', files: { 'uio/uio4': null } });
  host.addNetDevice(
    addVf(1, { driver: 'mlx5_core', files: { 'infiniband_verbs/uverbs2': null } }),
    'eth1',
    '0x1002',
  );
  host.addNetDevice(
    addVf(2, { driver: 'mlx5_core', files: { 'vdpa0/vhost-vdpa-0': null } }),
    'eth2',
    '0x1002',
  );
  host.addProcess(50, 'dpdk', ['/dev/uio4']);
  host.addProcess(51, 'mpi', ['/dev/infiniband/uverbs2']);
  host.addProcess(52, 'qemu', ['/dev/vhost-vdpa-0']);
  expect((await users()).map(({ vf, reason }) => [vf, reason])).toEqual([
    [0, 'open'],
    [1, 'open'],
    [2, 'open'],
  ]);
});

test('a net device that is up, has an upper device, or is elsewhere is use', async () => {
  host.addNetDevice(addVf(0, { driver: 'iavf' }), 'eth0', '0x1003');
  host.addNetDevice(addVf(1, { driver: 'iavf' }), 'eth1', '0x1002', ['bond0', 'macvtap3']);
  addVf(2, { driver: 'iavf' });
  expect((await users()).map(({ vf, reason, detail }) => [vf, reason, detail])).toEqual([
    [0, 'up', 'eth0 is up'],
    [1, 'upper', 'eth1 is part of bond0'],
    [1, 'upper', 'eth1 is part of macvtap3'],
    [2, 'absent', 'iavf is bound, but its net device is in another network namespace or not made yet'],
  ]);
});

test('a VF of no network class needs no net device', async () => {
  addVf(0, { class: '0x010802', driver: 'nvme' });
  expect(await users()).toEqual([]);
});

test('a virtio VF has its net device one level down', async () => {
  const address = addVf(0, { driver: 'virtio-pci', files: { 'virtio3/net/eth5': null } });
  host.write(`${host.roots.sys}/class/net/eth5/flags`, '0x1003\n');
  expect(await users()).toMatchObject([{ pciAddress: address, reason: 'up', detail: 'eth5 is up' }]);
});
