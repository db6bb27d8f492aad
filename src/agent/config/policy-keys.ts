/**
 * The keys of `policy` that have a grammar of their own.
 *
 * Owns how their refusals become those of zod; the grammars are in `src/binding/`.
 */
import { z } from 'zod';
import { InvalidDeviceSpecError } from '../../binding/device-spec/error.ts';
import { parseDeviceSpecs } from '../../binding/device-spec/parse.ts';
import { parseDeviceMappings } from '../../binding/neutron-config.ts';
import { InvalidConfigError } from '../../errors.ts';

/** A list of texts, or one text with commas. */
export const entries: z.ZodUnion<[z.ZodString, z.ZodArray<z.ZodString>]> = z.union([
  z.string(),
  z.array(z.string()),
]);

export const deviceMappings: z.ZodType = entries
  .superRefine((value, context) => {
    const why = refusal(() => parseDeviceMappings(value));
    if (why !== undefined) context.addIssue({ code: 'custom', message: why.message });
  })
  .nullable();

const spec = z.record(z.string(), z.unknown());

export const deviceSpecs: z.ZodType = z
  .union([z.string(), spec, z.array(z.union([z.string(), spec]))])
  .superRefine((value, context) => {
    // One by one, so that each wrong entry is told, at its place.
    const list = Array.isArray(value) ? value : [value];
    for (const [index, item] of list.entries()) {
      const why = refusal(() => parseDeviceSpecs([item]));
      if (why === undefined) continue;
      const at = Array.isArray(value) ? [index] : [];
      if (why instanceof InvalidDeviceSpecError) {
        const field = typeof item === 'string' ? [] : (why.field?.split('.') ?? []);
        const inner = typeof item === 'string' && why.field !== null ? `${why.field} ` : '';
        const message = `${inner}${why.given} ${why.limit}`;
        context.addIssue({ code: 'custom', path: [...at, ...field], message });
      } else context.addIssue({ code: 'custom', path: at, message: why.message });
    }
  })
  .nullable();

/** The refusal of what `read` reads; undefined = it can be read. */
export function refusal(read: () => unknown): InvalidConfigError | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof InvalidConfigError) return error;
    throw error;
  }
}
