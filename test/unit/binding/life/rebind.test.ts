/** Lifecycle rows 1 and 2: bind, fail, rebind, refusals when bound, and the profile's way there and back. */
import { describe, expect, it } from 'vitest';
import {
  bindingOn,
  changeHost,
  failBinding,
  fillBinding,
  needsBinding,
  requestBinding,
  unbindOn,
} from '../../../../src/binding/life/binding.ts';
import { askedProfile } from '../../../../src/binding/life/profile.ts';
import { answer, AT, type Changes, makeBound, makeBoundRecord, makeRequest } from './make.ts';

const REFUSALS = [{ code: 'TAKEN', message: 'taken' }] as const;
const UNBOUND = { vif_type: 'unbound', vif_details: {}, place: null, added_keys: [] };

describe('row 1, bind', () => {
  it('a new port is unbound, active and DOWN, and needs binding', () => {
    const record = requestBinding(undefined, makeRequest(), 'a');
    expect(record).toMatchObject({ status: 'DOWN', bindings: [{ host: 'a', status: 'ACTIVE', ...UNBOUND }] });
    expect(needsBinding(record, 'a')).toBe(true);
    expect(needsBinding(record, 'b')).toBe(false);
  });

  it('without a host it is not bound', () => {
    const record = requestBinding(undefined, makeRequest(), '');
    expect(needsBinding(record, '')).toBe(false);
    expect(answer(() => fillBinding(record, '', makeBound()))).toBe('409 SRIOV_PORT_BOUND');
  });

  it('what was bound by someone faster is not bound again', () => {
    const record = makeBoundRecord();
    expect(needsBinding(record, 'a')).toBe(false);
    expect(answer(() => fillBinding(record, 'a', makeBound()))).toBe('409 SRIOV_PORT_BOUND');
  });

  it('no success: binding_failed with the reasons, to be tried again; the last 10 are kept', () => {
    let record = requestBinding(undefined, makeRequest(), 'a');
    for (let n = 1; n <= 12; n++) record = failBinding(record, 'a', REFUSALS, `at ${n}`);
    const binding = bindingOn(record, 'a');
    expect(binding).toMatchObject({ ...UNBOUND, vif_type: 'binding_failed' });
    expect(binding?.failures.map(({ at }) => at)).toEqual(
      Array.from({ length: 10 }, (_, n) => `at ${n + 3}`),
    );
    expect(needsBinding(record, 'a')).toBe(true);
    expect(bindingOn(fillBinding(record, 'a', makeBound()), 'a')?.failures).toHaveLength(10);
  });
});

describe('row 2, rebind', () => {
  it.each<[string, Changes]>([
    ['profile', { profile: { trusted: true } }],
    ['network', { network: { ...makeRequest().network, segmentation_id: 7 } }],
    ['place', { place: '0000:03:00.0/9' }],
  ])('a change of %s unbinds: vif type unbound, details {}, status DOWN', (_, changes) => {
    const record = { ...makeBoundRecord(), status: 'ACTIVE' } as const;
    const next = requestBinding(record, makeRequest(changes), 'a');
    expect(next).toMatchObject({ status: 'DOWN', bindings: [UNBOUND] });
    expect(next.bindings[0]?.vif_details).toEqual({});
    expect(next.bindings[0]?.profile).toEqual(changes.profile ?? {});
  });

  it('a change of host_id unbinds; the same host again changes nothing', () => {
    const record = makeBoundRecord();
    expect(changeHost(record, 'a')).toBe(record);
    expect(changeHost(record, 'b')).toMatchObject({ status: 'DOWN', bindings: [{ host: 'b', ...UNBOUND }] });
  });

  it('a change of vnic_type unbinds while not bound, and is 409 PortInUse when bound (LP#2033090)', () => {
    const other = makeRequest({ vnic_type: 'macvtap' });
    expect(answer(() => requestBinding(makeBoundRecord(), other, 'a'))).toBe('409 SRIOV_PORT_IN_USE');
    const failed = failBinding(requestBinding(undefined, makeRequest(), 'a'), 'a', REFUSALS, AT);
    expect(requestBinding(failed, other, 'a').bindings[0]).toMatchObject({
      vnic_type: 'macvtap',
      vif_type: 'unbound',
    });
  });

  it('a change of MAC is 409 PortBound when bound', () => {
    const other = makeRequest({ port: { mac_address: '02:00:00:00:00:02' } });
    expect(answer(() => requestBinding(makeBoundRecord(), other, 'a'))).toBe('409 SRIOV_PORT_BOUND');
    const open = requestBinding(undefined, makeRequest(), 'a');
    expect(requestBinding(open, other, 'a').port.mac_address).toBe('02:00:00:00:00:02');
  });

  it('a change of numa_affinity_policy is refused when bound', () => {
    const other = makeRequest({ port: { numa_affinity_policy: 'required' } });
    expect(answer(() => requestBinding(makeBoundRecord(), other, 'a'))).toBe('409 SRIOV_NUMA_BOUND');
    const open = requestBinding(undefined, makeRequest(), 'a');
    expect(requestBinding(open, other, 'a').port.numa_affinity_policy).toBe('required');
  });

  it('the same again, or the profile as it is shown, gives the very same record', () => {
    const record = makeBoundRecord({ profile: { mine: 1 } });
    const shown = record.bindings[0]?.profile ?? {};
    expect(requestBinding(record, makeRequest({ profile: { mine: 1 } }), 'a')).toBe(record);
    expect(requestBinding(record, makeRequest({ profile: shown }), 'a')).toBe(record);
  });

  it('settings of the port change, and the binding stays', () => {
    const record = { ...makeBoundRecord(), status: 'ACTIVE' } as const;
    const next = requestBinding(record, makeRequest({ port: { admin_state_up: false } }), 'a');
    expect(next.bindings).toEqual(record.bindings);
    expect(next.status).toBe('DOWN');
  });
});

