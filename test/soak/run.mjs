/**
 * Random faults, one after the other, and after each the check that the agent has everything as it must be:
 *
 *     node test/soak/run.mjs [--seconds 60] [--seed N] [--pfs 3] [--all]
 *
 * Runs as root in the machine for tests: `npm run soak` takes it there. The same seed makes the same faults in the
 * same order; how many of them depends on the time, and with `--all` each kind is done once at least. Ends with
 * status 1 at the first thing that is not as it must be.
 */
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { FAULTS } from './faults.mjs';
import { randomFrom } from './random.mjs';
import { World } from './world.mjs';

/** How long the agent may take to have seen to a fault, in ms: it only ends a run that is wrong. */
const PATIENCE_MS = 120_000;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    pfs: { type: 'string', default: '3' },
    all: { type: 'boolean', default: false },
  },
});
const random = randomFrom(Number(values.seed));
const kinds = Object.keys(FAULTS);
const world = new World();
/** @type {Map<string, number>} */
const done = new Map(kinds.map((kind) => [kind, 0]));
let checks = 0;
let checkedVfs = 0;
let slowestMs = 0;

console.log(`soak: seed ${values.seed}, ${values.seconds} s, ${values.pfs} PFs and one without faults`);
await world.open(Number(values.pfs));
await settled('at the start');
const end = performance.now() + Number(values.seconds) * 1000;
for (let step = 1; performance.now() < end || (values.all && step <= kinds.length); step++) {
  // The first round has each kind once, so that a short run has seen them all.
  const kind = (step <= kinds.length ? kinds[step - 1] : random.pick(kinds)) ?? '';
  const said = await FAULTS[kind]?.(world, random);
  done.set(kind, (done.get(kind) ?? 0) + 1);
  const ms = await settled(`step ${step}: ${kind}: ${said}`);
  console.log(`${String(step).padStart(5)} ${String(Math.round(ms)).padStart(6)} ms  ${kind}: ${said}`);
}
await world.stopAgent();
await settled('when the agent has ended');
const findings = await world.findings();
if (findings.length > 0)
  fail(
    'in the store',
    findings.map((finding) => JSON.stringify(finding)),
  );
const { counters, lives, controlTouched } = world;
if (counters.healthyWrites > 0) fail('by its own count', [`${counters.healthyWrites} writes to healthy VFs`]);
await world.close();

console.log('');
for (const [kind, count] of done) console.log(`${String(count).padStart(6)}  ${kind}`);
const faults = [...done.values()].reduce((sum, count) => sum + count, 0);
console.log(
  `soak: seed ${values.seed}: ${faults} faults of ${kinds.length} kinds, ${checks} checks of ${checkedVfs} VFs, ` +
    `${lives} lives of the agent, slowest ${Math.round(slowestMs)} ms`,
);
console.log(
  `soak: ${counters.drifts} drifts, ${counters.repairs} repairs, ${counters.dumps} dumps, ${counters.messages} messages; ` +
    `writes to healthy VFs: ${counters.healthyWrites} by its own count, ${controlTouched} announced of the PF without faults`,
);

/**
 * Waits until all is as it must be.
 *
 * @param {string} when
 * @returns {Promise<number>} ms
 */
async function settled(when) {
  const begun = performance.now();
  for (;;) {
    const wrong = await world.wrong();
    if (wrong.length === 0) break;
    if (world.controlTouched > 0 || performance.now() - begun > PATIENCE_MS) fail(when, wrong);
    await sleep(20);
  }
  const ms = performance.now() - begun;
  checks++;
  checkedVfs += world.checkedVfs;
  slowestMs = Math.max(slowestMs, ms);
  return ms;
}

/** @param {string} when @param {readonly string[]} wrong @returns {never} */
function fail(when, wrong) {
  console.log(`soak: FAILED with seed ${values.seed}, ${when}`);
  for (const line of wrong.slice(0, 20)) console.log(`  ${line}`);
  for (const event of world.events.slice(-30)) console.log(`  ${JSON.stringify(event)}`);
  process.exit(1);
}
