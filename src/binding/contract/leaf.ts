/**
 * The single values of the contract as schemas: addresses, ids, booleans, words.
 *
 * Owns how each is spelt in JSON Schema and how it is normalised. Each has two halves that must agree: the
 * pattern, for those who validate with the published schema, and the parser, which knows what to say.
 * Types of schemas are written out since declarations are made file by file; the interfaces are what they are
 * checked against.
 */
import { z } from 'zod';
import { InvalidConfigError } from '../../errors.ts';
import { formatPciAddress, parsePciAddress } from '../../pci/address.ts';
import { formatVendorProduct, parseVendorProduct } from '../../pci/vendor-product.ts';

const HEX = '[0-9a-fA-F]';

function parsed(pattern: string, parse: (text: string) => string): z.ZodType<string, string> {
  return z
    .string()
    .meta({ pattern })
    .transform((text, context) => {
      try {
        return parse(text);
      } catch (error) {
        if (!(error instanceof InvalidConfigError)) throw error;
        context.issues.push({ code: 'custom', message: error.message, input: text });
        return z.NEVER;
      }
    });
}

/** Any spelling of `parsePciAddress`; becomes the kernel's. */
export const pciSlot: z.ZodType<string, string> = parsed(
  `^(?:${HEX}{4,8}:)?${HEX}{2}:[01]${HEX}\\.[0-7]$`,
  (text) => formatPciAddress(parsePciAddress(text)),
);

/** `vvvv:pppp`; becomes lower case. */
export const vendorInfo: z.ZodType<string, string> = parsed(`^${HEX}{4}:${HEX}{4}$`, (text) =>
  formatVendorProduct(parseVendorProduct(text)),
);

const OCTET = `${HEX}{2}`;
const MAC = `^(?!0{2}(?:[:-]0{2}){5}$)${HEX}[02468aceACE](?:(?::${OCTET}){5}|(?:-${OCTET}){5})$`;

/** Of one interface: colons or hyphens, neither a group's nor all zero. Becomes lower case with colons. */
export const mac: z.ZodType<string, string> = parsed(MAC, parseMac);

function parseMac(text: string): string {
  const shown = JSON.stringify(text.slice(0, 48));
  if (!new RegExp(`^${OCTET}(?:(?::${OCTET}){5}|(?:-${OCTET}){5})$`).test(text)) {
    throw new InvalidConfigError(
      `MAC address ${shown}: expected six octets in hexadecimal, such as fa:16:3e:01:02:03`,
    );
  }
  const normal = text.toLowerCase().replaceAll('-', ':');
  if (normal === '00:00:00:00:00:00') throw new InvalidConfigError(`MAC address ${shown} is all zero`);
  if (Number.parseInt(normal.slice(0, 2), 16) % 2 === 1) {
    throw new InvalidConfigError(
      `MAC address ${shown} is a multicast address; the lowest bit of its first octet must be 0`,
    );
  }
  return normal;
}

const TRUE = ['1', 't', 'true', 'on', 'y', 'yes'];
const FALSE = ['0', 'f', 'false', 'off', 'n', 'no'];
const anyCase = (word: string): string =>
  word.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);

const BOOLEAN = {
  error: 'must be true or false (or 1, t, true, on, y, yes; 0, f, false, off, n, no)',
};

/** The words of openstack's strutils (oslo.utils, `bool_from_string` with strict), blanks around them ignored. */
export const booleanLike: z.ZodType<boolean> = z
  .union(
    [
      z.boolean(),
      z.literal([0, 1]),
      z.string().regex(new RegExp(`^\\s*(?:${[...TRUE, ...FALSE].map(anyCase).join('|')})\\s*$`), BOOLEAN),
    ],
    BOOLEAN,
  )
  .transform((value) => value === true || TRUE.includes(String(value).trim().toLowerCase()));

/** Text that says something. */
export const word: z.ZodType<string, string> = z.string().min(1);

const VLAN = { error: 'must be a VLAN id as text, from "0" (no VLAN) to "4094"' };

/** VLAN id as text, `"0"` for none; a number becomes text. */
export const vlanWord: z.ZodType<string> = z
  .union(
    [
      z.string().regex(/^(?:0|[1-9]\d{0,2}|[1-3]\d{3}|40[0-8]\d|409[0-4])$/, VLAN),
      z.int().min(0, VLAN).max(4094, VLAN),
    ],
    VLAN,
  )
  .transform(String);
