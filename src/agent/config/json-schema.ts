/**
 * The configuration as JSON Schema (draft 2020-12), for editors and for those who write it by program.
 *
 * Owns what is published as `schemas/agent-config.json`; it is made of the parser's own table. What the grammars
 * of Nova and Neutron forbid within a text, and the rules between keys, are left to the parser.
 */
import { z } from 'zod';
import type { JsonSchema } from '../../binding/json-schema.ts';
import { nested } from './format.ts';
import { CONFIG_KEYS, configKey } from './keys.ts';

const COMMENT =
  'Not said here: what Nova and Neutron allow in device_spec, physical_device_mappings and exclude_devices; that metrics.listen is on this machine alone; that a socket path has at most 107 bytes; that max_delay_ms is not below debounce_ms, nor backoff_max_ms below backoff_first_ms; that exclude_devices needs physical_device_mappings.';

export function agentConfigSchema(): JsonSchema {
  const described = CONFIG_KEYS.map(({ path, schema, meaning, standard }) => {
    const meta = { description: meaning, ...(standard === undefined ? {} : { default: standard }) };
    return [path, schema.optional().meta(meta)] as const;
  });
  const root = objectOf(nested(new Map(described)), '');
  const { $schema, ...rest } = z.toJSONSchema(root, { io: 'input', target: 'draft-2020-12' });
  return { $schema, title: 'Configuration of the sriov agent', $comment: COMMENT, ...rest };
}

/** A section may be empty, which YAML reads as null. */
function objectOf(tree: Readonly<Record<string, unknown>>, start: string): z.ZodType {
  const shape = Object.entries(tree).map(([word, inner]) => {
    const path = `${start}${word}`;
    if (configKey(path) !== undefined) return [word, inner as z.ZodType];
    return [word, objectOf(inner as Readonly<Record<string, unknown>>, `${path}.`).nullish()];
  });
  return z.strictObject(Object.fromEntries(shape) as Record<string, z.ZodType>);
}
