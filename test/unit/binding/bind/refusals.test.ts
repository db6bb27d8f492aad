/**
 * Why ports are not bound: what is said of a function, and which one it names.
 */
import { describe, expect, it } from 'vitest';
import { bind } from '../../../../src/binding/bind.ts';
import { parseDeviceSpecs } from '../../../../src/binding/device-spec/parse.ts';
import { ask, HOST, PF } from './ask.ts';
import { makeHost, makePf, makeRequest, makeVf, type RequestChanges, vfAddress } from './host.ts';
import { codesOf, placeOf, refusalOf, refusalsOf } from './outcome.ts';

describe('refusals of a function', () => {
  it('NOT_FOUND: pci_slot and place that are not there, or can not be read', () => {
    for (const changes of [
      { profile: { pci_slot: '0000:77:00.0' } },
      { profile: { pci_slot: '0000:03x00.0' } },
      { place: `${PF}/9` },
      { place: 'netdevsim9/0' },
      { place: 'no place' },
    ]) {
      const refusal = refusalOf(ask(changes));
      expect(refusal.code).toBe('NOT_FOUND');
      expect(refusal.message).toContain(changes.place ?? changes.profile?.pci_slot);
    }
  });

  it('NOT_REQUESTED: pci_slot and place name different functions', () => {
    const refusal = refusalOf(ask({ profile: { pci_slot: vfAddress(2, 0) }, place: `${PF}/1` }));
    expect(refusal).toMatchObject({ code: 'NOT_REQUESTED', place: `${PF}/0` });
  });

  it('NOT_REQUESTED: a PF for a VF, and a VF for a PF', () => {
    expect(refusalOf(ask({ profile: { pci_slot: PF } }))).toMatchObject({ code: 'NOT_REQUESTED', place: PF });
    const physical = refusalOf(ask({ vnic_type: 'direct-physical', place: `${PF}/1` }));
    expect(physical).toMatchObject({ code: 'NOT_REQUESTED', place: `${PF}/1` });
    expect(physical.message).toContain('direct-physical wants a whole PF');
  });

  it('NOT_REQUESTED: another pci_vendor_info, said of each VF', () => {
    const result = ask({ profile: { pci_vendor_info: '15b3:1004' } });
    expect(codesOf(result)).toEqual([
      [`${PF}/0`, 'NOT_REQUESTED'],
      [`${PF}/1`, 'NOT_REQUESTED'],
    ]);
    expect(refusalsOf(result)[0]?.message).toContain('it is 8086:10ca');
  });

  it('EXCLUDED: by name or address of the PF, in any spelling', () => {
    for (const name of ['pf2', PF, '02:00.0']) {
      const exclude = new Map([[name, [vfAddress(2, 0).toUpperCase()]]]);
      expect(placeOf(ask({}, HOST, { exclude }))).toBe(`${PF}/1`);
      expect(refusalOf(ask({ place: `${PF}/0` }, HOST, { exclude })).code).toBe('EXCLUDED');
    }
  });

  it('NOT_AVAILABLE: no device spec matches, and an empty list makes nothing available', () => {
    const deviceSpecs = parseDeviceSpecs([{ address: vfAddress(2, 1), physical_network: 'physnet1' }]);
    expect(placeOf(ask({}, HOST, { deviceSpecs }))).toBe(`${PF}/1`);
    expect(refusalOf(ask({ place: `${PF}/0` }, HOST, { deviceSpecs })).code).toBe('NOT_AVAILABLE');
    expect(codesOf(ask({}, HOST, { deviceSpecs: [] })).map(([, code]) => code)).toEqual([
      'NOT_AVAILABLE',
      'NOT_AVAILABLE',
    ]);
  });

  it('NOT_AVAILABLE: a VF that a port profile sets up, for macvtap', () => {
    const deviceSpecs = parseDeviceSpecs([{ address: PF, physical_network: 'physnet1', profileid: 'gold' }]);
    const codes = codesOf(ask({ vnic_type: 'macvtap' }, HOST, { deviceSpecs }));
    expect(codes.map(([, code]) => code)).toEqual(['NOT_AVAILABLE', 'NOT_AVAILABLE']);
  });

  it('PHYSICAL_NETWORK: the PF is mapped to another network', () => {
    const host = makeHost(makePf(2, 1), makePf(4, 1));
    const mappings = new Map([
      ['physnet1', ['pf4']],
      ['physnet2', ['pf2']],
    ]);
    const refusal = refusalOf(ask({ place: `${PF}/0` }, host, { mappings }));
    expect(refusal.code).toBe('PHYSICAL_NETWORK');
    expect(refusal.message).toContain('mapped to physnet2, not to physnet1');
    expect(placeOf(ask({}, host, { mappings }))).toBe('0000:04:00.0/0');
  });

  it('PHYSICAL_NETWORK: by tag when there are no mappings; without tag the mapping is enough', () => {
    const other = parseDeviceSpecs([{ address: PF, physical_network: 'physnet2' }]);
    const bare = parseDeviceSpecs([{ address: PF }]);
    const mappings = new Map([['physnet1', [PF]]]);
    expect(refusalsOf(ask({}, HOST, { deviceSpecs: other })).map(({ code }) => code)).toEqual([
      'PHYSICAL_NETWORK',
      'PHYSICAL_NETWORK',
    ]);
    expect(refusalsOf(ask({}, HOST, { deviceSpecs: bare }))[0]?.message).toContain(
      'names no physical_network',
    );
    expect(placeOf(ask({}, HOST, { deviceSpecs: bare, mappings }))).toBe(`${PF}/0`);
    expect(refusalsOf(ask({}, HOST, { deviceSpecs: other, mappings }))[0]?.code).toBe('PHYSICAL_NETWORK');
  });

  it('NOT_TRUSTED: specs are given and do not say trusted; without specs anything may be', () => {
    const profile = { trusted: true };
    const plain = parseDeviceSpecs([{ address: PF, physical_network: 'physnet1' }]);
    const trusted = parseDeviceSpecs([{ address: PF, physical_network: 'physnet1', trusted: 'true' }]);
    expect(refusalsOf(ask({ profile }, HOST, { deviceSpecs: plain }))[0]?.code).toBe('NOT_TRUSTED');
    expect(placeOf(ask({ profile }, HOST, { deviceSpecs: trusted }))).toBe(`${PF}/0`);
    expect(placeOf(ask({ profile }))).toBe(`${PF}/0`);
    expect(placeOf(ask({}, HOST, { deviceSpecs: trusted }))).toBe(`${PF}/0`);
  });

  it.each([
    ['mac', {}, 'leave out mac_address'],
    ['vlan', {}, 'use a flat network'],
    ['spoofCheck', {}, 'set port_security_enabled=false'],
    ['trust', { profile: { trusted: true } }, 'drop trusted'],
    ['linkState', { port: { admin_state_up: false } }, 'set admin_state_up=true'],
    ['linkState', { port: { propagate_uplink_status: false } }, 'propagate_uplink_status=true'],
    [
      'rate',
      { port: { qos_rules: [{ type: 'bandwidth_limit', max_kbps: 1, direction: 'egress' }] } },
      'drop the QoS policy',
    ],
  ] as const)(
    'ATTRIBUTE: the driver lacks %s, and %j needs it',
    (attribute, changes: RequestChanges, wayOut) => {
      const host = makeHost(makePf(2, 1, { lacks: [attribute] }));
      const refusal = refusalOf(ask(changes, host));
      expect(refusal).toMatchObject({
        code: 'ATTRIBUTE',
        place: `${PF}/0`,
        detail: { attributes: [attribute] },
      });
      expect(refusal.message).toContain(`needs ${attribute}, which driver igb`);
      expect(refusal.message).toContain(wayOut);
    },
  );

  it('ATTRIBUTE: what is lacking does not matter to a port that does not need it', () => {
    const host = makeHost(
      makePf(2, 1, { lacks: ['mac', 'vlan', 'rate', 'spoofCheck', 'linkState', 'trust'] }),
    );
    const { mac_address: _, ...port } = makeRequest().port;
    const request = { ...makeRequest(), port: { ...port, port_security_enabled: false } };
    const flat = { ...request, network: { ...request.network, network_type: 'flat', segmentation_id: null } };
    expect(placeOf(bind(flat, host, {}, new Map()))).toBe(`${PF}/0`);
  });

  it('SWITCHDEV: the PF is in switchdev mode', () => {
    const host = makeHost(makePf(2, 1, { switchdev: true }), makePf(4, 1));
    expect(placeOf(ask({}, host))).toBe('0000:04:00.0/0');
    expect(refusalOf(ask({ place: `${PF}/0` }, host)).code).toBe('SWITCHDEV');
  });

  it('NO_NET_DEVICE: macvtap on a VF without one; direct does not mind', () => {
    const host = makeHost(makePf(2, [makeVf(2, 0, { netDevices: [] }), makeVf(2, 1)]));
    expect(placeOf(ask({ vnic_type: 'macvtap' }, host))).toBe(`${PF}/1`);
    expect(placeOf(ask({}, host))).toBe(`${PF}/0`);
    expect(refusalOf(ask({ vnic_type: 'macvtap', place: `${PF}/0` }, host)).code).toBe('NO_NET_DEVICE');
  });

  it('TAKEN names the port that has it, also when the VF is in use thereby', () => {
    const host = makeHost(makePf(2, [makeVf(2, 0, { inUse: 'vfio: qemu' })]));
    const refusal = refusalOf(ask({}, host, {}, { [`${PF}/0`]: 'port-9' }));
    expect(refusal).toMatchObject({ code: 'TAKEN', detail: { port: 'port-9' } });
    expect(refusal.message).toContain('port-9');
  });

  it('IN_USE says by whom', () => {
    const host = makeHost(makePf(2, [makeVf(2, 0, { inUse: 'eth4 is up' })]));
    expect(refusalOf(ask({}, host)).message).toContain('eth4 is up');
    expect(refusalOf(ask({}, host)).code).toBe('IN_USE');
  });

  it('PF_HAS_VFS: a PF is not given away while ports have VFs of it', () => {
    const result = ask(
      { vnic_type: 'direct-physical' },
      HOST,
      {},
      { [`${PF}/0`]: 'port-8', [`${PF}/1`]: 'port-9' },
    );
    const refusal = refusalOf(result);
    expect(refusal).toMatchObject({ code: 'PF_HAS_VFS', place: PF, detail: { ports: ['port-8', 'port-9'] } });
  });

  it('PF_HAS_VFS: VFs of a PF that was given away are gone with it', () => {
    const result = ask({}, HOST, {}, { [PF]: 'port-9' });
    expect(codesOf(result)).toEqual([
      [`${PF}/0`, 'PF_HAS_VFS'],
      [`${PF}/1`, 'PF_HAS_VFS'],
    ]);
  });

  it('IN_USE, TAKEN: a PF that is used, whose VF is used, or that a port has', () => {
    const physical = { vnic_type: 'direct-physical' } as const;
    expect(refusalOf(ask(physical, makeHost(makePf(2, 1, { inUse: 'br0' })))).code).toBe('IN_USE');
    const used = makeHost(makePf(2, [makeVf(2, 0, { inUse: 'eth4 is up' })]));
    expect(refusalOf(ask(physical, used)).message).toContain('eth4 is up');
    expect(refusalOf(ask(physical, HOST, {}, { [PF]: 'port-9' })).code).toBe('TAKEN');
  });

  it.each([
    ['required', 1, 'NUMA'],
    ['required', null, 'NUMA'],
    ['required', 0, 'bound'],
    ['legacy', 1, 'NUMA'],
    ['legacy', null, 'bound'],
    ['socket', 1, 'NUMA'],
    ['socket', null, 'NUMA'],
    ['socket', 0, 'bound'],
    ['preferred', 1, 'bound'],
    [null, 1, 'bound'],
  ] as const)(
    'NUMA: policy %s, node 0 preferred, PF on node %s: %s',
    (numa_affinity_policy, numaNode, outcome) => {
      const host = makeHost(makePf(2, 1, { numaNode }));
      const changes = { port: { numa_affinity_policy } };
      const result = ask(changes, host, { numaNode: 0 });
      expect('bound' in result ? 'bound' : refusalOf(result).code).toBe(outcome);
      // Nothing to be near to, as for a guest without NUMA topology.
      expect(placeOf(ask(changes, host))).toBe(`${PF}/0`);
    },
  );

  it('NUMA names the node, the policy and what is not known of sockets', () => {
    const host = makeHost(makePf(2, 1, { numaNode: 1 }));
    const refusal = refusalOf(ask({ port: { numa_affinity_policy: 'socket' } }, host, { numaNode: 0 }));
    expect(refusal.detail).toEqual({ numa_node: 1, wanted: 0 });
    expect(refusal.message).toMatch(/NUMA node 1.*policy socket wants node 0.*share a socket is not known/);
  });

  it('says which of the reasons is the lasting one: a taken VF on the wrong network is on the wrong network', () => {
    const mappings = new Map([
      ['physnet2', ['pf2']],
      ['physnet1', ['elsewhere', 'pf4']],
    ]);
    const host = makeHost(makePf(2, 1), makePf(4, 1));
    const taken = { [`${PF}/0`]: 'port-8', '0000:04:00.0/0': 'port-9' };
    expect(codesOf(ask({}, host, { mappings }, taken))).toEqual([
      [`${PF}/0`, 'PHYSICAL_NETWORK'],
      ['0000:04:00.0/0', 'TAKEN'],
    ]);
  });

  it('refuses a policy that excludes what is no PCI address', () => {
    expect(() => ask({}, HOST, { exclude: new Map([['pf2', ['vf0']]]) })).toThrow(/excluded VF "vf0"/);
  });
});
