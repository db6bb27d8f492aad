/**
 * What a bound port is told: the rows of Neutron's table from vnic type to vif type, details and status.
 */
import { describe, expect, it } from 'vitest';
import { bind, type Bound, createBinder } from '../../../../src/binding/bind.ts';
import { parseDeviceSpecs } from '../../../../src/binding/device-spec/parse.ts';
import type { BindPolicy } from '../../../../src/binding/policy.ts';
import { FLAT, makeHost, makePf, makeRequest, makeVf, type RequestChanges } from './host.ts';
import { boundOf } from './outcome.ts';

const PF = '0000:02:00.0';
const HOST = makeHost(makePf(2, 2));

function bound(changes: RequestChanges, policy: BindPolicy = {}, host = HOST): Bound {
  return boundOf(bind(makeRequest(changes), host, policy, new Map()));
}

describe('vnic_type -> vif_type -> vif_details -> status', () => {
  it.each([
    ['direct', 'hw_veb', 'DOWN'],
    ['macvtap', 'hw_veb', 'DOWN'],
    ['direct-physical', 'hostdev_physical', 'ACTIVE'],
  ] as const)(
    'row %s: %s, port_filter false, connectivity l2, vlan as text, status %s',
    (vnic_type, vif_type, status) => {
      expect(bound({ vnic_type })).toMatchObject({
        vif_type,
        vif_details: { port_filter: false, connectivity: 'l2', vlan: '100' },
        status,
      });
    },
  );

  it.each(['direct', 'macvtap', 'direct-physical'] as const)(
    'row %s: vlan is "0" on a flat network',
    (vnic_type) => {
      const { vif_details } = bound({ vnic_type, network: FLAT });
      expect(vif_details).toEqual({ port_filter: false, connectivity: 'l2', vlan: '0' });
    },
  );

  it('row direct, 802.1Qbh NIC: vif type 802.1qbh with the profileid of the device spec, and no VLAN of ours', () => {
    const deviceSpecs = parseDeviceSpecs([{ address: PF, physical_network: 'physnet1', profileid: 'gold' }]);
    const { vif_type, vif_details } = bound({}, { deviceSpecs });
    expect(vif_type).toBe('802.1qbh');
    expect(vif_details).toEqual({ port_filter: false, connectivity: 'l2', profileid: 'gold' });
  });

  it("802.1qbh: what the driver lacks is the switch's to do", () => {
    const deviceSpecs = parseDeviceSpecs([{ address: PF, physical_network: 'physnet1', profileid: 'gold' }]);
    const host = makeHost(makePf(2, 1, { driver: 'enic', lacks: ['vlan', 'spoofCheck', 'rate'] }));
    expect(bound({}, { deviceSpecs }, host).vif_type).toBe('802.1qbh');
  });

  it('no two ports share a details object, as they once did in Neutron (LP#1403626)', () => {
    const binder = createBinder(HOST, {}, new Map());
    const first = boundOf(binder.bind(makeRequest({ port: { id: 'a' } })));
    const second = boundOf(binder.bind(makeRequest({ port: { id: 'b' }, network: FLAT })));
    expect(first.vif_details).not.toBe(second.vif_details);
    expect(first.vif_details.vlan).toBe('100');
  });
});

describe('the profile of a bound port', () => {
  it('VF: pci_slot, pci_vendor_info, physical_network, vf_num, pf_mac_address', () => {
    const { profile, added_keys } = bound({ profile: { mine: 1 } });
    expect(profile).toEqual({
      mine: 1,
      pci_slot: '0000:03:00.0',
      pci_vendor_info: '8086:10ca',
      physical_network: 'physnet1',
      vf_num: 0,
      pf_mac_address: '02:00:00:00:02:ff',
    });
    expect([...added_keys].sort()).toEqual([
      'pci_slot',
      'pci_vendor_info',
      'pf_mac_address',
      'physical_network',
      'vf_num',
    ]);
  });

  it('PF: device_mac_address, and no vf_num', () => {
    const { place, profile } = bound({ vnic_type: 'direct-physical' });
    expect(place).toEqual({ pf: PF, vf: null });
    expect(profile).toEqual({
      pci_slot: PF,
      pci_vendor_info: '8086:10c9',
      physical_network: 'physnet1',
      device_mac_address: '02:00:00:00:02:ff',
    });
  });

  it('PF: nothing is set on it, so that nothing can be lacking; nor has it a MAC without a network device', () => {
    const host = makeHost(makePf(2, 1, { lacks: ['mac', 'vlan', 'spoofCheck'], netDevice: null, mac: null }));
    expect(bound({ vnic_type: 'direct-physical' }, {}, host).added_keys).toEqual([
      'pci_slot',
      'pci_vendor_info',
      'physical_network',
    ]);
  });

  it('netdevsim: what has no PCI function gets no keys of one', () => {
    const vf = makeVf(2, 0, { pciAddress: null, vendorProduct: null });
    const pf = makePf(2, [vf], { device: 'netdevsim1', pciAddress: null, vendorProduct: null, mac: null });
    expect(bound({ place: 'netdevsim1/0' }, {}, makeHost(pf))).toMatchObject({
      place: { pf: 'netdevsim1', vf: 0 },
      profile: { vf_num: 0, physical_network: 'physnet1' },
      added_keys: ['vf_num', 'physical_network'],
    });
  });

  it('keeps what the request says in its own spelling, and does not call it added', () => {
    const profile = { pci_slot: '0000:03:00.0', pci_vendor_info: '8086:10CA', trusted: false };
    const result = bound({ profile });
    expect(result.profile).toMatchObject(profile);
    expect(result.added_keys).not.toContain('pci_slot');
    expect(result.added_keys).not.toContain('pci_vendor_info');
    expect(Object.keys(profile)).toHaveLength(3);
  });

  it('does not keep keys of a function that the port had elsewhere (stale keys after a move)', () => {
    const stale = { vf_num: 9, pf_mac_address: '02:00:00:00:99:ff', device_mac_address: '02:00:00:00:99:01' };
    const { profile, added_keys } = bound({ profile: stale });
    expect(profile).toMatchObject({ vf_num: 0, pf_mac_address: '02:00:00:00:02:ff' });
    expect(profile).not.toHaveProperty('device_mac_address');
    expect(added_keys).toEqual(expect.arrayContaining(['vf_num', 'pf_mac_address']));
    expect(bound({ vnic_type: 'direct-physical', profile: stale }).profile).not.toHaveProperty('vf_num');
  });
});
