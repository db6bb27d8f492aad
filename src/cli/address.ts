/**
 * Addresses that count up with the VF: MAC (6 bytes) and GUID (8 bytes) in hex with colons.
 *
 * Owns the addition. Whether an address may be given to a VF is the library's check.
 */

/** What may count: the last three bytes. The three in front are the vendor's prefix (OUI). */
const COUNTING_LIMIT = 0x1_00_00_00;

/**
 * The address `offset` further on, or undefined when that would carry into the bytes in front of the
 * last three. `offset` is 0 or more; an address that is malformed comes back unchanged.
 */
export function addressPlus(address: string, offset: number): string | undefined {
  const bytes = address.split(':');
  const tail = bytes.slice(-3);
  if (bytes.length < 4 || !tail.every((byte) => /^[0-9a-f]{2}$/i.test(byte))) return address;
  const sum = Number.parseInt(tail.join(''), 16) + offset;
  if (sum >= COUNTING_LIMIT) return undefined;
  const digits = sum.toString(16).padStart(6, '0');
  return [...bytes.slice(0, -3), digits.slice(0, 2), digits.slice(2, 4), digits.slice(4)]
    .join(':')
    .toLowerCase();
}
