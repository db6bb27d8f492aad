/** Comparing a port's request with tags: Nova's pci_device_prop_match (nova/pci/utils.py, stats.py). */
import { describe, expect, it } from 'vitest';
import { parseDeviceSpecs } from '../../../../src/binding/device-spec/parse.ts';
import { tagsMatch, type WantedTags } from '../../../../src/binding/device-spec/tags.ts';

function match(wanted: WantedTags, tags: Record<string, unknown>): boolean {
  const [spec] = parseDeviceSpecs(tags);
  if (spec === undefined) throw new Error('no spec');
  return tagsMatch(wanted, spec);
}

describe('device_spec, request matching by tags', () => {
  it('physical_network: case-insensitive (V@7c725eeb34)', () => {
    expect(match({ physical_network: 'physnet1' }, { physical_network: 'PhysNet1' })).toBe(true);
    expect(match({ physical_network: 'PHYSNET1' }, { physical_network: 'physnet1' })).toBe(true);
    expect(match({ physical_network: 'physnet1' }, { physical_network: 'physnet10' })).toBe(false);
    expect(match({ physical_network: 'physnet1' }, {})).toBe(false);
  });

  it('physical_network null asks for a spec without one (tunnelled networks)', () => {
    expect(match({ physical_network: null }, { physical_network: null })).toBe(true);
    expect(match({ physical_network: null }, {})).toBe(true);
    expect(match({ physical_network: null }, { physical_network: 'physnet1' })).toBe(false);
  });

  it('trusted: "True" and true mean what the spec says in any word of yes', () => {
    for (const trusted of ['true', 'True', true]) {
      expect(match({ trusted }, { trusted: 'yes' })).toBe(true);
      expect(match({ trusted }, { trusted: 'no' })).toBe(false);
      expect(match({ trusted }, {})).toBe(false);
    }
  });

  it('trusted false must be said by the spec; not asked for, it does not matter', () => {
    expect(match({ trusted: false }, { trusted: '0' })).toBe(true);
    expect(match({ trusted: 'False' }, {})).toBe(false);
    expect(match({}, { trusted: 'true' })).toBe(true);
    expect(match({ trusted: undefined }, { trusted: 'true' })).toBe(true);
  });

  it('remote_managed: absent is false, so those devices are excluded unless asked for', () => {
    expect(match({ remote_managed: 'False' }, {})).toBe(true);
    expect(match({ remote_managed: 'False' }, { remote_managed: 'true' })).toBe(false);
    expect(match({ remote_managed: 'True' }, {})).toBe(false);
    expect(match({ remote_managed: 'True' }, { remote_managed: '1' })).toBe(true);
  });

  it('a wanted list must be a subset of the list of the spec', () => {
    const tags = { capabilities: ['rx', 'tx', 'tso'] };
    expect(match({ capabilities: ['tso', 'rx'] }, tags)).toBe(true);
    expect(match({ capabilities: [] }, tags)).toBe(true);
    expect(match({ capabilities: ['rx', 'gso'] }, tags)).toBe(false);
    expect(match({ capabilities: ['RX'] }, tags)).toBe(false);
    expect(match({ capabilities: ['rx'] }, { capabilities: 'rx' })).toBe(false);
    expect(match({ capabilities: 'rx' }, tags)).toBe(false);
  });

  it('every tag that is asked for must match', () => {
    const tags = { physical_network: 'a', trusted: 'true' };
    expect(match({ physical_network: 'a', trusted: true }, tags)).toBe(true);
    expect(match({ physical_network: 'b', trusted: true }, tags)).toBe(false);
    expect(match({ physical_network: 'a', trusted: true, color: 'red' }, tags)).toBe(false);
  });

  it('what every object has is no tag', () => {
    expect(match({ constructor: null, toString: null }, {})).toBe(true);
    expect(match({ hasOwnProperty: 'x' }, {})).toBe(false);
  });
});
