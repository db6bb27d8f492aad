/**
 * `node scripts/write-schemas.mjs`: writes schemas/*.json from dist/, after `npm run build:ts`.
 *
 * Owns the files' form; what is in them is said by src/binding/json-schema.ts. A unit test compares the two.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { ROOT } from './lib/paths.mjs';

const built = new URL('../dist/binding/json-schema.js', import.meta.url).href;
/** @type {{ bindingSchemas: () => Record<string, unknown> }} */
const { bindingSchemas } = await import(built);

const folder = path.join(ROOT, 'schemas');
mkdirSync(folder, { recursive: true });
for (const [name, schema] of Object.entries(bindingSchemas())) {
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(schema, null, 2)}\n`);
}
