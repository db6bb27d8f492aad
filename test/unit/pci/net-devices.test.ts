import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { enumeratePciSync } from '../../../src/pci/enumerate.ts';
import type { PciFunction } from '../../../src/pci/function.ts';
import { classifyPort } from '../../../src/pci/net-device.ts';
import { FakeSysfs } from './fake-sysfs.mjs';
import { readPlain } from './plain-reader.mjs';

const PF = '0000:03:00.0';

let sysfs: FakeSysfs;
beforeEach(() => {
  sysfs = new FakeSysfs();
  sysfs.addFunction({ address: PF, driver: 'mlx5_core', sriov: { total: 8 } });
});
afterEach(() => sysfs.destroy());

function one(address: string, functions = enumeratePciSync({ sysfsRoot: sysfs.root })): PciFunction {
  const found = functions.find((f) => f.device === address);
  if (found === undefined) throw new Error(`${address} is not listed`);
  return found;
}

describe('the network devices of a function', () => {
  it('are told by ifindex, name, state and port, two on one function', () => {
    sysfs.addNetDevice({ name: 'ens1d1', ifindex: 5, on: PF, devPort: 1, carrier: '0', operstate: 'down' });
    sysfs.addNetDevice({ name: 'ens1', ifindex: 12, on: PF, carrier: '1', operstate: 'up', speed: '40000' });
    const { netDevices } = one(PF);
    const none = { role: 'port', represents: null, via: null, physSwitchId: null, physPortName: null };
    expect(netDevices).toEqual([
      { ...none, ifindex: 5, name: 'ens1d1', operState: 'down', carrier: false, speedMbps: null, devPort: 1 },
      { ...none, ifindex: 12, name: 'ens1', operState: 'up', carrier: true, speedMbps: 40000, devPort: 0 },
    ]);
    expect(netDevices).toEqual(one(PF, readPlain(sysfs.root, classifyPort)).netDevices);
  });

  it.each(['-1', '4294967295', ''])('have no speed when the kernel writes %j', (speed) => {
    sysfs.addNetDevice({ name: 'ens1', ifindex: 2, on: PF, carrier: '1', operstate: 'up', speed });
    expect(one(PF).netDevices).toMatchObject([{ carrier: true, speedMbps: null }]);
  });

  it('have no carrier to speak of while down, where reading it is EINVAL', ({ skip }) => {
    // A file whose read fails with EINVAL: the kernel opens it for root and has no read for it.
    const refusing = '/proc/self/clear_refs';
    let code: unknown;
    try {
      readFileSync(refusing);
    } catch (error) {
      code = (error as NodeJS.ErrnoException).code;
    }
    if (code !== 'EINVAL')
      skip(`no file to stand for the carrier of a device that is down (${refusing}: ${code})`);
    sysfs.addNetDevice({ name: 'ens1', ifindex: 2, on: PF, operstate: 'up', speed: '100' });
    sysfs.linkOutside(`${sysfs.folderOf('ens1')}/carrier`, refusing);
    expect(one(PF).netDevices).toMatchObject([{ carrier: null, operState: 'down', speedMbps: null }]);
  });

  it('tell the uplink from representors', () => {
    const on = { on: PF, switchId: '7cfe900300' };
    sysfs.addNetDevice({ ...on, name: 'eth9', ifindex: 9, portName: 'pf0vf10' });
    sysfs.addNetDevice({ ...on, name: 'enp3s0f0np0', ifindex: 4, portName: 'p0' });
    sysfs.addNetDevice({ ...on, name: 'eth5', ifindex: 5, portName: 'c1pf0vf1' });
    sysfs.addNetDevice({ ...on, name: 'eth6', ifindex: 6, portName: 'pf0sf88' });
    expect(one(PF).netDevices.map((d) => [d.name, d.role, d.represents])).toEqual([
      ['enp3s0f0np0', 'uplink', null],
      ['eth5', 'representor', { controller: 1, pf: 0, vf: 1, sf: null }],
      ['eth6', 'representor', { controller: null, pf: 0, vf: null, sf: 88 }],
      ['eth9', 'representor', { controller: null, pf: 0, vf: 10, sf: null }],
    ]);
  });

  it('include those behind a virtio, auxiliary or vDPA device, and say so', () => {
    sysfs.addNetDevice({ name: 'v0', ifindex: 2, on: PF, via: 'virtio3' });
    sysfs.addNetDevice({ name: 'sf0', ifindex: 3, on: PF, via: 'mlx5_core.sf.4' });
    sysfs.addNetDevice({ name: 'vd0', ifindex: 4, on: PF, via: 'vdpa0/virtio4' });
    expect(one(PF).netDevices.map((d) => [d.name, d.via])).toEqual([
      ['v0', 'virtio3'],
      ['sf0', 'mlx5_core.sf.4'],
      ['vd0', 'vdpa0/virtio4'],
    ]);
  });

  it('do not include what hangs on another device below: USB adapters, bridges', () => {
    sysfs.addNetDevice({ name: 'enx0', ifindex: 2, on: PF, via: 'usb1/1-1/1-1:1.0' });
    sysfs.addVirtualNetDevice('br0', 3);
    sysfs.write('class/net/bonding_masters', '');
    expect(one(PF).netDevices).toEqual([]);
  });

  it('belong to the last function of their path: behind VMD, not to the VMD controller', () => {
    sysfs.addFunction({ address: '0000:5d:05.5', class: 0x010400, driver: 'vmd', under: 'pci0000:5d' });
    const under = 'pci0000:5d/0000:5d:05.5/pci10000:00/10000:00:02.0';
    sysfs.addFunction({ address: '10000:01:00.0', under });
    sysfs.addNetDevice({ name: 'eth0', ifindex: 2, on: '10000:01:00.0' });
    expect(one('0000:5d:05.5').netDevices).toEqual([]);
    expect(one('10000:01:00.0').netDevices).toMatchObject([{ name: 'eth0' }]);
  });

  it('that are gone or renamed meanwhile are left out, and the rest is there', () => {
    sysfs.addNetDevice({ name: 'ens1', ifindex: 2, on: PF });
    sysfs.addNetDevice({ name: 'gone', ifindex: 3, on: PF });
    sysfs.removeFolder(sysfs.folderOf('gone'));
    expect(one(PF).netDevices).toMatchObject([{ name: 'ens1' }]);
  });
});

