import { assert, integer, property, uniqueArray } from 'fast-check';
import { expect, test } from 'vitest';
import { formatVfList, parseVfList } from '../../../src/cli/vf-list.ts';

test.each([
  ['3', [3]],
  ['0-3', [0, 1, 2, 3]],
  ['8-9,0,2', [0, 2, 8, 9]],
  ['1,1,0-1', [0, 1]],
  ['0, 2', [0, 2]],
  ['65534', [65534]],
])('%s names VFs %j', (text, vfs) => {
  expect(parseVfList(text)).toEqual(vfs);
});

test.each([
  ['', 'is no list of VFs'],
  ['a', 'is no list of VFs'],
  ['1,', 'is no list of VFs'],
  ['-1', 'is no list of VFs'],
  ['1-2-3', 'is no list of VFs'],
  ['1.5', 'is no list of VFs'],
  ['5-3', 'runs backwards; write 3-5'],
  ['0-65535', 'VF 65535 is above 65534'],
])('"%s" is refused: %s', (text, reason) => {
  expect(() => parseVfList(text)).toThrow(reason);
});

test('a list that is written and read again is the same', () => {
  assert(
    property(uniqueArray(integer({ min: 0, max: 65_534 }), { minLength: 1 }), (vfs) => {
      const ascending = vfs.sort((a, b) => a - b);
      expect(parseVfList(formatVfList(ascending))).toEqual(ascending);
    }),
  );
});

test('neighbours are written as a range', () => {
  expect(formatVfList([0, 1, 2, 5, 7, 8])).toBe('0-2,5,7-8');
});
