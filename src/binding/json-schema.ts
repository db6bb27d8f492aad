/**
 * The contract as JSON Schema (draft 2020-12), for those who check ports without this package.
 *
 * Owns what is published in `schemas/`; it is made from what the parsers use, plus the rules between keys that
 * they check by code. Only two things can't be said in JSON Schema and are left to the parsers: the size of
 * profile and details, and spellings of a network that contradict each other.
 */
import { z } from 'zod';
import { flatPortSchema } from './flat.ts';
import { MAX_BINDING_JSON } from './limits.ts';
import { networkSchema } from './network.ts';
import { portBindingSchema } from './port-binding.ts';
import { NEEDED_DETAILS, VIF_DETAILS_KEYS } from './vif-details.ts';
import { UNPLUGGED_VIF_TYPES } from './vif-type.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Name of the file in `schemas/`, without `.json`, to its schema. */
export function bindingSchemas(): Readonly<Record<'port' | 'port-binding' | 'network', JsonSchema>> {
  const text = { type: 'string' };
  const named = (key: string): object => ({ required: [key], properties: { [key]: text } });
  return {
    port: {
      ...publish(flatPortSchema, 'Port with its binding, as in the Neutron API', sizes('binding:')),
      allOf: detailRules('binding:'),
    },
    'port-binding': {
      ...publish(portBindingSchema, 'Binding of a port on one host', sizes('')),
      allOf: detailRules(''),
    },
    network: {
      ...publish(
        networkSchema,
        'Network of a port, or one segment of it',
        'Not said here: both spellings of one attribute must have the same value.',
      ),
      anyOf: [named('network_type'), named('provider:network_type')],
    },
  };
}

function publish(schema: z.ZodType, title: string, comment: string): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
  return { $schema, title, $comment: comment, ...rest };
}

function sizes(prefix: string): string {
  return `Not said here: ${prefix}profile and ${prefix}vif_details have at most ${MAX_BINDING_JSON} characters of JSON each, a blank after commas and colons and \\uxxxx for all but ASCII.`;
}

/** Which details go with which vif type; each rule is "not of these types, or with such details". */
function detailRules(prefix: string): readonly JsonSchema[] {
  const [type, details] = [`${prefix}vif_type`, `${prefix}vif_details`];
  const isType = (name: string): JsonSchema => ({
    required: [type],
    properties: { [type]: { const: name } },
  });
  const isPlugged = {
    required: [type],
    properties: { [type]: { not: { enum: [...UNPLUGGED_VIF_TYPES, null] } } },
  };
  const needed = Object.entries(NEEDED_DETAILS).map(([name, keys]) => {
    const properties = Object.fromEntries(keys.map((key) => [key, { not: { type: 'null' } }]));
    const has = { type: 'object', required: keys, properties };
    return { anyOf: [{ not: isType(name) }, { required: [details], properties: { [details]: has } }] };
  });
  // A known key that is null is not given, so that it is no detail; all others are.
  const nulls = Object.fromEntries(VIF_DETAILS_KEYS.map((key) => [key, { type: 'null' }]));
  const none = { properties: nulls, additionalProperties: false };
  return [...needed, { anyOf: [isPlugged, { properties: { [details]: none } }] }];
}
