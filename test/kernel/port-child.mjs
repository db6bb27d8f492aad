/**
 * Binds ports and releases them in a process of its own, with the built package, so that strace may look on.
 *
 *     node port-child.mjs STORE REQUESTS.json
 *
 * Prints as JSON: the RTM_SETLINK messages of which the reports tell, the ports bound, and those released.
 */
import { readFileSync } from 'node:fs';
import { createLinuxHost, openLmdbStore, openPorts } from '../../dist/binding-api.js';

const [, , directory = '', file = ''] = process.argv;
/** @type {import('../../src/binding-api.ts').PortRequest[]} */
const requests = JSON.parse(readFileSync(file, 'utf8'));
const host = createLinuxHost({ name: 'child' });
const program = host.program.bind(host);
let sent = 0;
host.program = async (pf, configs) => {
  const report = await program(pf, configs);
  sent += report.messages - report.reads;
  return report;
};
const store = await openLmdbStore(directory);
const ports = openPorts({ store, host });
const bound = await ports.bind(requests);
const released = await ports.release(requests.map(({ port }) => port.id));
await store.close();
const done = bound.ports.filter(({ refusals }) => refusals.length === 0);
console.log(JSON.stringify({ sent, bound: done.length, released: released.released.length }));
