import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidConfigError } from '../../../src/errors.ts';
import {
  comparePciAddresses,
  formatPciAddress,
  isPciAddress,
  parsePciAddress,
  type PciAddress,
} from '../../../src/pci/address.ts';

const anyAddress: fc.Arbitrary<PciAddress> = fc.record({
  domain: fc.oneof(
    fc.constant(0),
    fc.integer({ min: 0, max: 0xffff }),
    fc.integer({ min: 0, max: 0xffffffff }),
  ),
  bus: fc.integer({ min: 0, max: 0xff }),
  device: fc.integer({ min: 0, max: 0x1f }),
  function: fc.integer({ min: 0, max: 7 }),
});

describe('a PCI address', () => {
  it.each([
    ['0000:03:10.1', '0000:03:10.1'],
    ['03:10.1', '0000:03:10.1'],
    ['10000:02:00.0', '10000:02:00.0'],
    ['FFFFFFFF:FF:1F.7', 'ffffffff:ff:1f.7'],
    ['00000000:3B:00.0', '0000:3b:00.0'], // nvidia-smi's spelling
    ['aBcD:eF:1a.0', 'abcd:ef:1a.0'],
  ])('takes %s', (text, canonical) => {
    expect(formatPciAddress(parsePciAddress(text))).toBe(canonical);
    expect(isPciAddress(text)).toBe(true);
  });

  it.each([
    ['', 'expected [domain:]bus:device.function'],
    ['0000:03:10', 'expected [domain:]bus:device.function'],
    ['0000:04:12x6', 'expected [domain:]bus:device.function'],
    ['0:0000:03:10.1', 'expected [domain:]bus:device.function'],
    ['0000:03:10.1.2', 'expected [domain:]bus:device.function'],
    [' 0000:03:10.1', 'contains a blank'],
    ['0000:03:10.1\n', 'contains a blank'],
    [':03:10.1', 'the domain is missing'],
    ['0000::10.1', 'the bus is missing'],
    ['0000:03:.1', 'the device is missing'],
    ['0000:03:10.', 'the function is missing'],
    ['0:03:10.1', 'the domain "0" must have 4 to 8 hexadecimal digits'],
    ['123456789:03:10.1', 'the domain "123456789" must have 4 to 8'],
    ['0000:3:10.1', 'the bus "3" must have 2 hexadecimal digits'],
    ['0000:003:10.1', 'the bus "003" must have 2 hexadecimal digits'],
    ['0000:03:1.1', 'the device "1" must have 2 hexadecimal digits'],
    ['0000:03:20.1', 'the device "20" is above its limit of 1f'],
    ['0000:03:10.8', 'the function "8" is above its limit of 7'],
    ['0000:03:10.10', 'the function "10" must have 1 hexadecimal digit'],
    ['0000:03:10.*', 'the function "*" is not hexadecimal'],
    ['0x0000:03:10.1', 'the domain "0x0000" is not hexadecimal'],
    ['0000:0g:10.1', 'the bus "0g" is not hexadecimal'],
    ['0000:-3:10.1', 'the bus "-3" is not hexadecimal'],
    ['٠٠٠٠:03:10.1', 'is not hexadecimal'],
  ])('refuses %j and says why', (text, why) => {
    expect(() => parsePciAddress(text)).toThrow(InvalidConfigError);
    expect(() => parsePciAddress(text)).toThrow(why);
    expect(isPciAddress(text)).toBe(false);
  });

  it('is text, nothing else', () => {
    for (const value of [null, undefined, 3, {}, ['0000:03:10.1']]) {
      expect(isPciAddress(value)).toBe(false);
      expect(() => parsePciAddress(value as string)).toThrow('must be text');
    }
  });

  it('keeps a long wrong text out of the message', () => {
    expect(() => parsePciAddress('x'.repeat(100_000))).toThrow(/^.{0,200}$/);
  });

  it('survives a round trip, in both cases and without its domain when that is 0', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        const text = formatPciAddress(address);
        expect(parsePciAddress(text)).toEqual(address);
        expect(parsePciAddress(text.toUpperCase())).toEqual(address);
        const short = text.startsWith('0000:') ? text.slice(5) : text;
        expect(parsePciAddress(short)).toEqual(address);
      }),
    );
  });

  it('is refused or is read back as the same text, whatever is given', () => {
    const nearly = fc.stringMatching(/^[0-9a-fx]{0,9}:?[0-9a-f]{1,3}[:.][0-9a-f]{1,3}[.:x][0-9a-f]{1,2}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearly), (text) => {
        const taken = isPciAddress(text);
        const again = taken ? formatPciAddress(parsePciAddress(text)) : '';
        if (taken) {
          const padded = text.toLowerCase().replace(/^0+(?=[0-9a-f]{4}:.*:)/, '');
          return again.endsWith(padded) && isPciAddress(again);
        }
        expect(() => parsePciAddress(text)).toThrow(InvalidConfigError);
        return true;
      }),
      { numRuns: 1000 },
    );
  });

  it('orders by number, not by text', () => {
    const texts = ['10000:00:00.0', '0000:0a:00.0', '0000:09:1f.7', 'ffff:00:00.0', '0000:09:02.0'];
    const sorted = texts.map(parsePciAddress).sort(comparePciAddresses).map(formatPciAddress);
    expect(sorted).toEqual(['0000:09:02.0', '0000:09:1f.7', '0000:0a:00.0', 'ffff:00:00.0', '10000:00:00.0']);
  });

  it('has a total order: antisymmetric, and 0 only for equals', () => {
    fc.assert(
      fc.property(anyAddress, anyAddress, (a, b) => {
        expect(Math.sign(comparePciAddresses(a, b))).toBe(-Math.sign(comparePciAddresses(b, a)) + 0);
        expect(comparePciAddresses(a, b) === 0).toBe(formatPciAddress(a) === formatPciAddress(b));
      }),
    );
  });

  it('is not formatted when a field is out of range', () => {
    const good = parsePciAddress('0000:03:10.1');
    expect(() => formatPciAddress({ ...good, device: 32 })).toThrow(
      'the device must be an integer from 0 to 31, not 32',
    );
    expect(() => formatPciAddress({ ...good, bus: -1 })).toThrow('the bus');
    expect(() => formatPciAddress({ ...good, function: 1.5 })).toThrow('the function');
    expect(() => formatPciAddress({ ...good, domain: 2 ** 32 })).toThrow('the domain');
  });

  it('cannot be changed once parsed', () => {
    expect(Object.isFrozen(parsePciAddress('0000:03:10.1'))).toBe(true);
  });
});
