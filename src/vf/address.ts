/**
 * Hardware addresses as text and as bytes: MAC (six bytes) and GUID (eight bytes).
 *
 * Owns parsing and formatting; whether an address makes sense for a VF is the caller's business.
 */

/** Value of each hex digit by character code, 256 for everything else. */
const NIBBLE = new Uint16Array(128).fill(256);
for (let digit = 0; digit < 16; digit++) {
  const text = digit.toString(16);
  NIBBLE[text.charCodeAt(0)] = digit;
  NIBBLE[text.toUpperCase().charCodeAt(0)] = digit;
}
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const COLON = 58;

/** Parses `count` bytes in hex with colons between into `out` at `at`. False if `text` is anything else. */
export function parseBytes(text: string, count: number, out: Uint8Array, at: number): boolean {
  if (text.length !== count * 3 - 1) return false;
  let bad = 0;
  for (let i = 0, c = 0; i < count; i++, c += 3) {
    const high = text.charCodeAt(c);
    const low = text.charCodeAt(c + 1);
    if (i > 0 && text.charCodeAt(c - 1) !== COLON) return false;
    if ((high | low) > 127) return false;
    const byte = ((NIBBLE[high] as number) << 4) | (NIBBLE[low] as number);
    bad |= byte;
    out[at + i] = byte;
  }
  return bad < 256;
}

/** Formats `count` bytes as hex with colons, lower case. */
export function formatBytes(bytes: Uint8Array, at: number, count: number): string {
  let text = HEX[bytes[at] as number] as string;
  for (let i = 1; i < count; i++) text += `:${HEX[bytes[at + i] as number]}`;
  return text;
}

const scratch = new Uint8Array(8);
const scratchView = new DataView(scratch.buffer);

/** A GUID as the number that the kernel keeps: its first byte in text is the most significant. */
export function parseGuid(text: string): bigint | undefined {
  return parseBytes(text, 8, scratch, 0) ? scratchView.getBigUint64(0) : undefined;
}

export function formatGuid(guid: bigint): string {
  scratchView.setBigUint64(0, guid);
  return formatBytes(scratch, 0, 8);
}
