/** What was written reads back the same, whatever it holds. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatFlatPort, parsePort } from '../../../../src/binding/flat.ts';
import { formatPortBinding, parsePortBinding } from '../../../../src/binding/port-binding.ts';
import { VNIC_TYPES } from '../../../../src/binding/vnic-type.ts';
import { formatPciAddress } from '../../../../src/pci/address.ts';

const some = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });
const text = fc.string({ minLength: 1, maxLength: 12 });
const mac = fc
  .tuple(fc.nat(0x7f), fc.integer({ min: 1, max: 255 }))
  .map(([a, b]) =>
    [a * 2, 0, 0, 0, 0, b].map((n) => n.toString(16).padStart(2, '0').toUpperCase()).join('-'),
  );
const truth = fc.constantFrom(true, false, 'Yes', 'off', 1, 0, '1', 'T');
const slot = fc
  .record({
    domain: fc.nat(0xffffffff),
    bus: fc.nat(255),
    device: fc.nat(31),
    function: fc.nat(7),
  })
  .map((address) => formatPciAddress(address).toUpperCase());
// The one key that is refused everywhere; profile.test.ts tests that.
const json = fc.jsonValue({ maxDepth: 2 }).filter((value) => !JSON.stringify(value).includes('__proto__'));
const foreign = fc.dictionary(text, json, { maxKeys: 3 }).map((keys) =>
  // Keys that are nobody's: the prefix keeps them off ours.
  Object.fromEntries(Object.entries(keys).map(([key, value]) => [`x-${key}`, value])),
);
const own = fc.record(
  {
    pci_slot: some(slot),
    vf_num: some(fc.nat(65534)),
    trusted: some(truth),
    pf_mac_address: some(mac),
    capabilities: fc.array(text, { maxLength: 3 }),
    allocation: fc.dictionary(
      text.map((key) => `g-${key}`),
      text,
      { maxKeys: 2, noNullPrototype: true },
    ),
  },
  { requiredKeys: [] },
);
const profile = fc.tuple(foreign, own).map(([a, b]) => ({ ...a, ...b }));
const vif = fc.oneof(
  fc.constantFrom('unbound', 'binding_failed').map((type) => [type, {}] as const),
  fc.tuple(foreign, fc.nat(4094)).map(([a, vlan]) => ['hw_veb', { ...a, vlan: String(vlan) }] as const),
  fc.tuple(foreign, text).map(([a, profileid]) => ['802.1qbh', { ...a, profileid }] as const),
);

const flatPort = fc
  .tuple(
    foreign,
    fc.record({ id: text, mac_address: some(mac), admin_state_up: truth, device_owner: some(text) }),
    fc.record({ trusted: truth }, { requiredKeys: [] }),
    fc.constantFrom(...VNIC_TYPES, 'virtio', null),
    profile,
    vif,
    some(text),
  )
  .map(([keys, port, trust, type, wanted, [vifType, details], host]) => ({
    ...keys,
    ...port,
    ...trust,
    'binding:vnic_type': type,
    'binding:profile': wanted,
    'binding:vif_type': vifType,
    'binding:vif_details': details,
    'binding:host_id': host,
  }));

test('parse after format is identity for flat ports, unknown keys too', () => {
  fc.assert(
    fc.property(flatPort, (given) => {
      const parsed = parsePort(given);
      const flat = formatFlatPort(parsed, parsed.binding);
      expect(parsePort(JSON.parse(JSON.stringify(flat)))).toEqual(parsed);
      for (const key of Object.keys(given).filter((one) => one.startsWith('x-'))) {
        expect(JSON.stringify(flat[key])).toBe(JSON.stringify((given as Record<string, unknown>)[key]));
      }
    }),
    { numRuns: 200 },
  );
});

test('parse after format is identity for bindings, and what only the store keeps is left out', () => {
  fc.assert(
    fc.property(text, profile, vif, (host, wanted, [type, details]) => {
      const binding = parsePortBinding({ host, profile: wanted, vif_type: type, vif_details: details });
      const kept = { ...binding, place: null, added_keys: ['pci_slot'], failures: [] };
      expect(parsePortBinding(formatPortBinding(kept))).toEqual(binding);
    }),
    { numRuns: 200 },
  );
});
