/** What a network type adds to vif_details, and what it may not. */
import { expect, test } from 'vitest';

import type { PortInfoProvider } from '../../../../src/binding/extra-info.ts';
import { extendVifDetails } from '../../../../src/binding/extra-info.ts';
import { MAX_BINDING_JSON } from '../../../../src/binding/limits.ts';
import type { PortRequest } from '../../../../src/binding/port.ts';
import { NETWORK, PORT } from './vifs.ts';

const REQUEST: PortRequest = { port: PORT, network: NETWORK, vnic_type: 'direct', profile: {} };
const DETAILS = { port_filter: false, connectivity: 'l2', vlan: '100' } as const;

function provider(name: string, info: unknown, network_type = 'vlan'): PortInfoProvider {
  return { name, network_type, provide: () => info as Record<string, unknown> };
}

const extend = (...all: PortInfoProvider[]): object => extendVifDetails(DETAILS, all, REQUEST);

test('a provider of the network type adds its keys; the details given stay as they are', () => {
  const acme: PortInfoProvider = {
    name: 'acme',
    network_type: 'vlan',
    provide: ({ network }) => ({ acme_vni: (network.segmentation_id ?? 0) + 5000 }),
  };
  expect(extend(acme)).toEqual({ ...DETAILS, acme_vni: 5100 });
  expect(DETAILS).toEqual({ port_filter: false, connectivity: 'l2', vlan: '100' });
});

test('a provider of another network type is not asked', () => {
  expect(extend(provider('acme', { x: 1 }, 'flat'))).toEqual(DETAILS);
});

test('order is that of names, whoever registered first', () => {
  const [a, b] = [provider('a', { k1: 1 }), provider('b', { k2: 2 })];
  expect(JSON.stringify(extend(b, a))).toBe(JSON.stringify(extend(a, b)));
  expect(Object.keys(extend(b, a)).slice(-2)).toEqual(['k1', 'k2']);
});

test.each(['vlan', 'profileid', 'bound_drivers', 'physical_network'])('the key %s is ours', (key) => {
  expect(() => extend(provider('acme', { [key]: 'x' }))).toThrow(
    expect.objectContaining({ code: 'SRIOV_PORT_INFO', provider: 'acme', key }),
  );
});

test("another provider's key is taken, and so is its name", () => {
  expect(() => extend(provider('a', { k: 1 }), provider('b', { k: 1 }))).toThrow(/"b".*"k" is taken/);
  expect(() => extend(provider('a', {}), provider('a', {}))).toThrow(/two have this name/);
});

test("4095 characters of JSON fit, one more does not; they count as Python's", () => {
  // Python: {"port_filter": false, "connectivity": "l2", "vlan": "100", "k": ""} has 68 characters.
  const room = MAX_BINDING_JSON - 68;
  expect(extend(provider('a', { k: 'x'.repeat(room) }))).toHaveProperty('k');
  expect(() => extend(provider('a', { k: 'x'.repeat(room + 1) }))).toThrow(/4096 characters/);
  expect(() => extend(provider('a', { k: `${'x'.repeat(room - 5)}é` }))).toThrow(/4096 characters/);
});

test.each([[null], [[1]], ['x'], [{ a: undefined }], [{ a: Number.NaN }], [{ a: new Date(0) }], [{ a: 1n }]])(
  'what is no plain object of JSON is refused: %o',
  (info) => {
    expect(() => extend(provider('a', info))).toThrow(expect.objectContaining({ code: 'SRIOV_PORT_INFO' }));
  },
);

test("a provider's own failure is told, with its cause", () => {
  const cause = new Error('no such tenant');
  const failing: PortInfoProvider = {
    name: 'a',
    network_type: 'vlan',
    provide: () => {
      throw cause;
    },
  };
  expect(() => extend(failing)).toThrow(expect.objectContaining({ provider: 'a', cause }));
});

test('ports share no objects that a provider gives', () => {
  const shared = { list: [1] };
  const [one, two] = [extend(provider('a', shared)), extend(provider('a', shared))];
  expect(one).toEqual(two);
  expect((one as typeof shared).list).not.toBe((two as typeof shared).list);
});