describe('RDMA and vDPA devices', () => {
  it('are listed with the function they hang on', () => {
    sysfs.addFunction({ address: '0000:03:00.2', vfOf: { pf: PF, index: 0 } });
    sysfs.addRdmaDevice(PF, 'mlx5_1').addRdmaDevice(PF, 'mlx5_0').addRdmaDevice('0000:03:00.2', 'mlx5_2');
    sysfs.addVdpaDevice('0000:03:00.2', 'vdpa1');
    const functions = enumeratePciSync({ sysfsRoot: sysfs.root });
    expect(functions).toEqual(
      readPlain(sysfs.root, classifyPort).map((f) => ({ ...f, rdmaDevices: [...f.rdmaDevices].sort() })),
    );
    expect(functions).toMatchObject([
      { rdmaDevices: ['mlx5_0', 'mlx5_1'], vdpaDevices: [] },
      { rdmaDevices: ['mlx5_2'], vdpaDevices: ['vdpa1'] },
    ]);
  });
});

describe('a port name', () => {
  it.each([
    ['p0', 'uplink', null],
    ['p1s2', 'uplink', null],
    [null, 'uplink', null],
    ['pf1', 'representor', { controller: null, pf: 1, vf: null, sf: null }],
    ['pf1vf12', 'representor', { controller: null, pf: 1, vf: 12, sf: null }],
    ['c2pf0', 'representor', { controller: 2, pf: 0, vf: null, sf: null }],
    ['3', 'representor', { controller: null, pf: null, vf: 3, sf: null }],
    ['vf3@pf1', 'representor', { controller: null, pf: 1, vf: 3, sf: null }],
    ['xp0', 'representor', null],
  ])('%s within an eswitch is: %s', (name, role, represents) => {
    expect(classifyPort('7cfe900300', name)).toEqual({ role, represents });
  });

  it('outside an eswitch says nothing', () => {
    expect(classifyPort(null, 'p0')).toEqual({ role: 'port', represents: null });
    expect(classifyPort(null, 'pf0vf1')).toEqual({ role: 'port', represents: null });
  });
});
