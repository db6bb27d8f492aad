import { expect, test } from 'vitest';
import { nearest, suggestion } from '../../../src/suggest.ts';

test.each([
  ['vln', 'vlan'],
  ['spoofchk', 'spoofCheck'],
  ['linkstate', 'linkState'],
  ['MAC', 'mac'],
])('%s is taken for a slip of %s', (wrong, right) => {
  expect(nearest(wrong, ['mac', 'vlan', 'rate', 'spoofCheck', 'linkState'])).toBe(right);
});

test('a word that is like none gets the list of all', () => {
  expect(suggestion('bandwidth', ['mac', 'vlan'])).toBe('known are mac, vlan');
});

test('a word is not called near when nothing of it is left', () => {
  expect(nearest('xy', ['vf', 'mac'])).toBeUndefined();
});
