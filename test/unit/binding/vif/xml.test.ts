/** XML is written so that no value becomes markup. */
import { expect, test } from 'vitest';

import { element, escapeAttribute } from '../../../../src/binding/vif/xml.ts';

test('markup in a value stays a value', () => {
  expect(element('a', { b: `"/><evil c='&amp;'>` })).toBe(`<a b="&quot;/&gt;&lt;evil c='&amp;amp;'&gt;"/>`);
});

test('tabs and line ends survive, and no indent gets into a value', () => {
  const inner = element('b', { c: 'x\r\n\ty\u2028z' });
  expect(inner).toBe('<b c="x&#13;&#10;&#9;y\u2028z"/>');
  expect(element('a', {}, [inner])).toBe(`<a>\n  ${inner}\n</a>`);
});

test.each(['\0', '\u001b', '\ud800', '\udc00x', '\uffff'])(
  'a character that XML lacks is refused: %j',
  (text) => {
    expect(() => escapeAttribute(text)).toThrow(/can't be written in XML/);
  },
);

test('all planes are written as they are, and what is undefined is left out', () => {
  expect(element('a', { b: 'é😀', c: undefined })).toBe('<a b="é😀"/>');
});
