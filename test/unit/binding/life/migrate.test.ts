/** Lifecycle rows 3, 4 and 6: the port's status, several bindings, activation. */
import { describe, expect, it } from 'vitest';
import {
  activateBinding,
  addBinding,
  failBinding,
  fillBinding,
  portBuild,
  portDown,
  portError,
  portUp,
  requestBinding,
  unbindOn,
} from '../../../../src/binding/life/binding.ts';
import type { PortRecord } from '../../../../src/binding/record.ts';
import { answer, AT, makeBound, makeBoundRecord, makeRequest, PF_MAC } from './make.ts';

const B = { host: 'b', vnic_type: 'direct', profile: {} } as const;

function makeMoving(): PortRecord {
  return fillBinding(addBinding(portUp(makeBoundRecord()), B), 'b', makeBound({}, 5));
}

describe('row 3, status of the port', () => {
  it('bind DOWN, asked for details BUILD, up ACTIVE, gone DOWN, broken ERROR', () => {
    const record = makeBoundRecord();
    expect(record.status).toBe('DOWN');
    expect(portBuild(record, 'a').status).toBe('BUILD');
    expect(portUp(record).status).toBe('ACTIVE');
    expect(portDown(portUp(record), 'a').status).toBe('DOWN');
    expect(portError(record, 'a').status).toBe('ERROR');
  });

  it('only the bound host has a say (LP#1702635)', () => {
    const record = makeMoving();
    for (const step of [portBuild, portDown, portError]) expect(step(record, 'b')).toBe(record);
  });

  it('not ACTIVE when unbound, failed, administratively down, or waiting for others', () => {
    const open = requestBinding(undefined, makeRequest(), 'a');
    const down = makeBoundRecord({ port: { admin_state_up: false } });
    for (const record of [open, failBinding(open, 'a', [], AT), down])
      expect(portUp(record).status).toBe('DOWN');
    expect(portBuild(down, 'a').status).toBe('DOWN');
    expect(portUp(makeBoundRecord(), ['DHCP']).status).toBe('DOWN');
  });

  it('N/A stays', () => {
    const record = { ...makeBoundRecord(), status: 'N/A' } as const;
    expect(portUp(record)).toBe(record);
  });
});

describe('row 4, several bindings', () => {
  it('the second is INACTIVE, can be bound before the port moves, and leaves status alone', () => {
    const record = makeMoving();
    expect(record.status).toBe('ACTIVE');
    expect(record.bindings.map(({ host, status, vif_type }) => [host, status, vif_type])).toEqual([
      ['a', 'ACTIVE', 'hw_veb'],
      ['b', 'INACTIVE', 'hw_veb'],
    ]);
    expect(requestBinding(portUp(makeBoundRecord()), makeRequest(), 'b').bindings[1]?.status).toBe(
      'INACTIVE',
    );
  });

  it('duplicate host 409, not a port of compute or Manila 400, unknown host 404', () => {
    const record = makeMoving();
    expect(answer(() => addBinding(record, B))).toBe('409 SRIOV_BINDING_EXISTS');
    const network = makeBoundRecord({ port: { device_owner: 'network:dhcp' } });
    expect(answer(() => addBinding(network, B))).toBe('400 SRIOV_NOT_COMPUTE');
    expect(
      answer(() => requestBinding(network, makeRequest({ port: { device_owner: 'network:dhcp' } }), 'b')),
    ).toBe('400 SRIOV_NOT_COMPUTE');
    expect(answer(() => addBinding(makeBoundRecord({ port: { device_owner: 'manila:share' } }), B))).toBe(
      'done',
    );
    expect(answer(() => unbindOn(record, 'c'))).toBe('404 SRIOV_NO_BINDING');
    expect(answer(() => activateBinding(record, 'c'))).toBe('404 SRIOV_NO_BINDING');
  });

  it('a request for one host does not change the network of a binding on another', () => {
    const network = { ...makeRequest().network, segmentation_id: 7 };
    const answered = answer(() => requestBinding(makeBoundRecord(), makeRequest({ network }), 'b'));
    expect(answered).toBe('409 SRIOV_PORT_BOUND');
  });

  it('activate: target ACTIVE, source INACTIVE and unbound with {}, port DOWN', () => {
    const record = activateBinding(makeMoving(), 'b');
    expect(record.status).toBe('DOWN');
    expect(record.bindings).toMatchObject([
      { host: 'a', status: 'INACTIVE', vif_type: 'unbound', place: null, added_keys: [] },
      { host: 'b', status: 'ACTIVE', vif_type: 'hw_veb' },
    ]);
    expect(record.bindings[0]?.vif_details).toEqual({});
    expect(record.bindings[0]?.profile).toEqual({});
  });

  it('active already 409, unbound or failed refused (LP#1986003)', () => {
    expect(answer(() => activateBinding(activateBinding(makeMoving(), 'b'), 'b'))).toBe(
      '409 SRIOV_BINDING_ACTIVE',
    );
    const open = addBinding(makeBoundRecord(), B);
    expect(answer(() => activateBinding(open, 'b'))).toBe('409 SRIOV_NOT_BOUND');
    expect(answer(() => activateBinding(failBinding(open, 'b', [], AT), 'b'))).toBe('409 SRIOV_NOT_BOUND');
  });

  it("row 6: an INACTIVE PF leaves the port's MAC alone, activation gives it", () => {
    const asked = { ...B, vnic_type: 'direct-physical' } as const;
    const record = fillBinding(addBinding(makeBoundRecord(), asked), 'b', makeBound({}, null));
    expect(record.port.mac_address).toBe('02:00:00:00:00:01');
    const moved = activateBinding(record, 'b');
    expect(moved.port.mac_address).toBe(PF_MAC);
    expect(unbindOn(moved, 'b').port.mac_address).toBe('02:00:00:00:00:01');
  });
});
