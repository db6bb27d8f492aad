/** Python's regular expressions in JavaScript. The wanted answers are those of Python 3.11's re.match. */
import { describe, expect, it } from 'vitest';
import { compilePythonRegex } from '../../../../src/binding/device-spec/python-regex.ts';

function matches(pattern: string, text: string): boolean {
  const expression = compilePythonRegex(pattern);
  if (!(expression instanceof RegExp)) throw new Error(expression.reason);
  return expression.test(text);
}

describe('a field regex', () => {
  it.each([
    ['[0-3]', '00', true],
    ['[0-3]', '40', false],
    ['0', '00', true],
    ['0$', '00', false],
    ['^0a$', '0a', true],
    ['1|0a', '0a', true],
    ['1|a', '0a', false],
    ['', '1f', true],
    ['.*', '0000', true],
    ['0A', '0a', false],
    ['(?i)0A', '0a', true],
    ['\\A0\\Z', '0', true],
    ['\\A0\\Z', '00', false],
    ['0{,2}1', '001', true],
    ['0{,1}1', '001', false],
    ['0{,}1', '0001', true],
    ['(?P<x>.)a', '0a', true],
    ['(?P<x>.)a', '00', false],
    ['[]0]', '0', true],
    ['[]0]', '1', false],
    ['[^]0]', '0', false],
    ['[^]0]', '1', true],
    ['[]0-[1]', '1', true],
    ['[\\-0]', '0', true],
    ['\\:', '0', false],
    ['[[0]', '0', true],
    ['(?!0)', '1', true],
    ['(?!0)', '0', false],
    ['\\d\\w', '0a', true],
    ['\\x30', '0', true],
  ])('%j on %j: %s, from the start and not to the end', (pattern, text, wanted) => {
    expect(matches(pattern, text)).toBe(wanted);
  });

  it.each([
    ['*', 'Nothing to repeat'],
    ['(', ''],
    ['a)|(b', ''],
    ['0++', ''],
    ['(?>0)', ''],
    ['(?(1)a|b)', ''],
    ['(?x) 0', ''],
    ['0(?#slots)', ''],
    ['0{', ''],
    ['{', ''],
    ['[0-', ''],
    ['[1-0]', ''],
    ['(?<x>0)', 'Python names a group by (?P<'],
    ['0(?<=0)a', 'looking back is not known'],
    ['0(?<!0)a', 'looking back is not known'],
    ['(0)?\\1a', 'refers back'], // on `a`: no match in Python, one in JavaScript
    ['(?P<x>0)?(?P=x)a', 'refers back'],
    ['\\u{30}', 'no escape of Python'],
    ['\\p{Nd}', 'has \\p'],
    ['\\k<x>', 'has \\k'],
    ['\\cA', 'has \\c'],
    ['\\', 'ends with a backslash'],
  ])('refuses %j and says why', (pattern, why) => {
    const result = compilePythonRegex(pattern);
    expect(result).not.toBeInstanceOf(RegExp);
    expect('reason' in result && result.reason).toContain(why);
  });

  it('keeps no state between texts', () => {
    const expression = compilePythonRegex('0');
    expect([1, 2, 3].map(() => expression instanceof RegExp && expression.test('00'))).toEqual([
      true,
      true,
      true,
    ]);
  });
});
