/**
 * How large the two free dictionaries of a binding may be.
 *
 * Owns the number and how it is counted. It is Neutron's count (plugins/ml2/models.py, `jsonutils.dumps`), so
 * that what passes here is never refused there: Python puts a blank after each comma and colon, and writes
 * everything but printable ASCII as `\uxxxx`.
 */

/** Characters of JSON, for `binding:profile` and for `binding:vif_details`. */
export const MAX_BINDING_JSON = 4095;

/** Characters that Neutron needs to store a plain JSON value. */
export function bindingJsonLength(value: unknown): number {
  if (typeof value === 'string') return textLength(value);
  if (Array.isArray(value)) return listLength(value.map(bindingJsonLength));
  if (typeof value === 'object' && value !== null) {
    return listLength(
      Object.entries(value).map(([key, own]) => textLength(key) + 2 + bindingJsonLength(own)),
    );
  }
  return JSON.stringify(value).length;
}

function textLength(text: string): number {
  return JSON.stringify(text).replace(/[^ -~]/g, String.raw`\uxxxx`).length;
}

function listLength(parts: readonly number[]): number {
  return 2 + parts.reduce((sum, part) => sum + part, 0) + 2 * Math.max(0, parts.length - 1);
}
