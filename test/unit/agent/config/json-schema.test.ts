/** The published JSON Schema and the parser accept and refuse the same. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { assert, property } from 'fast-check';
import { expect, test } from 'vitest';
import { agentConfigSchema } from '../../../../src/agent/config/json-schema.ts';
import { CONFIG_KEYS } from '../../../../src/agent/config/keys.ts';
import { configs } from './arbitrary.ts';
import { fromFile, problemsOf } from './sources.ts';

// Read from the package, not made anew: it is the file that people get.
const file = new URL('../../../../schemas/agent-config.json', import.meta.url);
const published = JSON.parse(readFileSync(file, 'utf8')) as object;
const validate = new Ajv2020({ allErrors: true, strictTypes: false }).compile(published);

test('the published file is what the parser is made of (node scripts/write-schemas.mjs writes it)', () => {
  expect(published).toEqual(JSON.parse(JSON.stringify(agentConfigSchema())));
});

test.each(CONFIG_KEYS)(
  '$path has its meaning and its default in the schema',
  ({ path, meaning, standard }) => {
    let at = published as { properties?: Record<string, object>; anyOf?: object[] };
    for (const step of path.split('.')) {
      const object = at.properties === undefined ? (at.anyOf?.[0] as typeof at) : at;
      at = object.properties?.[step] ?? {};
    }
    expect(at).toMatchObject({
      description: meaning,
      ...(standard === undefined ? {} : { default: standard }),
    });
  },
);

test('what the parser accepts, the schema accepts', () => {
  assert(
    property(configs(), (config) => {
      expect(() => fromFile(JSON.stringify(config))).not.toThrow();
      validate(config);
      expect(validate.errors).toBe(null);
    }),
    { numRuns: 150 },
  );
}, 30_000);

test.each([
  { hots: 'a' },
  { host: '' },
  { host: ' a' },
  { store: 'here' },
  { policy: { chose: 'pack' } },
  { policy: { numa_node: -1 } },
  { policy: { device_spec: [1] } },
  { policy: { physical_device_mappings: {} } },
  { policy: { exclude_devices: [1] } },
  { reconcile: { debounce_ms: 10_001 } },
  { reconcile: { poll_s: 0.5 } },
  { reconcile: { concurrency: 0 } },
  { reconcile: { trusted_mac: 'host' } },
  { reconcile: { retry_failed: 'true' } },
  { api: { socket: 'here' } },
  { api: { read: { user: [] } } },
  { api: { read: { users: ['1000'] } } },
  { api: { write: { groups: ['a b'] } } },
  { metrics: { listen: 9464 } },
  { log: { level: 'trace' } },
  { log: 'info' },
  { on_stop: null },
])('both refuse %j', (config) => {
  expect(problemsOf(() => fromFile(JSON.stringify(config))).length).toBe(1);
  expect(validate(config)).toBe(false);
});
