/** Neutron's physical_device_mappings and exclude_devices (facts of the SR-IOV NIC agent's configuration). */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDeviceMappings, parseExcludeDevices } from '../../../../src/binding/neutron-config.ts';
import { InvalidConfigError } from '../../../../src/errors.ts';

describe('physical_device_mappings', () => {
  it.each([
    ['a list', ['physnet1:eth1', 'physnet2:eth2'], { physnet1: ['eth1'], physnet2: ['eth2'] }],
    ['text with commas', 'physnet1:eth1,physnet2:eth2', { physnet1: ['eth1'], physnet2: ['eth2'] }],
    ['a network with several PFs (LP#1558626)', 'a:eth2,a:eth1', { a: ['eth2', 'eth1'] }],
    ['a PF with several networks', 'a:eth1,b:eth1', { a: ['eth1'], b: ['eth1'] }],
    ['duplicates, which are dropped', 'a:eth1, a : eth1', { a: ['eth1'] }],
    ['blanks around both sides', '  a : eth1 ', { a: ['eth1'] }],
    ['blank entries', ['a:eth1', '', ' '], { a: ['eth1'] }],
    ['a blank text', ' ', {}],
    ['an empty list', [], {}],
  ])('takes %s', (_, value, wanted) => {
    expect(Object.fromEntries(parseDeviceMappings(value))).toEqual(wanted);
  });

  it.each([
    ['physnet1', 'exactly one colon'],
    ['physnet1:eth1:eth2', 'exactly one colon'],
    ['physnet1:0000:0a:00.0', 'exactly one colon'],
    [':eth1', 'the physical network before the colon is missing'],
    [' :eth1', 'the physical network before the colon is missing'],
    ['physnet1:', 'the network device after the colon is missing'],
    ['physnet1: ', 'the network device after the colon is missing'],
  ])('refuses %j and names the entry', (entry, why) => {
    expect(() => parseDeviceMappings(['a:eth0', entry])).toThrow(InvalidConfigError);
    expect(() => parseDeviceMappings(['a:eth0', entry])).toThrow(/^physical_device_mappings\[1\] /);
    expect(() => parseDeviceMappings(['a:eth0', entry])).toThrow(why);
  });

  it.each([null, undefined, 3, {}, new Map()])('refuses %j: neither list nor text', (value) => {
    expect(() => parseDeviceMappings(value)).toThrow('physical_device_mappings must be a list');
    expect(() => parseDeviceMappings([value])).toThrow('physical_device_mappings[0] must be text');
  });
});

describe('exclude_devices', () => {
  const mappings = parseDeviceMappings('a:eth1,a:eth2,b:netdevsim1');
  const parse = (value: unknown): Record<string, string[]> =>
    Object.fromEntries(parseExcludeDevices(value, mappings));

  it.each([
    ['one slot', 'eth1:0000:07:00.2', { eth1: ['0000:07:00.2'] }],
    [
      'slots between semicolons',
      ['eth1:0000:07:00.2;0000:07:00.3'],
      { eth1: ['0000:07:00.2', '0000:07:00.3'] },
    ],
    [
      'several PFs',
      'eth1:0000:07:00.2,eth2:0000:08:00.2',
      { eth1: ['0000:07:00.2'], eth2: ['0000:08:00.2'] },
    ],
    ['blanks and blank slots', ' eth1 : ; 0000:07:00.2 ;; ', { eth1: ['0000:07:00.2'] }],
    ['a PF without slots', 'eth1:', { eth1: [] }],
    ['slots twice, once each', 'eth1:0000:07:00.2;0000:07:00.2', { eth1: ['0000:07:00.2'] }],
    ['slots in any spelling', 'eth1:0A:1F.7;10000:E0:06.0', { eth1: ['0000:0a:1f.7', '10000:e0:06.0'] }],
    ['a blank text', '', {}],
    ['an empty list', [], {}],
  ])('takes %s', (_, value, wanted) => {
    expect(parse(value)).toEqual(wanted);
  });

  it.each([
    ['eth1', 'must have a colon'],
    ['', 'must have a colon'],
    [':0000:07:00.2', 'the network device before the colon is missing'],
    ['eth2:0000:07:00.3', 'eth2 is in an earlier entry already'],
    ['eth3:0000:07:00.2', 'eth3 is not in physical_device_mappings'],
    ['eth1:0000:07:00.9', 'the function "9" is above its limit of 7'],
    ['eth1:0000:07:00.2 0000:07:00.3', 'contains a blank'],
    ['eth1:*', 'expected [domain:]bus:device.function'],
  ])('refuses %j and names the entry', (entry, why) => {
    const value = ['eth2:0000:08:00.2', entry];
    expect(() => parse(value)).toThrow(InvalidConfigError);
    expect(() => parse(value)).toThrow(/^exclude_devices\[1\] /);
    expect(() => parse(value)).toThrow(why);
  });

  it('a PF that is excluded but not mapped ends the reading, as it ends the agent', () => {
    expect(() => parseExcludeDevices('eth1:', new Map())).toThrow('eth1 is not in physical_device_mappings');
  });
});

describe('whatever is given to either', () => {
  it('is read or refused, never anything else', () => {
    const entry = fc.array(fc.constantFrom('a', 'eth1', ':', ';', ',', ' ', '0000:07:00.2', '.'), {
      maxLength: 8,
    });
    const value = fc.oneof(
      fc.anything({ withBigInt: true, withMap: true, withSparseArray: true, withNullPrototype: true }),
      entry.map((parts) => parts.join('')),
      fc.array(entry.map((parts) => parts.join(''))),
    );
    const mappings = new Map([['physnet1', ['a', 'eth1']]]);
    fc.assert(
      fc.property(value, (given) => {
        for (const read of [parseDeviceMappings, (v: unknown) => parseExcludeDevices(v, mappings)]) {
          try {
            expect(read(given)).toBeInstanceOf(Map);
          } catch (error) {
            if (!(error instanceof InvalidConfigError)) throw error;
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
