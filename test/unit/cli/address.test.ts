import { expect, test } from 'vitest';
import { addressPlus } from '../../../src/cli/address.ts';

test.each([
  ['02:00:00:00:01:00', 0, '02:00:00:00:01:00'],
  ['02:00:00:00:01:00', 63, '02:00:00:00:01:3f'],
  ['02:00:00:00:00:ff', 1, '02:00:00:00:01:00'],
  ['02:00:00:ff:fe:FF', 0x100, '02:00:00:ff:ff:ff'],
  ['00:11:22:33:44:55:66:fe', 2, '00:11:22:33:44:55:67:00'],
])('%s + %i is %s', (base, offset, sum) => {
  expect(addressPlus(base, offset)).toBe(sum);
});

test('an address does not count over into the vendor prefix', () => {
  expect(addressPlus('02:00:00:ff:ff:ff', 1)).toBeUndefined();
});

test('what is no address is left for the library to refuse', () => {
  expect(addressPlus('02:00:00:zz:ff:ff', 1)).toBe('02:00:00:zz:ff:ff');
});
