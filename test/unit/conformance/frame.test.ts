/** The bytes of test frames. */
import { expect, test } from 'vitest';
import { RefusedError } from '../../../src/errors.ts';
import { decodeFrame, encodeFrame, type TestFrame } from '../../../src/conformance/frame-tap.ts';

const frame: TestFrame = { destination: 'ff:ff:ff:ff:ff:ff', source: '02:00:00:00:00:01', number: 513 };
const tag = { id: 100, qos: 5, tpid: 0x8100 };

test('an untagged frame, byte by byte', () => {
  const bytes = Buffer.from(encodeFrame(frame));
  expect(bytes).toHaveLength(60);
  expect(bytes.subarray(0, 21).toString('hex')).toBe('ffffffffffff02000000000188b57372696f760201');
});

test('a tag is four bytes behind the addresses', () => {
  const bytes = Buffer.from(encodeFrame({ ...frame, tag }));
  expect(bytes.subarray(12, 18).toString('hex')).toBe('8100a06488b5');
});

test('a frame is read as it was made, with the tag in it or beside it', () => {
  expect(decodeFrame(encodeFrame(frame), -1, 0)).toEqual(frame);
  expect(decodeFrame(encodeFrame({ ...frame, tag }), -1, 0)).toEqual({ ...frame, tag });
  expect(decodeFrame(encodeFrame(frame), 0xa064, 0x8100)).toEqual({ ...frame, tag });
  // Priority 0 of VLAN 0 is a tag as well.
  expect(decodeFrame(encodeFrame(frame), 0, 0x8100)?.tag).toEqual({ id: 0, qos: 0, tpid: 0x8100 });
});

test('frames of others are not ours: another type, another content, too short', () => {
  const bytes = encodeFrame(frame);
  expect(decodeFrame(bytes.with(12, 8), -1, 0)).toBeUndefined();
  expect(decodeFrame(bytes.with(14, 0), -1, 0)).toBeUndefined();
  expect(decodeFrame(bytes.subarray(0, 20), -1, 0)).toBeUndefined();
});

test('what is no MAC is refused', () => {
  expect(() => encodeFrame({ ...frame, source: '02:00' })).toThrow(RefusedError);
});
