import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enumeratePci, enumeratePciSync } from '../../../src/pci/enumerate.ts';
import { VF_IDS } from '../../../src/pci/guest-vf.ts';
import { loadPciNames, PciNameTable } from '../../../src/pci/names.ts';
import { FakeSysfs } from './fake-sysfs.mjs';

const TEXT = `#
#	List of PCI ID's
15b3  Mellanox Technologies
	101d  MT2892 Family [ConnectX-6 Dx]
		15b3 0016  ConnectX-6 Dx EN
# A comment in the midst.
		15b3 0083  MCX623106AS-CDAT
	101e  ConnectX Family mlx5Gen Virtual Function
8086  Intel Corporation
	1572  Ethernet Controller X710 for 10GbE SFP+
8088  Beijing Wangxun Technology Co., Ltd.
	0101  WX1860A2 Gigabit Ethernet Controller
		15b3 0016  Not that one
C 02  Network controller
	00  Ethernet controller
`;
const ids = { vendor: 0, device: 0, subsystemVendor: 0, subsystemDevice: 0, class: 0x020000 };

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sriov-ids-'));
  file = path.join(folder, 'pci.ids');
  writeFileSync(file, TEXT);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the pci.ids database', () => {
  const table = new PciNameTable(TEXT);

  it('names vendor, device and card', () => {
    const card = { ...ids, vendor: 0x15b3, device: 0x101d, subsystemVendor: 0x15b3, subsystemDevice: 0x83 };
    expect(table.lookup(card)).toEqual({
      vendor: 'Mellanox Technologies',
      device: 'MT2892 Family [ConnectX-6 Dx]',
      subsystem: 'MCX623106AS-CDAT',
    });
  });

  it('looks below the right vendor and the right device only', () => {
    const other = { ...ids, vendor: 0x8086, device: 0x101d };
    expect(table.lookup(other)).toEqual({ vendor: 'Intel Corporation', device: null, subsystem: null });
    const card = { ...ids, vendor: 0x15b3, device: 0x101e, subsystemVendor: 0x15b3, subsystemDevice: 0x16 };
    expect(table.lookup(card)).toMatchObject({
      device: 'ConnectX Family mlx5Gen Virtual Function',
      subsystem: null,
    });
    expect(table.lookup({ ...ids, vendor: 0x8088, device: 0x0101 })).toMatchObject({
      device: 'WX1860A2 Gigabit Ethernet Controller',
    });
  });

  it('knows what it does not know', () => {
    expect(table.lookup({ ...ids, vendor: 0x1234 })).toEqual({ vendor: null, device: null, subsystem: null });
    expect(new PciNameTable('').lookup(ids)).toEqual({ vendor: null, device: null, subsystem: null });
    // A class, not a vendor.
    expect(table.lookup({ ...ids, vendor: 0xc }).vendor).toBe(null);
  });

  it('is read on request only, and its absence is no error', async () => {
    const sysfs = new FakeSysfs();
    sysfs.addFunction({ address: '0000:01:00.0' });
    const sysfsRoot = sysfs.root;
    const named = {
      vendor: 'Intel Corporation',
      device: 'Ethernet Controller X710 for 10GbE SFP+',
      subsystem: null,
    };
    expect(await enumeratePci({ sysfsRoot, names: file })).toMatchObject([{ names: named }]);
    expect(enumeratePciSync({ sysfsRoot, names: file })).toMatchObject([{ names: named }]);
    expect(await enumeratePci({ sysfsRoot })).toMatchObject([{ names: null }]);
    expect(await enumeratePci({ sysfsRoot, names: `${file}.not` })).toMatchObject([{ names: null }]);
    expect(enumeratePciSync({ sysfsRoot, names: `${file}.not` })).toMatchObject([{ names: null }]);
    sysfs.destroy();
  });

  it('calls every id a virtual function that is taken for one', async ({ skip }) => {
    const installed = await loadPciNames();
    if (installed === null) return skip('no pci.ids on this machine (package pci.ids)');
    const named = [...VF_IDS].flatMap(([vendor, devices]) =>
      [...devices].map((device) => installed.lookup({ ...ids, vendor, device }).device),
    );
    expect(named.filter((name) => name !== null && !/virtual function|\bvf\b/i.test(name))).toEqual([]);
    // Nearly all of them are in the database, or this would prove nothing.
    expect(named.filter((name) => name !== null).length).toBeGreaterThan(named.length * 0.8);
  });
});
