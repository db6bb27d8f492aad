/**
 * Whether programming VFs asynchronously disturbs the event loop.
 * Runs inside the virtual machine: npm run bench -- --only event-loop
 *
 *   node bench/guest/event-loop.mjs [--rounds N] [--window MS]
 *
 * Owns one claim: the delay of the loop (99th percentile) while 16 PFs with 256 VFs each are programmed over and
 * over is at most twice that of a loop with nothing to do. Idle and busy windows take turns. Emulated processors
 * are threads that the host deals out, busy ones more often late than idle ones: there the limit is six times.
 */

import { createHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { createNetdevsim } from '../../test/kernel/netdevsim.mjs';
import { Claims } from '../lib/claims.mjs';
import { isEmulated } from '../lib/processor.mjs';
import { formatNs } from '../lib/samples.mjs';
import { portConfigs } from '../lib/vfs.mjs';

/** @type {typeof import('../../src/index.ts')} what users import */
const { PhysicalFunction, VfTable } = await import(new URL('../../dist/index.js', import.meta.url).href);

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '10' }, window: { type: 'string', default: '1000' } },
});
const PFS = 16;
const VFS = 256;
const TICK_MS = 1;

const devices = Array.from({ length: PFS }, () => createNetdevsim({ vfs: VFS }));
const pfs = devices.map(({ pf }) => PhysicalFunction.open(pf));
const table = VfTable.from(portConfigs(VFS));

/**
 * How long after its time a timer comes, over and over: what any other callback of the loop would wait as well.
 * @param {import('node:perf_hooks').RecordableHistogram} histogram
 */
async function watchLoop(histogram) {
  const end = performance.now() + Number(options.window);
  for (let now = performance.now(); now < end;) {
    await sleep(TICK_MS);
    const then = performance.now();
    histogram.record(Math.max(1, Math.round((then - now) * 1e6)));
    now = then;
  }
}

const idle = createHistogram();
const busy = createHistogram();
let requests = 0;
for (let round = -1; round < Number(options.rounds); round++) {
  if (round === 0) for (const histogram of [idle, busy]) histogram.reset();
  await watchLoop(idle);
  const window = { over: false };
  const work = pfs.map(async (pf) => {
    while (!window.over) {
      const { applied, requested } = await pf.programVfs(table);
      if (applied !== requested) throw new Error(`${pf.name}: ${applied} of ${requested} settings applied`);
      requests += 1;
    }
  });
  await watchLoop(busy);
  window.over = true;
  await Promise.all(work);
}
for (const device of devices) device.remove();

console.log(
  `${PFS} PFs with ${VFS} VFs each, ${requests} requests; a timer of ${TICK_MS} ms comes after\n\n      median     p99        longest    timers`,
);
for (const [name, histogram] of /** @type {const} */ ([
  ['idle', idle],
  ['busy', busy],
])) {
  const cells = [histogram.percentile(50), histogram.percentile(99), histogram.max].map((ns) =>
    formatNs(ns).padEnd(10),
  );
  console.log(`${name}  ${cells.join(' ')} ${histogram.count}`);
}
console.log();
const claims = new Claims();
const limit = isEmulated() ? 6 : 2;
claims.atMost(
  'loop delay while programming, times idle, p99',
  busy.percentile(99) / idle.percentile(99),
  limit,
);
claims.atLeast('requests while it was measured', requests, PFS * Number(options.rounds));
claims.close();
