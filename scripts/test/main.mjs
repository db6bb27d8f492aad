/**
 * `node scripts/test/main.mjs [--only STAGE[,STAGE...]]...`: runs the stages of stages.mjs and closes on the line
 * `N passed, N failed`.
 *
 * Owns the order, the command line and the exit status. A stage that fails does not keep the next from running.
 */

import { parseArgs } from 'node:util';

import { STAGES, endMachine } from './stages.mjs';
import { judgeStage, summarise } from './tally.mjs';

const USAGE = `usage: npm test -- [--only STAGE[,STAGE...]]...

${STAGES.map(({ name, what }) => `  ${name.padEnd(12)} ${what}`).join('\n')}`;

/** @returns {readonly import('./stages.mjs').Stage[]} */
function chosenStages() {
  const { values } = parseArgs({
    options: { only: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const names = values.only?.flatMap((word) => word.split(','));
  const unknown = names?.find((name) => !STAGES.some((stage) => stage.name === name));
  if (unknown !== undefined) throw new Error(`no such stage: ${unknown}`);
  return names === undefined ? STAGES : STAGES.filter(({ name }) => names.includes(name));
}

/**
 * @param {import('./stages.mjs').Stage} stage
 * @returns {Promise<import('./stages.mjs').Ran>} that it threw is an outcome as well: the others still run
 */
async function runStage(stage) {
  try {
    return await stage.run(machine);
  } catch (error) {
    return { end: error instanceof Error ? error.message : String(error), tally: undefined };
  }
}

let stages;
try {
  stages = chosenStages();
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  process.exit(64);
}

// A machine of this run's own: whatever another one was left in does not matter here.
const machine = `test-${process.pid}`;
let interrupted = false;
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.on(signal, () => {
    interrupted = true;
  });
}

const results = [];
const notes = [];
for (const stage of stages) {
  const absent = stage.absent?.();
  if (absent !== undefined) {
    notes.push(`absent ${stage.name}: ${absent}`);
    continue;
  }
  console.log(`\n== ${stage.name}: ${stage.what}`);
  const start = performance.now();
  const { end, tally } = interrupted ? { end: 'interrupted', tally: undefined } : await runStage(stage);
  const seconds = (performance.now() - start) / 1000;
  results.push(judgeStage({ stage: stage.name, seconds, end, tally }));
  console.log(`== ${stage.name}: ${seconds.toFixed(1)} s`);
}
if (stages.some((stage) => stage.inMachine)) await endMachine(machine);

const { lines, ok } = summarise(results);
console.log(`\n${[...notes, ...lines].join('\n')}`);
process.exitCode = ok ? 0 : 1;
