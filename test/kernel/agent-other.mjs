/**
 * Another user of an agent's store, with the built package:
 *
 *     node agent-other.mjs STORE
 *
 * A line of JSON `{ "bind": [requests] }` or `{ "release": [ids] }` on stdin is answered by a line with the report.
 */
import { createInterface } from 'node:readline';
import { createLinuxHost, openLmdbStore, openPorts } from '../../dist/binding-api.js';

const [, , directory = ''] = process.argv;
const store = await openLmdbStore(directory);
const host = createLinuxHost({ name: 'h1' });
const say = (/** @type {unknown} */ line) => process.stdout.write(`${JSON.stringify(line)}\n`);
say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const { bind, release } = JSON.parse(line);
  const ports = openPorts({ store, host });
  say(bind === undefined ? await ports.release(release) : await ports.bind(bind));
}
await store.close();
