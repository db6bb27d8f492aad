/** Attributes of a port's binding: values, defaults, validation. */
import { describe, expect, test } from 'vitest';
import { formatFlatPort, parsePort } from '../../../../src/binding/flat.ts';
import { parsePortBinding } from '../../../../src/binding/port-binding.ts';
import { parseVifDetails, VIF_DETAILS_KEYS } from '../../../../src/binding/vif-details.ts';
import { VIF_TYPES } from '../../../../src/binding/vif-type.ts';
import { parseVnicType, VNIC_TYPES } from '../../../../src/binding/vnic-type.ts';
import { refusal } from './refusal.ts';
import { BAD_PORTS } from './samples.ts';

describe('binding:vnic_type (1.1, 1.3)', () => {
  test('has the eleven words of today', () => {
    expect([...VNIC_TYPES].toSorted()).toEqual([
      'accelerator-direct',
      'accelerator-direct-physical',
      'baremetal',
      'direct',
      'direct-physical',
      'macvtap',
      'normal',
      'remote-managed',
      'smart-nic',
      'vdpa',
      'virtio-forwarder',
    ]);
    for (const type of VNIC_TYPES) expect(parseVnicType(type)).toBe(type);
  });

  test.each([undefined, null, 'virtio'])('%s is normal, never an error', (value) => {
    expect(parseVnicType(value)).toBe('normal');
    expect(parsePort({ id: 'p', 'binding:vnic_type': value }).binding.vnic_type).toBe('normal');
  });

  test('another word is refused with the nearest known one', () => {
    expect(refusal(() => parseVnicType('drect')).message).toBe(
      'binding:vnic_type: "drect" is not known; did you mean direct?',
    );
    expect(refusal(() => parseVnicType(5)).code).toBe('SRIOV_INVALID_CONFIG');
  });
});

describe('defaults of a flat port (1.1)', () => {
  const { port, status, binding } = parsePort({ id: 'p' });

  test('host_id is empty, profile and vif_details are {}, vif_type is unbound', () => {
    expect(binding).toEqual({
      host: '',
      vnic_type: 'normal',
      profile: {},
      vif_type: 'unbound',
      vif_details: {},
      status: 'ACTIVE',
    });
  });

  test('admin_state_up, port_security_enabled and propagate_uplink_status are true, status is DOWN', () => {
    expect(status).toBe('DOWN');
    expect(port).toEqual({
      id: 'p',
      admin_state_up: true,
      port_security_enabled: true,
      propagate_uplink_status: true,
      numa_affinity_policy: null,
      device_owner: '',
      device_id: '',
      qos_rules: [],
    });
  });

  test('an unbound port is shown with the same', () => {
    expect(formatFlatPort({ port, status }, null)).toMatchObject({
      'binding:vnic_type': 'normal',
      'binding:host_id': '',
      'binding:profile': {},
      'binding:vif_type': 'unbound',
      'binding:vif_details': {},
    });
  });
});

describe('binding:vif_type and binding:vif_details (1.1, 2)', () => {
  test('the types of Neutron are known, and those that Nova adds', () => {
    expect(VIF_TYPES).toEqual(
      expect.arrayContaining(
        'unbound binding_failed distributed ovs bridge other tap macvtap agilio_ovs vhostuser hw_veb hostdev_physical 802.1qbg 802.1qbh ib_hostdev ivs dvs vrouter midonet iovisor'.split(
          ' ',
        ),
      ),
    );
  });

  test('the known keys of vif_details are checked', () => {
    expect([...VIF_DETAILS_KEYS].toSorted()).toEqual(
      'bound_drivers bridge_name connectivity datapath_type mac_address macvtap_mode macvtap_source ovs_create_tap ovs_hybrid_plug physical_interface physical_network port_filter profileid vhostuser_fp_plug vhostuser_mode vhostuser_ovs_plug vhostuser_socket vhostuser_vrouter_plug vlan'.split(
        ' ',
      ),
    );
  });

  test('vlan is text', () => {
    expect(parseVifDetails({ vlan: 5 })).toEqual({ vlan: '5' });
    expect(parseVifDetails({ vlan: '0' })).toEqual({ vlan: '0' });
  });

  test('macvtap names each of its three keys that is missing', () => {
    const error = refusal(() => parsePort({ id: 'p', 'binding:vif_type': 'macvtap' }));
    expect(error.problems.map(({ path }) => path)).toEqual([
      'binding:vif_details.macvtap_source',
      'binding:vif_details.macvtap_mode',
      'binding:vif_details.physical_interface',
    ]);
  });

  test('the type tells the details apart', () => {
    const binding = parsePortBinding({ host: 'h', vif_type: 'hw_veb', vif_details: { vlan: '7' } });
    // The annotation is the check: without the union, vlan could be undefined.
    const vlan: string | undefined =
      binding.vif_type === 'hw_veb' ? binding.vif_details.vlan.trim() : undefined;
    expect(vlan).toBe('7');
  });
});

