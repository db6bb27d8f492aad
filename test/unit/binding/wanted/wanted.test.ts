/**
 * How a VF is to be for a port: every attribute, and what is left out.
 */
import { describe, expect, it } from 'vitest';
import type { Network, Port } from '../../../../src/binding/port.ts';
import type { BindingProfile } from '../../../../src/binding/profile.ts';
import { neededAttributes, wantedConfig } from '../../../../src/binding/wanted.ts';
import type { VfAttribute, VfConfig } from '../../../../src/vf/config.ts';
import { VfTable } from '../../../../src/vf/table.ts';
import { FLAT, makePort, VLAN_100 } from '../bind/host.ts';

interface Changes {
  readonly port?: Partial<Port>;
  readonly network?: Partial<Network>;
  readonly profile?: BindingProfile;
}

function wanted({ port, network, profile = {} }: Changes, lacks: readonly VfAttribute[] = []): VfConfig {
  return wantedConfig(makePort(port), { ...VLAN_100, ...network }, profile, 3, lacks);
}

const withoutMac = (): Port => {
  const { mac_address: _, ...port } = makePort();
  return port;
};

describe('the wanted settings of a VF', () => {
  it('name all six attributes, so that nothing of the port before stays', () => {
    expect(wanted({})).toEqual({
      vf: 3,
      mac: '02:00:00:00:00:01',
      vlan: { id: 100, qos: 0, proto: '802.1Q' },
      rate: null,
      spoofCheck: true,
      linkState: 'auto',
      trust: false,
    });
  });

  it.each<[string, Changes, Partial<VfConfig>]>([
    ['flat network: no VLAN', { network: FLAT }, { vlan: null }],
    ['qinq: 802.1ad', { network: { qinq: true } }, { vlan: { id: 100, qos: 0, proto: '802.1ad' } }],
    ['vlan_qos: priority', { network: { vlan_qos: 5 } }, { vlan: { id: 100, qos: 5, proto: '802.1Q' } }],
    [
      'port_security_enabled false: no spoof check',
      { port: { port_security_enabled: false } },
      { spoofCheck: false },
    ],
    ['profile.trusted', { profile: { trusted: true } }, { trust: true }],
    ['profile.trusted false', { profile: { trusted: false } }, { trust: false }],
    ['propagate_uplink_status true: auto', {}, { linkState: 'auto' }],
    [
      'propagate_uplink_status false: enable',
      { port: { propagate_uplink_status: false } },
      { linkState: 'enable' },
    ],
    ['admin_state_up false: disable', { port: { admin_state_up: false } }, { linkState: 'disable' }],
    [
      'admin_state_up false wins over propagation (LP#2078789)',
      { port: { admin_state_up: false, propagate_uplink_status: true } },
      { linkState: 'disable' },
    ],
    [
      'admin_state_up false wins over a forced link',
      { port: { admin_state_up: false, propagate_uplink_status: false } },
      { linkState: 'disable' },
    ],
  ])('%s', (_, changes, expected) => {
    expect(wanted(changes)).toMatchObject(expected);
  });

  it('leave the MAC alone when the port has none', () => {
    expect(wantedConfig(withoutMac(), VLAN_100, {}, 3)).not.toHaveProperty('mac');
  });

  it('leave out what the driver lacks where the port wants it off', () => {
    const all: VfAttribute[] = ['mac', 'vlan', 'rate', 'spoofCheck', 'linkState', 'trust'];
    const port = { ...withoutMac(), port_security_enabled: false };
    expect(wantedConfig(port, FLAT, {}, 3, all)).toEqual({ vf: 3 });
  });

  it('keep what the port needs although the driver lacks it, so that it fails rather than being forgotten', () => {
    expect(wanted({ profile: { trusted: true } }, ['spoofCheck', 'trust', 'vlan'])).toMatchObject({
      spoofCheck: true,
      trust: true,
      vlan: { id: 100 },
    });
  });

  it('802.1qbh: the MAC alone', () => {
    expect(wantedConfig(makePort(), VLAN_100, { trusted: true }, 3, [], '802.1qbh')).toEqual({
      vf: 3,
      mac: '02:00:00:00:00:01',
    });
  });

  it('are settings that the kernel can be sent', () => {
    const qos_rules = [{ type: 'minimum_bandwidth', min_kbps: 5000, direction: 'egress' }] as const;
    const config = wanted({ port: { qos_rules }, network: { qinq: true, vlan_qos: 7 } });
    expect(VfTable.from([config]).toConfigs()).toEqual([config]);
  });
});

describe('the attributes that a port needs', () => {
  it.each<[string, Changes, VfAttribute[]]>([
    ['of an ordinary port', {}, ['mac', 'vlan', 'spoofCheck']],
    ['of an open port on a flat network', { port: { port_security_enabled: false }, network: FLAT }, ['mac']],
    ['when trusted', { profile: { trusted: true } }, ['mac', 'vlan', 'spoofCheck', 'trust']],
    ['when down', { port: { admin_state_up: false } }, ['mac', 'vlan', 'spoofCheck', 'linkState']],
    [
      'with a rate',
      { port: { qos_rules: [{ type: 'bandwidth_limit', max_kbps: 1, direction: 'egress' }] } },
      ['mac', 'vlan', 'rate', 'spoofCheck'],
    ],
  ])('%s', (_, { port, network, profile = {} }, expected) => {
    expect(neededAttributes(makePort(port), { ...VLAN_100, ...network }, profile)).toEqual(expected);
  });
});
