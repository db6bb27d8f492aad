/**
 * Another user of an agent's store, with the built package:
 *
 *     node agent-other.mjs STORE
 *
 * A line of JSON `{ "bind": [requests], "stopAfter": N }` or `{ "release": [ids] }` on stdin is answered by a line with
 * the report. With `stopAfter` it stops for ever after having set up that many VFs, and says so first.
 */
import { createInterface } from 'node:readline';
import { createLinuxHost, openLmdbStore, openPorts } from '../../dist/binding-api.js';

const [, , directory = ''] = process.argv;
const store = await openLmdbStore(directory);
const host = createLinuxHost({ name: 'h1' });
const say = (/** @type {unknown} */ line) => process.stdout.write(`${JSON.stringify(line)}\n`);
say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const { bind, release, stopAfter } = JSON.parse(line);
  const program = host.program.bind(host);
  host.program = async (pf, configs, options) => {
    if (stopAfter === undefined) return program(pf, configs, options);
    await program(pf, configs.slice(0, stopAfter), options);
    say({ stopped: true });
    return new Promise(() => {});
  };
  const ports = openPorts({ store, host });
  say(bind === undefined ? await ports.release(release) : await ports.bind(bind));
}
await store.close();
