/** Reading the address of a device spec, as glob and as regular expressions (nova/pci/devspec.py). */
import { describe, expect, it } from 'vitest';
import { read, refusal } from './reading.ts';

describe('device_spec, address as text (4.3: glob [[[domain:]bus:]slot][.func])', () => {
  it.each([
    ['0000:0a:00.0', '0000:0a:00.0'],
    ['*:*:*.*', '*:*:*.*'],
    ['*:0A:00.*', '*:0a:00.*'],
    ['0a:00.0', '*:0a:00.0'],
    ['00.0', '*:*:00.0'],
    ['.5', '*:*:*.5'],
    ['00', '*:*:00.*'],
    [':00.', '*:*:00.*'],
    ['::.', '*:*:*.*'],
    ['.', '*:*:*.*'],
    ['00:0a', '*:00:0a.*'],
    ['*: *: *.5', '*:*:*.5'],
    [' 0000 : a : 1 . 7 ', '0000:0a:01.7'],
    ['0000:0a:00. ', '0000:0a:00.*'],
    ['', '*:*:*.*'],
    ['  ', '*:*:*.*'],
    ['0x1:0x2:0x3.4', '0001:02:03.4'],
  ])('reads %j as %s: missing or blank fields are *, blanks around fields do not count', (text, whole) => {
    expect(read({ address: text })).toEqual({ address: whole });
  });

  it.each([
    ['ffff:ff:1f.7', 'ffff:ff:1f.7'],
    ['10000:e0:06.0', '10000:e0:06.0'],
    ['ffffffff:00:00.0', 'ffffffff:00:00.0'],
  ])(
    'takes each field up to its limit: %s (domains of 32 bits, LP#1897528, other than Nova)',
    (text, whole) => {
      expect(read({ address: text })).toEqual({ address: whole });
    },
  );

  it.each([
    ['100000000:0:0.0', 'address.domain', '"100000000"', 'is above the largest value, ffffffff'],
    ['0000:100:00.0', 'address.bus', '"100"', 'is above the largest value, ff'],
    ['0000:00:20.0', 'address.slot', '"20"', 'is above the largest value, 1f'],
    ['0000:00:00.8', 'address.function', '"8"', 'is above the largest value, 7'],
    ['0000:0g:00.0', 'address.bus', '"0g"', 'must be hexadecimal, up to ff, or *'],
    ['0000:-1:00.0', 'address.bus', '"-1"', 'must be hexadecimal, up to ff, or *'],
    ['0000:0a:00.1.2', 'address.function', '"1.2"', 'must be hexadecimal, up to 7, or *'],
    ['0000:0a:[0-3].0', 'address.slot', '"[0-3]"', 'must be hexadecimal, up to 1f, or *'],
    ['0000:0*:00.0', 'address.bus', '"0*"', 'must be hexadecimal, up to ff, or *'],
    ['0:0000:0a:00.0', 'address', '"0:0000:0a:00.0"', 'must have at most 3 fields before the dot'],
  ])(
    'refuses %s: field, what was given, limit (PciDeviceWrongAddressFormat)',
    (address, field, given, limit) => {
      const error = refusal({ address });
      expect(error).toMatchObject({ field, given });
      expect(error.limit).toContain(limit);
    },
  );
});

describe('device_spec, address as object (4.3: regex for domain, bus, slot, function)', () => {
  it('fills absent fields with .*', () => {
    expect(read({ address: { bus: '0[1-3]', function: '[0-2]' } })).toEqual({
      address: { domain: '.*', bus: '0[1-3]', slot: '.*', function: '[0-2]' },
    });
    expect(read({ address: { bus: null, slot: undefined, domain: '0000' } })).toEqual({
      address: { domain: '0000', bus: '.*', slot: '.*', function: '.*' },
    });
  });

  it('an empty object is no address', () => {
    expect(read({ address: {} })).toEqual({ address: '*:*:*.*' });
  });

  it.each([
    ['a bare *', '*', 'is no regular expression'],
    ['an open bracket', '[0-3', 'is no regular expression'],
    ['a parenthesis that would close a group of ours', 'a)|(b', 'is no regular expression'],
    ['more than 255 characters', '0'.repeat(256), 'must have at most 255 characters'],
    ['a number', 3, 'must be text'],
    ['a list', ['0'], 'must be text'],
  ])('refuses %s and names the field (PciDeviceWrongAddressFormat)', (_, pattern, limit) => {
    for (const field of ['domain', 'bus', 'slot', 'function']) {
      const error = refusal({ address: { [field]: pattern } });
      expect(error.field).toBe(`address.${field}`);
      expect(error.limit).toContain(limit);
    }
  });

  it('refuses an unknown key, which Nova ignores so that everything matches', () => {
    expect(refusal({ address: { func: '0' } })).toMatchObject({
      field: 'address.func',
      given: '"0"',
      limit: 'is not known; the fields are domain, bus, slot, function',
    });
  });

  it.each([[['0000:0a:00.0']], [3], [true], [new Date(0)]])(
    'refuses %j: neither text nor object',
    (address) => {
      expect(refusal({ address })).toMatchObject({ field: 'address' });
    },
  );
});
