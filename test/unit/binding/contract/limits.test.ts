import { expect, test } from 'vitest';
import { bindingJsonLength } from '../../../../src/binding/limits.ts';

/** What `len(json.dumps(value))` of Python 3.11 says, by which Neutron measures. */
test.each<readonly [unknown, number]>([
  ['\u007f', 8],
  ['é', 8],
  ['\n', 4],
  ['\u2028', 8],
  ['😀', 14],
  ['/"\\', 7],
  [{ a: [1, true, null, 'x'], b: {} }, 36],
])('%j has as many characters as Python writes', (value, length) => {
  expect(bindingJsonLength(value)).toBe(length);
});