describe('attributes beside the binding (1.1)', () => {
  test('trusted of the port is shown in the profile and wins over it', () => {
    const given = { id: 'p', trusted: 'no', 'binding:profile': { trusted: true } };
    const { port, binding } = parsePort(given);
    expect(port['trusted']).toBe(false);
    expect(binding.profile.trusted).toBe(false);
  });

  test('hardware_offload_type switchdev is a capability in the profile, once', () => {
    const given = { id: 'p', hardware_offload_type: 'switchdev' };
    expect(parsePort(given).binding.profile).toEqual({ capabilities: ['switchdev'] });
    const asked = { ...given, 'binding:profile': { capabilities: ['a', 'switchdev'] } };
    expect(parsePort(asked).binding.profile.capabilities).toEqual(['a', 'switchdev']);
    expect(parsePort({ ...given, hardware_offload_type: null }).binding.profile).toEqual({});
  });

  test('mac_address becomes lower case with colons; null lets the host choose', () => {
    expect(parsePort({ id: 'p', mac_address: 'FA-16-3E-00-00-0A' }).port.mac_address).toBe(
      'fa:16:3e:00:00:0a',
    );
    expect(parsePort({ id: 'p', mac_address: null }).port).not.toHaveProperty('mac_address');
  });

  test('a QoS rule without direction is egress', () => {
    const rule = { type: 'bandwidth_limit', max_kbps: 5 };
    expect(parsePort({ id: 'p', qos_rules: [rule] }).port.qos_rules).toEqual([
      { ...rule, direction: 'egress' },
    ]);
  });
});

describe('binding as a resource (1.2)', () => {
  test('defaults: vnic_type normal, unbound, ACTIVE; unknown keys are kept', () => {
    expect(parsePortBinding({ host: 'h', project_id: 'x' })).toEqual({
      host: 'h',
      project_id: 'x',
      vnic_type: 'normal',
      profile: {},
      vif_type: 'unbound',
      vif_details: {},
      status: 'ACTIVE',
    });
  });
});

describe('messages', () => {
  test('every problem is listed with its path, not only the first', () => {
    const error = refusal(() =>
      parsePort({
        id: 'p',
        mac_address: 5,
        qos_rules: [{ type: 'dscp_marking' }, {}],
        'binding:profile': { pci_slot: 'zz', vf_num: '3' },
      }),
    );
    expect(error.problems.map(({ path }) => path)).toEqual([
      'mac_address',
      'qos_rules[0].type',
      'qos_rules[1].type',
      'binding:profile.pci_slot',
      'binding:profile.vf_num',
    ]);
    for (const { path, message } of error.problems) expect(error.message).toContain(`${path}: ${message}`);
  });

  test.each(Object.entries(BAD_PORTS))('no pattern and no library word is shown: %s', (_, value) => {
    expect(refusal(() => parsePort(value)).message).not.toMatch(
      /Invalid|pattern|zod|expected (string|object)/,
    );
  });
});
