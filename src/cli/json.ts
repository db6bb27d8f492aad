/**
 * JSON of the command's results: one line, with 64-bit counters as exact numbers.
 *
 * Owns the writing. `JSON.stringify` refuses bigint, and a float would round counters above 2^53.
 */

/** One line of JSON. Object fields that are undefined are left out, as in `JSON.stringify`. */
export function toJson(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map((item: unknown) => toJson(item)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .map(([key, field]) => `${JSON.stringify(key)}:${toJson(field)}`);
    return `{${fields.join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}
