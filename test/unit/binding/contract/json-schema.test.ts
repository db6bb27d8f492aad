/** The published JSON Schema and the parsers accept and refuse the same. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { ContractError } from '../../../../src/binding/contract/error.ts';
import { parsePort } from '../../../../src/binding/flat.ts';
import { bindingSchemas } from '../../../../src/binding/json-schema.ts';
import { parseNetwork } from '../../../../src/binding/network.ts';
import { parsePortBinding } from '../../../../src/binding/port-binding.ts';
import * as samples from './samples.ts';

const KINDS = [
  ['port', parsePort, samples.GOOD_PORTS, samples.BAD_PORTS],
  ['port-binding', parsePortBinding, samples.GOOD_BINDINGS, samples.BAD_BINDINGS],
  ['network', parseNetwork, samples.GOOD_NETWORKS, samples.BAD_NETWORKS],
] as const;

describe.each(KINDS)('%s', (name, parse, good, bad) => {
  // Read from the package, not made anew: it is the file that people get.
  const file = new URL(`../../../../schemas/${name}.json`, import.meta.url);
  const published = JSON.parse(readFileSync(file, 'utf8')) as object;
  const validate = new Ajv2020({ strictTypes: false }).compile(published);

  test('the published file is what the parser is made of (node scripts/write-schemas.mjs writes it)', () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(bindingSchemas()[name])));
  });

  test.each(Object.entries(good))('accepts: %s', (_, value) => {
    expect(() => parse(value)).not.toThrow();
    validate(value);
    expect(validate.errors).toBe(null);
  });

  test.each(Object.entries(bad))('refuses: %s', (_, value) => {
    expect(() => parse(value)).toThrow(ContractError);
    expect(validate(value)).toBe(false);
  });
});
