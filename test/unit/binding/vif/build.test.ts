/** The VIF that Nova makes of a port: facts of its network model, attribute by attribute. */
import { expect, test } from 'vitest';

import { buildVif } from '../../../../src/binding/vif/build.ts';
import { BINDING, NETWORK, PORT, vif } from './vifs.ts';

test('a direct port on a vlan network (row direct) has every attribute of a VIF of type hw_veb', () => {
  const network_info = { id: 'net', name: 'blue', mtu: 9000 };
  expect(
    buildVif({ port: PORT, network: NETWORK, binding: BINDING, status: 'ACTIVE', network_info }),
  ).toEqual({
    id: PORT.id,
    address: 'fa:16:3e:00:00:07',
    network: {
      id: 'net',
      bridge: null,
      label: 'blue',
      meta: { mtu: 9000, physical_network: 'physnet1', qinq: false, vlan_qos: 0 },
    },
    type: 'hw_veb',
    details: { port_filter: false, connectivity: 'l2', vlan: '100' },
    devname: 'tap4a1b0c2d-11',
    vnic_type: 'direct',
    active: true,
    preserve_on_delete: false,
    profile: { pci_slot: '0000:3b:10.2', physical_network: 'physnet1' },
    ovs_interfaceid: null,
  });
});

test('a VIF is active when its port is ACTIVE or switched off', () => {
  const of = (status: 'DOWN' | 'ACTIVE', admin_state_up: boolean): boolean =>
    buildVif({ port: { ...PORT, admin_state_up }, network: NETWORK, binding: BINDING, status }).active;
  expect([of('DOWN', true), of('ACTIVE', true), of('DOWN', false)]).toEqual([false, true, true]);
  expect(vif().active).toBe(false);
});

test("a port without a MAC has the PF's (row direct-physical), or none", () => {
  const { mac_address: _, ...port } = PORT;
  const profile = { pci_slot: '0000:3b:00.0', device_mac_address: '02:00:00:00:00:09' };
  const binding = { ...BINDING, vif_type: 'hostdev_physical', profile } as const;
  expect(buildVif({ port, network: NETWORK, binding }).address).toBe('02:00:00:00:00:09');
  expect(buildVif({ port, network: NETWORK, binding: BINDING }).address).toBeNull();
});

test('only a VIF of type ovs has an interface id of Open vSwitch', () => {
  expect(vif({ vif_type: 'ovs' }).ovs_interfaceid).toBe(PORT.id);
  expect(vif().ovs_interfaceid).toBeNull();
});

test('ports share no details or profile with their VIFs', () => {
  expect(vif().details).not.toBe(BINDING.vif_details);
  expect(vif().profile).not.toBe(BINDING.profile);
});
