/** `binding:profile`: its keys, their values and its size. */
import { describe, expect, test } from 'vitest';
import { bindingJsonLength } from '../../../../src/binding/limits.ts';
import { PROFILE_KEYS, parseProfile } from '../../../../src/binding/profile.ts';
import { BINDING_PROFILE_KEYS } from '../../../../src/binding/profile-keys.ts';
import { parseVifDetails } from '../../../../src/binding/vif-details.ts';
import { refusal } from './refusal.ts';

describe('binding:profile (1.1, 2)', () => {
  test.each([undefined, null])('%s clears it to {}', (value) => {
    expect(parseProfile(value)).toEqual({});
  });

  test.each([[[]], ['{}'], [1], [true]])('%j is no dict', (value) => {
    expect(refusal(() => parseProfile(value)).problems).toHaveLength(1);
  });

  test('has at most 4095 characters of JSON, as Neutron writes it', () => {
    // {"k": ""} takes 9.
    expect(parseProfile({ k: 'x'.repeat(4086) })).toHaveProperty('k');
    expect(refusal(() => parseProfile({ k: 'x'.repeat(4087) })).message).toContain(
      'binding:profile value too large: 4096',
    );
    expect(refusal(() => parseVifDetails({ k: 'x'.repeat(4087) })).message).toContain(
      'binding:vif_details value too large: 4096',
    );
  });

  test.each([
    // What Python 3 prints for json.dumps(value).
    [{ a: [1, 2], b: null }, '{"a": [1, 2], "b": null}'],
    [{ a: 'é"\n' }, String.raw`{"a": "\u00e9\"\n"}`],
    [{ a: '😀' }, String.raw`{"a": "\ud83d\ude00"}`],
    [{ a: {}, b: [], c: true }, '{"a": {}, "b": [], "c": true}'],
  ])('%j is as long as in Python', (value, python) => {
    expect(bindingJsonLength(value)).toBe(python.length);
  });

  test('known keys are those of Nova, Neutron and Cyborg', () => {
    const others = ['capabilities', 'trusted', 'migrating_to', 'os_vif_delegation'];
    expect([...PROFILE_KEYS].toSorted()).toEqual([...BINDING_PROFILE_KEYS, ...others].toSorted());
  });

  test('unbinding removes nine keys; capabilities, trusted and foreign ones are not among them', () => {
    expect([...BINDING_PROFILE_KEYS].toSorted()).toEqual([
      'allocation',
      'arq_uuid',
      'card_serial_number',
      'device_mac_address',
      'pci_slot',
      'pci_vendor_info',
      'pf_mac_address',
      'physical_network',
      'vf_num',
    ]);
  });

  test('pci_slot becomes the spelling of the kernel, with 32-bit domains', () => {
    expect(parseProfile({ pci_slot: '10000:E0:06.0' }).pci_slot).toBe('10000:e0:06.0');
    expect(parseProfile({ pci_slot: '00000000:3B:00.1' }).pci_slot).toBe('0000:3b:00.1');
    expect(parseProfile({ pci_slot: '3B:00.1' }).pci_slot).toBe('0000:3b:00.1');
  });

  test('pci_vendor_info and MAC addresses become lower case', () => {
    const given = { pci_vendor_info: '8086:10CA', pf_mac_address: 'A0-36-9F-00-00-0A' };
    expect(parseProfile(given)).toEqual({
      pci_vendor_info: '8086:10ca',
      pf_mac_address: 'a0:36:9f:00:00:0a',
    });
  });

  test.each(['1', 't', 'TRUE', 'On', 'y', ' Yes ', 1, true])('trusted %j is true', (trusted) => {
    expect(parseProfile({ trusted })).toEqual({ trusted: true });
  });

  test.each(['0', 'f', 'False', 'OFF', 'n', 'no\n', 0, false])('trusted %j is false', (trusted) => {
    expect(parseProfile({ trusted })).toEqual({ trusted: false });
  });

  test.each(['', 'maybe', 'enabled', 2, -1, [], {}])('trusted %j is refused', (trusted) => {
    expect(refusal(() => parseProfile({ trusted })).problems).toEqual([
      { path: 'binding:profile.trusted', message: expect.stringContaining('must be true or false') },
    ]);
  });

  test('a known key that is null is not given; an unknown one is kept', () => {
    expect(parseProfile({ allocation: null, arq_uuid: null, mine: null })).toEqual({ mine: null });
  });

  test('what JSON would lose is refused by path', () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    expect(refusal(() => parseProfile({ a: Number.NaN })).problems[0]?.path).toBe('binding:profile.a');
    expect(refusal(() => parseProfile({ a: [() => 0] })).problems[0]?.path).toBe('binding:profile.a[0]');
    expect(refusal(() => parseProfile({ a: new Date(0) })).message).toContain('plain object');
    expect(refusal(() => parseProfile(loop)).message).toContain('contains itself');
    expect(refusal(() => parseProfile(JSON.parse('{"__proto__": {"trusted": true}}'))).message).toContain(
      '__proto__',
    );
  });

  test('the result shares nothing with what was given', () => {
    const given = { mine: { a: 1 }, capabilities: ['x'] };
    const profile = parseProfile(given);
    given.mine.a = 2;
    given.capabilities.push('y');
    expect(profile).toEqual({ mine: { a: 1 }, capabilities: ['x'] });
  });
});
