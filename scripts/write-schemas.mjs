/**
 * `node scripts/write-schemas.mjs`: writes schemas/*.json from dist/, after `npm run build:ts`.
 *
 * Owns the files' form; what is in them is said by src/binding/json-schema.ts and src/agent/config/json-schema.ts.
 * Unit tests compare both with the files.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { ROOT } from './lib/paths.mjs';

/** @param {string} name */
const built = (name) => import(new URL(`../dist/${name}`, import.meta.url).href);

/** @type {{ bindingSchemas: () => Record<string, unknown> }} */
const { bindingSchemas } = await built('binding/json-schema.js');
/** @type {{ agentConfigSchema: () => unknown }} */
const { agentConfigSchema } = await built('agent/config/json-schema.js');
/** @type {{ apiDocument: () => unknown }} */
const { apiDocument } = await built('agent/api/routes/table.js');

const folder = path.join(ROOT, 'schemas');
mkdirSync(folder, { recursive: true });
const schemas = { ...bindingSchemas(), 'agent-config': agentConfigSchema(), 'agent-openapi': apiDocument() };
for (const [name, schema] of Object.entries(schemas)) {
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(schema, null, 2)}\n`);
}
