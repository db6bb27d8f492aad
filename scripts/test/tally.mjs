/**
 * Adds up what the test stages report, and says it.
 *
 * Owns the arithmetic and the rule of what counts as a failure: a stage that broke off, that ran nothing, or
 * that skipped a test without a reason has failed, whatever its exit status says. Must never start anything.
 */

/**
 * @typedef {object} Skipped
 * @property {string} name of the test, with its file
 * @property {string} reason empty when the test gave none
 */

/**
 * @typedef {object} Tally what one stage counted
 * @property {number} passed
 * @property {number} failed
 * @property {Skipped[]} skipped
 */

/**
 * @typedef {object} StageResult
 * @property {string} stage
 * @property {number} seconds
 * @property {Tally} tally
 * @property {string[]} problems why the stage as a whole counts as failed; each adds one to the failures
 */

/** Starts each line by which vitest-reporter.mjs hands over its counts. */
export const TALLY_MARK = '@sriov-tally ';

/** @param {string} line @returns {boolean} whether it is for the machine and not for a reader */
export const isTallyLine = (line) => line.startsWith(TALLY_MARK);

/**
 * @param {readonly string[]} lines all output of a stage that ran vitest; several runs add up
 * @returns {Tally | undefined} undefined when no run got to its end
 */
export function tallyOfVitest(lines) {
  const tallies = lines
    .filter(isTallyLine)
    .map((line) => /** @type {Tally} */ (JSON.parse(line.slice(TALLY_MARK.length))));
  return tallies.length === 0 ? undefined : addTallies(tallies);
}

/**
 * @param {readonly string[]} lines all output of a stage
 * @returns {Tally | undefined} of the last line that is not blank, when it is `N passed, N failed` or has `, N skipped`
 *   besides; the reasons are then looked for in lines such as `skipped NAME: REASON`
 */
export function tallyOfLastLine(lines) {
  const last = lines.findLast((line) => line.trim() !== '') ?? '';
  const match = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(last.trim());
  if (match === null) return undefined;
  const skipped = lines.flatMap((line) => {
    const [, name, reason] = /^\s*skipped:? (.+?): (.+)$/.exec(line) ?? [];
    return name === undefined || reason === undefined ? [] : [{ name, reason }];
  });
  for (let i = skipped.length; i < Number(match[3] ?? 0); i++)
    skipped.push({ name: `test ${i + 1}`, reason: '' });
  return { passed: Number(match[1]), failed: Number(match[2]), skipped };
}

/**
 * @param {object} outcome of a stage's command
 * @param {string} outcome.stage
 * @param {number} outcome.seconds
 * @param {string} outcome.end what became of the command: `0` for a clean exit, else such as `exit 1` or `SIGABRT`
 * @param {Tally | undefined} outcome.tally undefined when it did not say
 * @returns {StageResult}
 */
export function judgeStage({ stage, seconds, end, tally }) {
  const problems = [];
  if (tally === undefined)
    problems.push(`did not get to its end (${end === '0' ? 'no count was printed' : end})`);
  else if (end !== '0' && tally.failed === 0) problems.push(`no test failed, yet it ended with ${end}`);
  else if (tally.passed + tally.failed === 0) problems.push('ran no test');
  for (const { name, reason } of tally?.skipped ?? []) {
    if (reason.trim() === '') problems.push(`skipped without a reason: ${name}`);
  }
  return { stage, seconds, tally: tally ?? { passed: 0, failed: 0, skipped: [] }, problems };
}

/**
 * @param {readonly StageResult[]} results
 * @returns {{ lines: string[], ok: boolean }} what to print, the last line being `N passed, N failed`, with
 *   `, N skipped` when there are any
 */
export function summarise(results) {
  const total = addTallies(results.map((result) => result.tally));
  const problems = results.flatMap(({ stage, problems: own }) => own.map((text) => `${stage}: ${text}`));
  if (results.length === 0) problems.push('no stage was run');
  const failed = total.failed + problems.length;
  const skipped = results.flatMap(({ stage, tally }) =>
    tally.skipped.map(({ name, reason }) => `skipped ${stage}: ${name}: ${reason || 'NO REASON GIVEN'}`),
  );
  const counts = [`${total.passed} passed`, `${failed} failed`];
  if (skipped.length > 0) counts.push(`${skipped.length} skipped`);
  return {
    lines: [
      ...results.map(stageLine),
      ...skipped,
      ...problems.map((text) => `FAILED ${text}`),
      counts.join(', '),
    ],
    ok: failed === 0,
  };
}

/** @param {StageResult} result */
function stageLine({ stage, seconds, tally, problems }) {
  const failed = tally.failed + problems.length;
  const skipped = tally.skipped.length > 0 ? `, ${tally.skipped.length} skipped` : '';
  return `${failed === 0 ? 'ok    ' : 'FAILED'} ${stage.padEnd(12)} ${seconds.toFixed(1).padStart(7)} s  ${tally.passed} passed, ${failed} failed${skipped}`;
}

/** @param {readonly Tally[]} tallies @returns {Tally} */
function addTallies(tallies) {
  return {
    passed: tallies.reduce((sum, tally) => sum + tally.passed, 0),
    failed: tallies.reduce((sum, tally) => sum + tally.failed, 0),
    skipped: tallies.flatMap((tally) => tally.skipped),
  };
}
