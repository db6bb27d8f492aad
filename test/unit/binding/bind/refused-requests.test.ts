/**
 * Why ports are not bound: what holds for the host as a whole, before any function is looked at.
 */
import { describe, expect, it } from 'vitest';
import { parseDeviceSpecs } from '../../../../src/binding/device-spec/parse.ts';
import { VNIC_TYPES } from '../../../../src/binding/vnic-type.ts';
import { ask, HOST, PF } from './ask.ts';
import { makeHost, makePf } from './host.ts';
import { placeOf, refusalOf } from './outcome.ts';

describe('refusals that hold for the host as a whole', () => {
  it('NOT_OURS: vnic type normal belongs to the virtual switch', () => {
    const refusal = refusalOf(ask({ vnic_type: 'normal' }));
    expect(refusal.code).toBe('NOT_OURS');
    expect(refusal.place).toBeUndefined();
    expect(refusal.message).toMatch(/port port-1: .*virtual switch.*ask for direct/);
  });

  const others = VNIC_TYPES.filter(
    (type) => !['normal', 'direct', 'macvtap', 'direct-physical'].includes(type),
  );
  it.each(others)('VNIC_TYPE: %s is refused by name, with who binds it', (type) => {
    const refusal = refusalOf(ask({ vnic_type: type }));
    expect(refusal).toMatchObject({ code: 'VNIC_TYPE', detail: { vnic_type: type } });
    expect(refusal.message).toContain(`vnic type ${type} is not bound here: `);
    expect(refusal.message).toMatch(/Open vSwitch|OVN|Cyborg|switch/);
  });

  it('knows who binds each of the seven other vnic types', () => {
    expect(others).toHaveLength(7);
  });

  it.each(['vxlan', 'gre', 'geneve', 'local'])('NETWORK_TYPE: %s can not be carried by a VF', (type) => {
    const refusal = refusalOf(ask({ network: { network_type: type, segmentation_id: 5 } }));
    expect(refusal.code).toBe('NETWORK_TYPE');
    expect(refusal.message).toContain(`network of type ${type}`);
  });

  it.each([null, 0, 4095, 4096, -1, 1.5, Number.NaN])('SEGMENT: VLAN id %s', (segmentation_id) => {
    const refusal = refusalOf(ask({ network: { segmentation_id } }));
    expect(refusal.code).toBe('SEGMENT');
    expect(refusal.message).toContain(`from 1 to 4094, not ${segmentation_id}`);
  });

  it.each([-1, 8, 0.5])('SEGMENT: VLAN priority %s', (vlan_qos) => {
    expect(refusalOf(ask({ network: { vlan_qos } })).message).toContain(`from 0 to 7, not ${vlan_qos}`);
  });

  it.each([
    { segmentation_id: 7 },
    { segmentation_id: null, qinq: true },
    { segmentation_id: null, vlan_qos: 3 },
  ])('SEGMENT: a flat network has no tag to hold %j', (network) => {
    expect(refusalOf(ask({ network: { network_type: 'flat', ...network } })).code).toBe('SEGMENT');
  });

  it('SWITCHDEV: the capability is asked for', () => {
    const refusal = refusalOf(ask({ profile: { capabilities: ['switchdev'] } }));
    expect(refusal.code).toBe('SWITCHDEV');
    expect(placeOf(ask({ profile: { capabilities: ['other'] } }))).toBe(`${PF}/0`);
  });

  it('PHYSICAL_NETWORK: no PF is mapped to it', () => {
    const mappings = new Map([['physnet2', ['pf2']]]);
    const refusal = refusalOf(ask({}, HOST, { mappings }));
    expect(refusal).toMatchObject({ code: 'PHYSICAL_NETWORK', detail: { physical_network: 'physnet1' } });
    expect(refusal.message).toContain('no PF of host compute-1 is mapped to physical_network physnet1');
  });

  it('PHYSICAL_NETWORK: profile and network contradict each other', () => {
    const refusal = refusalOf(ask({ profile: { physical_network: 'physnet9' } }));
    expect(refusal.code).toBe('PHYSICAL_NETWORK');
    expect(refusal.message).toContain('physnet9');
    expect(placeOf(ask({ profile: { physical_network: 'PhysNet1' } }))).toBe(`${PF}/0`);
  });

  it('PHYSICAL_NETWORK: the network has none, and it matters here', () => {
    const network = { physical_network: null };
    const mappings = new Map([['physnet1', ['pf2']]]);
    const deviceSpecs = parseDeviceSpecs([{ address: PF }]);
    for (const policy of [{ mappings }, { deviceSpecs }]) {
      const refusal = refusalOf(ask({ network }, HOST, policy));
      expect(refusal.code).toBe('PHYSICAL_NETWORK');
      expect(refusal.message).toContain('names no physical_network');
    }
    expect(placeOf(ask({ network }))).toBe(`${PF}/0`);
    expect(placeOf(ask({ network, profile: { physical_network: 'physnet1' } }, HOST, { mappings }))).toBe(
      `${PF}/0`,
    );
  });

  it('ATTRIBUTE: ingress rules, which no VF can keep', () => {
    const qos_rules = [{ type: 'bandwidth_limit', max_kbps: 1000, direction: 'ingress' }] as const;
    const refusal = refusalOf(ask({ port: { qos_rules } }));
    expect(refusal).toMatchObject({ code: 'ATTRIBUTE', detail: { attributes: ['rate'] } });
    expect(refusal.message).toContain('ingress');
  });

  it('ATTRIBUTE: a guarantee above the limit', () => {
    const qos_rules = [
      { type: 'bandwidth_limit', max_kbps: 2000, direction: 'egress' },
      { type: 'minimum_bandwidth', min_kbps: 3000, direction: 'egress' },
    ] as const;
    expect(refusalOf(ask({ port: { qos_rules } })).message).toContain(
      'guaranteed rate of 3 Mbit/s is above the limit of 2 Mbit/s',
    );
  });

  it('ATTRIBUTE: rates of a whole PF', () => {
    const qos_rules = [{ type: 'bandwidth_limit', max_kbps: 1000, direction: 'egress' }] as const;
    const refusal = refusalOf(ask({ vnic_type: 'direct-physical', port: { qos_rules } }));
    expect(refusal).toMatchObject({ code: 'ATTRIBUTE', detail: { attributes: ['rate'] } });
  });

  it('NOT_FOUND: there is nothing to choose from', () => {
    expect(refusalOf(ask({}, makeHost())).message).toContain('host compute-1 has no VFs');
    expect(refusalOf(ask({}, makeHost(makePf(2, 0)))).code).toBe('NOT_FOUND');
    expect(refusalOf(ask({ vnic_type: 'direct-physical' }, makeHost())).code).toBe('NOT_FOUND');
  });
});
