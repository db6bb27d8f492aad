import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBytes, formatGuid, parseBytes, parseGuid } from '../../../src/vf/address.ts';
import { anyGuid, anyMac } from './any-config.ts';

describe('an address in hex with colons', () => {
  it('survives a round trip, in both cases', () => {
    fc.assert(
      fc.property(anyMac, (text) => {
        const out = new Uint8Array(10);
        expect(parseBytes(text, 6, out, 2)).toBe(true);
        expect(formatBytes(out, 2, 6)).toBe(text);
        expect(parseBytes(text.toUpperCase(), 6, out, 2)).toBe(true);
        expect(formatBytes(out, 2, 6)).toBe(text);
        expect([out[0], out[1], out[8], out[9]]).toEqual([0, 0, 0, 0]);
      }),
    );
  });

  it('is refused whenever it is not exactly that', () => {
    const nearly = fc.stringMatching(/^([0-9a-fA-Fg]{2}[:-]){5}[0-9a-fA-F ]{2}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string({ minLength: 15, maxLength: 19 }), nearly), (text) => {
        const right = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text);
        expect(parseBytes(text, 6, new Uint8Array(6), 0)).toBe(right);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    'İ2:00:00:00:00:01',
    '02:00:00:00:00:0\u0100',
    '02:00:00:00:00:0\uff11',
    '02:00:00:00:00:0\u0000',
  ])('is refused with characters beyond ASCII or control characters: %j', (text) => {
    expect(parseBytes(text, 6, new Uint8Array(6), 0)).toBe(false);
  });
});

describe('a GUID', () => {
  it('has its first byte as the most significant, as the kernel keeps it', () => {
    expect(parseGuid('00:11:22:33:44:55:66:77')).toBe(0x0011223344556677n);
    expect(formatGuid(0x8000000000000001n)).toBe('80:00:00:00:00:00:00:01');
  });

  it('survives a round trip', () => {
    fc.assert(
      fc.property(anyGuid, (text) => {
        const guid = parseGuid(text);
        expect(guid === undefined ? undefined : formatGuid(guid)).toBe(text);
      }),
    );
  });

  it.each(['', '00:11:22:33:44:55', '00:11:22:33:44:55:66:77:88', '0x0011223344556677', '0011223344556677'])(
    'is refused as %j',
    (text) => {
      expect(parseGuid(text)).toBeUndefined();
    },
  );
});
