import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidConfigError } from '../../../src/errors.ts';
import { formatVendorProduct, parseVendorProduct } from '../../../src/pci/vendor-product.ts';

describe('a vendor:product pair', () => {
  it('is read in either case and written in lower case', () => {
    expect(parseVendorProduct('8086:10ca')).toEqual({ vendor: 0x8086, product: 0x10ca });
    expect(formatVendorProduct(parseVendorProduct('15B3:101E'))).toBe('15b3:101e');
  });

  it.each([
    ['8086', 'expected two ids'],
    ['8086:10ca:0001', 'expected two ids'],
    ['808:10ca', 'the vendor "808" must be four hexadecimal digits'],
    ['8086:10cag', 'the product "10cag" must be four hexadecimal digits'],
    ['0x8086:10ca', 'four hexadecimal digits, without 0x'],
    ['8086:*', 'the product "*" must be'],
    ['8086: 10ca', 'the product " 10ca" must be'],
    ['8086:10ca\n', 'the product'],
  ])('refuses %j and says why', (text, why) => {
    expect(() => parseVendorProduct(text)).toThrow(InvalidConfigError);
    expect(() => parseVendorProduct(text)).toThrow(why);
  });

  it('survives a round trip', () => {
    const id = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(id, id, (vendor, product) => {
        expect(parseVendorProduct(formatVendorProduct({ vendor, product }))).toEqual({ vendor, product });
      }),
    );
  });

  it('is not written when an id is out of range', () => {
    expect(() => formatVendorProduct({ vendor: 0x10000, product: 1 })).toThrow(
      'the vendor must be an integer',
    );
    expect(() => formatVendorProduct({ vendor: 1, product: -1 })).toThrow('the product must be an integer');
  });
});
