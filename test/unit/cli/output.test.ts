import { expect, test } from 'vitest';
import { toJson } from '../../../src/cli/json.ts';
import { coloured, count, envelope, paintFor, plain, table } from '../../../src/cli/output.ts';

test('a table lines up its columns, numbers to the right, without trailing blanks', () => {
  const rows = [
    ['eni1np1', '4', 'on'],
    ['e', '1024', '-'],
  ];
  expect(table(['NAME', 'VFS', 'X'], rows, plain)).toBe(
    ['NAME      VFS  X', 'eni1np1     4  on', 'e        1024  -', ''].join('\n'),
  );
});

test('the envelope is one line with schema, data and warnings', () => {
  expect(envelope('list', [{ name: 'e' }], ['w'])).toBe(
    '{"schema":"sriov/list/v1","data":[{"name":"e"}],"warnings":["w"]}\n',
  );
});

test('64-bit counters are written as exact numbers', () => {
  expect(toJson({ rxBytes: 18_446_744_073_709_551_615n })).toBe('{"rxBytes":18446744073709551615}');
});

test('JSON is what JSON.stringify writes, wherever that can', () => {
  const value = { a: [1, null, 'ü"\n', { b: true, c: undefined }], d: {}, e: -0.5 };
  expect(toJson(value)).toBe(JSON.stringify(value));
});

test('colour is for terminals only', () => {
  expect(paintFor(true, {})).toBe(coloured);
  expect(paintFor(false, {})).toBe(plain);
});

test('NO_COLOR with any value and a dumb terminal switch colour off; an empty NO_COLOR does not', () => {
  expect(paintFor(true, { NO_COLOR: '0' })).toBe(plain);
  expect(paintFor(true, { TERM: 'dumb' })).toBe(plain);
  expect(paintFor(true, { NO_COLOR: '' })).toBe(coloured);
});

test('colour is an escape sequence around the text', () => {
  expect(coloured('red', 'x')).toBe('\u001b[31mx\u001b[0m');
});

test('one is singular', () => {
  expect([count(0, 'VF'), count(1, 'VF'), count(2, 'VF')]).toEqual(['0 VFs', '1 VF', '2 VFs']);
});