describe('the profile', () => {
  it('is merged at bind, and loses exactly the added keys, capabilities too (LP#1524643)', () => {
    const asked = { mine: 1, trusted: true };
    const record = makeBoundRecord({ profile: asked });
    const binding = record.bindings[0];
    expect(binding?.profile).toMatchObject({
      ...asked,
      pci_slot: '0000:03:00.3',
      vf_num: 3,
      capabilities: ['x'],
    });
    expect(failBinding(record, 'a', REFUSALS, AT).bindings[0]?.profile).toEqual(asked);
  });

  it("what its user had set comes back with the user's value, even where binding changed or dropped it", () => {
    const asked = {
      vf_num: 9,
      device_mac_address: '02:00:00:00:00:09',
      capabilities: ['switchdev'],
      pci_slot: '0000:03:00.3',
    };
    const record = makeBoundRecord({ profile: asked });
    const { device_mac_address: _, ...bound } = makeBound(asked).profile;
    const open = requestBinding(undefined, makeRequest({ profile: asked }), 'a');
    const filled = fillBinding(open, 'a', { ...makeBound(asked), profile: bound });
    expect(filled.bindings[0]?.profile).not.toHaveProperty('device_mac_address');
    for (const { bindings } of [record, filled]) {
      expect(bindings[0] && askedProfile(bindings[0])).toEqual(asked);
    }
  });

  it("keeps others' keys: allocation, arq_uuid, migrating_to", () => {
    const asked = { allocation: { g: 'rp' }, arq_uuid: 'u', migrating_to: 'b' };
    expect(makeBoundRecord({ profile: asked }).bindings[0]?.profile).toMatchObject(asked);
  });
});

describe('row 6, direct-physical MAC', () => {
  const own = '02:00:00:00:00:01';

  it("the port takes the PF's MAC when bound, and has its own back when not", () => {
    const record = makeBoundRecord({ vnic_type: 'direct-physical' }, null);
    expect(record).toMatchObject({ port: { mac_address: '02:00:00:00:00:ff' }, status: 'ACTIVE' });
    expect(requestBinding(record, makeRequest({ vnic_type: 'direct-physical' }), 'a')).toEqual(record);
    for (const next of [
      unbindOn(record, 'a'),
      changeHost(record, 'b'),
      failBinding(record, 'a', REFUSALS, AT),
    ]) {
      expect(next.port.mac_address).toBe(own);
      expect(next).not.toHaveProperty('own_mac');
    }
  });

  it('a port that had no MAC has none again', () => {
    const { mac_address: _, ...port } = makeRequest().port;
    const request = {
      ...makeRequest({ vnic_type: 'direct-physical' }),
      port: port as typeof port & { id: string },
    };
    const record = fillBinding(requestBinding(undefined, request as never, 'a'), 'a', makeBound({}, null));
    expect(record.port.mac_address).toBe('02:00:00:00:00:ff');
    expect(unbindOn(record, 'a').port).not.toHaveProperty('mac_address');
  });
});
