/**
 * An agent in a process of its own, with the built package, which can be stopped and killed:
 *
 *     node agent-child.mjs STORE
 *
 * Prints each event as a line of JSON. A line `status` on stdin is answered by `{ "status": ... }`; its end ends it.
 */
import { createInterface } from 'node:readline';
import { startAgent, readSettings } from '../../dist/agent-api.js';
import { createLinuxHost, openLmdbStore } from '../../dist/binding-api.js';

const [, , directory = ''] = process.argv;
const name = 'h1';
const set = ['reconcile.poll_s=0', 'reconcile.debounce_ms=10', 'reconcile.backoff_first_ms=200'];
const settings = readSettings({ flags: { host: name, store: directory, set } });
const store = await openLmdbStore(directory);
const agent = await startAgent({ store, host: createLinuxHost({ name }), settings, version: '0.0.0' });
const say = (/** @type {unknown} */ line) => process.stdout.write(`${JSON.stringify(line)}\n`);
for (const event of agent.recent()) say(event);
agent.on('event', say);
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'status') say({ status: await agent.status() });
}
await agent.stop();
await store.close();
