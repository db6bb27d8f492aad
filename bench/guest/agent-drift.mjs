/**
 * How soon the agent puts a VF right that someone else has changed.
 * Runs inside the virtual machine: npm run bench -- --only agent-drift
 *
 *   node bench/guest/agent-drift.mjs [--drifts N]
 *
 * Owns the claim that a drift costs one dump of one PF and one message, and the times printed beside it. The agent
 * is a process of its own; this one is the witness, which changes one VF at a time. Its clock starts when its own
 * request was acknowledged (the kernel has told everyone of the change by then) and stops when a read of the PF shows
 * all VFs as before; it reads over and over, which takes a processor and the kernel's lock from the agent.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';

import { createNetdevsim } from '../../test/kernel/netdevsim.mjs';
import { startBoundAgent } from '../agent/agent-process.mjs';
import { Claims } from '../lib/claims.mjs';
import { formatNs, quantile } from '../lib/samples.mjs';

/** @type {typeof import('../../src/index.ts')} what users import */
const { PhysicalFunction } = await import(new URL('../../dist/index.js', import.meta.url).href);

const { values: options } = parseArgs({ options: { drifts: { type: 'string', default: '1000' } } });
const DRIFTS = Number(options.drifts);
const VFS = 8;
const GIVE_UP_NS = 30e9;
/** After the agent has told of the last repair: drifts come when it is at rest, and out of step with its timers. */
const PAUSE_MS = { least: 20, most: 60 };
/** What the agent does needlessly after the last one must show in the counters. */
const AFTERMATH_MS = 1000;

const device = createNetdevsim({ vfs: VFS });
const pf = PhysicalFunction.open(device.pf);
// The kernel announces changes of a PF that is up alone (netdev_state_change).
execFileSync('ip', ['link', 'set', device.pf, 'up']);
const agent = await startBoundAgent(VFS);
const good = pf.readVfsSync().bytes.slice();
const before = (await agent.status()).counters;
const linesBefore = agent.log.length;

/** @type {number[]} nanoseconds */
const times = [];
for (let drift = 0; drift < DRIFTS; drift++) times.push(await driftOnce(drift));

await sleep(AFTERMATH_MS);
const { counters, seq } = await agent.status();
const same = isGood();
await agent.stop();
device.remove();

const lags = repairsTold().flatMap(({ lagMs }) => (typeof lagMs === 'number' ? [lagMs * 1e6] : []));
console.log(`${DRIFTS} drifts of one of ${VFS} VFs, MAC or VLAN, one at a time; ${seq} events\n`);
console.log(`${''.padEnd(42)}median     p99        longest`);
for (const [name, values] of /** @type {const} */ ([
  ['acknowledged to repaired, by the witness', times],
  ['told to repaired, by the agent', lags],
])) {
  const cells = [quantile(values, 0.5), quantile(values, 0.99), Math.max(...values)].map((ns) =>
    formatNs(ns).padEnd(10),
  );
  console.log(`${name.padEnd(42)}${cells.join(' ')}`);
}
console.log();
const claims = new Claims();
const grown = (/** @type {keyof typeof counters} */ name) => counters[name] - before[name];
for (const name of /** @type {const} */ (['drifts', 'repairs', 'looks', 'dumps', 'messages'])) {
  claims.holds(`${name}: as many as drifts were made`, grown(name) === DRIFTS, `${grown(name)}`);
}
claims.holds('no repair failed', grown('repairsFailed') === 0, `${grown('repairsFailed')}`);
claims.holds(
  'no VF that was as wanted was written',
  counters.healthyWrites === 0,
  `${counters.healthyWrites}`,
);
claims.holds('the log tells of each repair, with its lag', lags.length === DRIFTS, `${lags.length}`);
claims.holds('all VFs are as they were', same);
claims.close();

/** @param {number} drift @returns {Promise<number>} nanoseconds */
async function driftOnce(drift) {
  await sleep(PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least));
  const vf = drift % VFS;
  // Never the same twice in a row on one VF: the agent would take that for a fight.
  const round = Math.floor(drift / VFS);
  const change =
    round % 2 === 0
      ? { vlan: { id: 2000 + (round % 2000) } }
      : { mac: `06:00:00:${hex(round >> 8)}:${hex(round & 255)}:${hex(vf)}` };
  const { applied } = pf.programVfsSync([{ vf, ...change }]);
  const start = process.hrtime.bigint();
  if (applied !== 1) throw new Error(`VF ${vf} could not be changed`);
  while (!isGood()) {
    if (Number(process.hrtime.bigint() - start) > GIVE_UP_NS) throw new Error(notRepaired(drift));
  }
  const took = Number(process.hrtime.bigint() - start);
  while (repairsTold().length <= drift) {
    if (Number(process.hrtime.bigint() - start) > GIVE_UP_NS) throw new Error(notRepaired(drift));
    await sleep(2);
  }
  return took;
}

function isGood() {
  return Buffer.compare(pf.readVfsSync().bytes, good) === 0;
}

function repairsTold() {
  return agent.log.slice(linesBefore).filter(({ event }) => event === 'repaired');
}

/** @param {number} drift */
function notRepaired(drift) {
  const lines = agent.log.slice(-5).map((line) => JSON.stringify(line));
  return `drift ${drift} is not repaired, or not told of:\n${lines.join('\n')}`;
}

/** @param {number} byte */
function hex(byte) {
  return byte.toString(16).padStart(2, '0');
}
