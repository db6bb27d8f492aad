/** The INI dialect of oslo.config: what is an option, and what is refused with its line. */
import { expect, test } from 'vitest';
import type { ConfigProblem } from '../../../../../src/agent/config/error.ts';
import { parseIni } from '../../../../../src/agent/config/neutron/ini.ts';

function read(text: string): { options: string[]; problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const options = parseIni({ path: 'a.ini', text }, problems);
  return { options: options.map((one) => `${one.where} ${one.section}.${one.key}=${one.value}`), problems };
}

test.each([
  ['[a]\nx = 1\ny: 2\n', ['a.ini:2 a.x=1', 'a.ini:3 a.y=2']],
  ['[a]\n# x = 1\n; x = 2\nx = 3 # no comment\n', ['a.ini:4 a.x=3 # no comment']],
  ['[a]\nx = physnet1:eth1\ny: b=c\n', ['a.ini:2 a.x=physnet1:eth1', 'a.ini:3 a.y=b=c']],
  ['[a]\nx = 1,\n    2,\n\t3\ny = 4\n', ['a.ini:2 a.x=1,\n2,\n3', 'a.ini:5 a.y=4']],
  ['[a]\nx =\n  1\n', ['a.ini:2 a.x=\n1']],
  [
    '[a]\nx = 1\nx = 2\n[b]\nx = 3\n[a]\nx = 4\n',
    ['a.ini:2 a.x=1', 'a.ini:3 a.x=2', 'a.ini:5 b.x=3', 'a.ini:7 a.x=4'],
  ],
  ['\uFEFF[a]\r\nx = "q"\r\ny = \'\'\r\nz = "\r\n', ['a.ini:2 a.x=q', 'a.ini:3 a.y=', 'a.ini:4 a.z="']],
  ['', []],
])('%j is read', (text, options) => expect(read(text)).toEqual({ options, problems: [] }));

test.each([
  ['x = 1\n', 1, 'before the first section'],
  ['[a]\nx\n', 2, 'expected KEY = VALUE'],
  ['[a]\n= 1\n', 2, 'expected KEY = VALUE'],
  ['[a\nx = 1\n', 1, 'a name in brackets'],
  ['[]\n', 1, 'a name in brackets'],
  ['[a]\n  x = 1\n', 2, 'goes on with nothing'],
  ['[a]\nx = 1\n\n  2\n', 4, 'goes on with nothing'],
])('%j is refused at line %i', (text, line, message) => {
  const [problem] = read(text).problems;
  expect(problem?.where).toBe(`a.ini:${line}`);
  expect(problem?.message).toContain(message);
});
