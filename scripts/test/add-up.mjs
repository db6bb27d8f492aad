/**
 * `node scripts/test/add-up.mjs LOG...`: closes on `N passed, N failed` over runs that each closed on it.
 *
 * Owns no rule of what counts: tally.mjs does. A log that did not get to its closing line is a failure.
 */

import { readFileSync } from 'node:fs';
import path from 'node:path';

import { judgeStage, summarise, tallyOfLastLine } from './tally.mjs';

const results = process.argv.slice(2).map((file) => {
  const tally = tallyOfLastLine(readFileSync(file, 'utf8').split('\n'));
  return judgeStage({ stage: path.basename(file, '.log'), seconds: 0, end: '0', tally });
});
const { lines, ok } = summarise(results);
// Not the lines of each run, which stand in its own output.
console.log(`\n${lines.slice(results.length).join('\n')}`);
process.exitCode = ok ? 0 : 1;
