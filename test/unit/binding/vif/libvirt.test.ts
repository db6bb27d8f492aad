/** libvirt XML for each row of the table vnic_type -> vif_type -> details -> what Nova does. */
import { describe, expect, test } from 'vitest';

import { libvirtInterfaceXml } from '../../../../src/binding/vif/libvirt.ts';
import type { LibvirtRefusalReason } from '../../../../src/binding/vif/refusal.ts';
import { LibvirtRefusalError } from '../../../../src/binding/vif/refusal.ts';
import type { Vif } from '../../../../src/binding/vif/vif.ts';
import { PORT, vif } from './vifs.ts';

const lines = (...all: string[]): string => all.join('\n');

describe('row direct, hw_veb', () => {
  const head = [`<interface type="hostdev" managed="yes">`, `  <mac address="fa:16:3e:00:00:07"/>`];
  const source = [
    `  <source>`,
    `    <address type="pci" domain="0x0000" bus="0x3b" slot="0x10" function="0x2"/>`,
    `  </source>`,
  ];

  test('is an interface of type hostdev by pci_slot with its VLAN', () => {
    expect(libvirtInterfaceXml(vif())).toBe(
      lines(...head, ...source, `  <vlan>`, `    <tag id="100"/>`, `  </vlan>`, `</interface>`),
    );
  });

  test('has no VLAN when vif_details.vlan is "0" (flat)', () => {
    const flat = vif({ vif_details: { vlan: '0' } }, { network_type: 'flat', segmentation_id: null });
    expect(libvirtInterfaceXml(flat)).toBe(lines(...head, ...source, `</interface>`));
  });

  test('row accelerator-direct is as direct', () => {
    expect(libvirtInterfaceXml(vif({ vnic_type: 'accelerator-direct' }))).toBe(libvirtInterfaceXml(vif()));
  });

  test('takes a PCI domain of 32 bits', () => {
    const vmd = vif({ profile: { pci_slot: '10000:02:00.1' } });
    expect(libvirtInterfaceXml(vmd)).toContain(`domain="0x10000" bus="0x02" slot="0x00" function="0x1"`);
  });
});

test('row macvtap, hw_veb: opens the macvtap device that is there already', () => {
  const options = { netDevice: 'enp59s0f0v2', macvtap: 'mvt-0123456789a' };
  const xml = libvirtInterfaceXml(vif({ vnic_type: 'macvtap' }), options);
  expect(xml).toContain('<interface type="ethernet">');
  expect(xml).toContain('<target dev="mvt-0123456789a" managed="no"/>');
  expect(xml).not.toMatch(/vlan|source/);
});

test("row macvtap, hw_veb: is direct in mode passthrough on the VF's net device, with its VLAN", () => {
  expect(libvirtInterfaceXml(vif({ vnic_type: 'macvtap' }), { netDevice: 'enp59s0f0v2' })).toBe(
    lines(
      `<interface type="direct">`,
      `  <mac address="fa:16:3e:00:00:07"/>`,
      `  <source dev="enp59s0f0v2" mode="passthrough"/>`,
      `  <model type="virtio"/>`,
      `  <vlan>`,
      `    <tag id="100"/>`,
      `  </vlan>`,
      `</interface>`,
    ),
  );
});

test('row direct-physical, hostdev_physical: is a plain PCI hostdev, without MAC and VLAN', () => {
  const pf = vif({
    vnic_type: 'direct-physical',
    vif_type: 'hostdev_physical',
    profile: { pci_slot: '0000:3b:00.0' },
  });
  expect(libvirtInterfaceXml(pf)).toBe(
    lines(
      `<hostdev mode="subsystem" type="pci" managed="yes">`,
      `  <source>`,
      `    <address domain="0x0000" bus="0x3b" slot="0x00" function="0x0"/>`,
      `  </source>`,
      `</hostdev>`,
    ),
  );
});

