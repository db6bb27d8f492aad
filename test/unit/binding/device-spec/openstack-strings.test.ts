/** The strings and helpers of Nova's nova/pci/utils.py, by name: what does each one's work here, and its traps. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvalidConfigError } from '../../../../src/errors.ts';
import { formatPciAddress, isPciAddress, parsePciAddress } from '../../../../src/pci/address.ts';
import { enumeratePciSync } from '../../../../src/pci/enumerate.ts';
import type { PciFunction } from '../../../../src/pci/function.ts';
import { classifyPort } from '../../../../src/pci/net-device.ts';
import { formatVendorProduct, parseVendorProduct } from '../../../../src/pci/vendor-product.ts';
import { FakeSysfs } from '../../pci/fake-sysfs.mjs';

describe('pci_slot (4.1: DDDD:BB:SS.F, any case)', () => {
  it('is read in any case and written in lower case', () => {
    expect(parsePciAddress('ABCD:0E:1F.7')).toEqual({ domain: 0xabcd, bus: 0xe, device: 0x1f, function: 7 });
    expect(formatPciAddress(parsePciAddress('ABCD:0E:1F.7'))).toBe('abcd:0e:1f.7');
  });

  it.each(['0000:04:12x6', '0000:04:12:6', '0000:04:12 6', '0000:04:1206'])(
    '%s does not pass for an address: the dot is a dot',
    (text) => {
      expect(isPciAddress(text)).toBe(false);
    },
  );

  it.each(['10000:e0:06.0', 'ffffffff:00:00.0'])('%s has a domain of 32 bits (LP#1897528)', (text) => {
    expect(formatPciAddress(parsePciAddress(text))).toBe(text);
  });

  it.each(['0000:04:12.8', '000:04:12.6', '0000:4:12.6', '0000:04:2.6', '0000:04:12.06', '0000:04:12.6\n'])(
    '%j is refused: 4+2+2 hexadecimal digits, function 0-7',
    (text) => {
      expect(() => parsePciAddress(text)).toThrow(InvalidConfigError);
    },
  );

  it.each(['0000:zz:12.6', '0000:04:12.', '0000:04:12', ':04:12.6', '0000:04:12.6.0'])(
    '%j, which the looser get_pci_address_fields splits, is refused by the one parser',
    (text) => {
      expect(isPciAddress(text)).toBe(false);
      expect(() => parsePciAddress(text)).toThrow(InvalidConfigError);
    },
  );
});

describe('pci_vendor_info (4.1: vvvv:pppp, lower hex without 0x)', () => {
  it('is written so, and read in any case', () => {
    expect(formatVendorProduct(parseVendorProduct('15B3:101E'))).toBe('15b3:101e');
    expect(formatVendorProduct({ vendor: 0x1, product: 0xa })).toBe('0001:000a');
  });

  it.each(['0x15b3:0x101e', '15b3:101', '15b3:0101e', '15b3', '15b3:', ':101e', '15b3 101e', '15b3:101g'])(
    '%j is refused: exactly 4 digits each',
    (text) => {
      expect(() => parseVendorProduct(text)).toThrow(InvalidConfigError);
    },
  );
});

describe('helpers (4.2)', () => {
  let sysfs: FakeSysfs;
  beforeEach(() => {
    sysfs = new FakeSysfs();
    sysfs.addFunction({ address: '0000:03:00.0', device: 0x10c9, sriov: { total: 7, vfDevice: 0x10ca } });
  });
  afterEach(() => sysfs.destroy());

  function enumerate(): readonly PciFunction[] {
    return enumeratePciSync({ sysfsRoot: sysfs.root });
  }
  function addVf(address: string, index: number, driver?: string): void {
    sysfs.addFunction({
      address,
      device: 0x10ca,
      vfOf: { pf: '0000:03:00.0', index },
      ...(driver === undefined ? {} : { driver }),
    });
  }
  function pf(): PciFunction & { role: 'pf' } {
    const found = enumerate().find((f) => f.role === 'pf');
    if (found?.role !== 'pf') throw new Error('no PF');
    return found;
  }
  function vf(address: string): PciFunction & { role: 'vf' } {
    const found = enumerate().find((f) => f.address === address);
    if (found?.role !== 'vf') throw new Error(`no VF ${address}`);
    return found;
  }
  const ownerOf = (name: string): PciFunction | undefined =>
    enumerate().find((f) => f.netDevices.some((device) => device.name === name));

  it('get_function_by_ifname: a name leads to address and role; the loopback to no function', () => {
    addVf('0000:03:10.0', 0);
    sysfs.addNetDevice({ name: 'eth1', ifindex: 2, on: '0000:03:00.0' });
    sysfs.addNetDevice({ name: 'eth2', ifindex: 3, on: '0000:03:10.0' });
    sysfs.addVirtualNetDevice('lo', 1);
    expect(ownerOf('eth1')).toMatchObject({ address: '0000:03:00.0', role: 'pf' });
    expect(ownerOf('eth2')).toMatchObject({ address: '0000:03:10.0', role: 'vf' });
    expect(ownerOf('lo')).toBeUndefined();
  });

  it('is_physical_function: by what it can have, not by VFs that it has (LP#1499204)', () => {
    expect(pf()).toMatchObject({ totalVfs: 7, numVfs: 0, vfs: [] });
  });

  it('get_ifname_by_pci_address: all network devices are told, in order of ifindex, each with its role', () => {
    const switchId = '7cfe900300';
    sysfs.addNetDevice({ name: 'rep0', ifindex: 9, on: '0000:03:00.0', switchId, portName: 'pf0vf0' });
    sysfs.addNetDevice({ name: 'up0', ifindex: 4, on: '0000:03:00.0', switchId, portName: 'p0' });
    expect(pf().netDevices.map(({ name, role }) => [name, role])).toEqual([
      ['up0', 'uplink'],
      ['rep0', 'representor'],
    ]);
  });

  it('get_vf_num_by_pci_address: a VF knows its number, whatever its address', () => {
    addVf('0000:03:10.1', 2);
    addVf('0000:03:11.0', 10);
    addVf('0000:03:10.0', 1);
    expect(['0000:03:10.0', '0000:03:10.1', '0000:03:11.0'].map((at) => vf(at).vfIndex)).toEqual([1, 2, 10]);
  });

  it("get_vf_product_id_by_pf_addr: the PF tells its VFs' product", () => {
    expect(pf().vfDeviceId).toBe(0x10ca);
  });

  it('get_pci_ids_by_pci_addr: of a sysfs without a file named product, as every one is', () => {
    addVf('0000:03:10.0', 0);
    expect(vf('0000:03:10.0').ids).toMatchObject({ vendor: 0x8086, device: 0x10ca });
  });

  it.each([
    ['3', { pf: null, vf: 3 }],
    ['pf1vf3', { pf: 1, vf: 3 }],
    ['vf3@pf1', { pf: 1, vf: 3 }],
  ])('get_representor_port: port name %s', (portName, represents) => {
    expect(classifyPort('7cfe900300', portName)).toMatchObject({ role: 'representor', represents });
  });

  it('scan_vf_devices: pairs of slot and number, by number; none without VFs', () => {
    expect(pf().vfs).toEqual([]);
    addVf('0000:03:11.0', 10);
    addVf('0000:03:10.2', 1);
    expect(pf().vfs).toEqual([
      { index: 1, address: '0000:03:10.2' },
      { index: 10, address: '0000:03:11.0' },
    ]);
  });

  it('is_assigned_vf_direct: no network device does not make a VF assigned; driverless and vfio-pci differ', () => {
    addVf('0000:03:10.0', 0);
    addVf('0000:03:10.2', 1, 'vfio-pci');
    addVf('0000:03:10.4', 2, 'igbvf');
    expect(['0000:03:10.0', '0000:03:10.2', '0000:03:10.4'].map((at) => vf(at).driver)).toEqual([
      null,
      'vfio-pci',
      'igbvf',
    ]);
  });

  it('get_numvfs: VFs that can be seen, not what sriov_numvfs says while they come', () => {
    addVf('0000:03:10.0', 0);
    sysfs.write(`${sysfs.folderOf('0000:03:00.0')}/sriov_numvfs`, '7');
    expect(pf().numVfs).toBe(1);
  });
});