describe('row direct, 802.1qbh', () => {
  const qbh = { vif_type: '802.1qbh', vif_details: { profileid: 'a"<b>&' } } as const;
  const port = lines(
    `  <virtualport type="802.1Qbh">`,
    `    <parameters profileid="a&quot;&lt;b&gt;&amp;"/>`,
    `  </virtualport>`,
  );

  test('is hostdev with a virtualport, its profileid escaped, and no VLAN', () => {
    const xml = libvirtInterfaceXml(vif(qbh, { qinq: true }));
    expect(xml).toContain(`<interface type="hostdev" managed="yes">`);
    expect(xml).toContain(port);
    expect(xml).not.toContain('vlan');
  });

  test('is direct on the net device for macvtap', () => {
    const xml = libvirtInterfaceXml(vif({ ...qbh, vnic_type: 'macvtap' }), { netDevice: 'eth4' });
    expect(xml).toContain(`<source dev="eth4" mode="passthrough"/>`);
    expect(xml).toContain(port);
  });
});

const macvtap = vif({ vnic_type: 'macvtap' });
const qbh = (profileid: unknown): Vif =>
  vif({ vif_type: '802.1qbh', vif_details: { profileid } as { profileid: string } });
const details = (vlan: unknown): Vif => vif({ vif_details: { vlan } as { vlan: string } });

const REFUSED: readonly (readonly [string, LibvirtRefusalReason, Vif])[] = [
  ['row normal with the macvtap agent', 'VIF_TYPE', vif({ vif_type: 'macvtap' })],
  ['row vdpa (ovs)', 'VIF_TYPE', vif({ vif_type: 'ovs', vnic_type: 'vdpa' })],
  ['unbound', 'VIF_TYPE', vif({ vif_type: 'unbound' })],
  ['binding_failed', 'VIF_TYPE', vif({ vif_type: 'binding_failed' })],
  ['hw_veb for vnic_type normal', 'VNIC_TYPE', vif({ vnic_type: 'normal' })],
  ['no pci_slot', 'PCI_SLOT', vif({ profile: {} })],
  ['a PCI slot above 1f', 'PCI_SLOT', vif({ profile: { pci_slot: '0000:3b:20.0' } })],
  ['802.1ad', 'VLAN', vif({}, { qinq: true })],
  ['a VLAN priority', 'VLAN', vif({}, { vlan_qos: 3 })],
  ['a VLAN that is a number', 'VLAN', details(100)],
  ['a VLAN that is absent', 'VLAN', details(undefined)],
  ['VLAN 4095', 'VLAN', details('4095')],
  ['VLAN 0x10', 'VLAN', details('0x10')],
  ['a group MAC', 'MAC', { ...vif(), address: '01:00:5e:00:00:01' }],
  ['no MAC', 'MAC', { ...vif(), address: null }],
  ['no profileid', 'PROFILE_ID', qbh(undefined)],
  ['a profileid of 40 characters', 'PROFILE_ID', qbh('x'.repeat(40))],
  ['a profileid with a NUL', 'PROFILE_ID', qbh('a\0')],
  ['macvtap without a net device', 'NET_DEVICE', macvtap],
];

test.each(REFUSED)('refuses %s: %s, naming port and vif_type', (_, reason, refused) => {
  const error = catchError(() => libvirtInterfaceXml(refused));
  expect(error).toBeInstanceOf(LibvirtRefusalError);
  expect(error).toMatchObject({ code: 'SRIOV_LIBVIRT', reason, vif_type: refused.type });
  expect((error as Error).message).toContain(`port ${PORT.id} of vif_type ${refused.type}: `);
});

test.each(['', 'x"/><evil/>', 'sixteenletters00'])('macvtap refuses the net device %j', (netDevice) => {
  expect(() => libvirtInterfaceXml(macvtap, { netDevice })).toThrow(
    expect.objectContaining({ code: 'SRIOV_LIBVIRT', reason: 'NET_DEVICE' }),
  );
});

function catchError(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was refused');
}
