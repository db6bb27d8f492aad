// @ts-check
/**
 * Progress lines of the virtual machine's long steps: what is being done, and how long it took.
 *
 * Owns the wording and the clock. Must never write to stdout: that belongs to the command that
 * runs in the guest.
 */

/**
 * @typedef {(line: string) => void} Log
 * Takes one finished line, without its newline.
 */

/**
 * Writes a line to stderr, marked as the harness's own.
 * @type {Log}
 */
export const logToStderr = (line) => {
  process.stderr.write(`vm: ${line}\n`);
};

/**
 * Says nothing.
 * @type {Log}
 */
export const silent = () => {};

/**
 * @param {number} startedAt as from `performance.now()`
 * @returns {string} for example `3.2 s` or `2 min 05 s`
 */
export function elapsed(startedAt) {
  const seconds = (performance.now() - startedAt) / 1000;
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/**
 * Runs one long step: a line when it starts, a sign of life every ten seconds (a silent build
 * looks like a hung one), a line with the elapsed time when it is done.
 * @template T
 * @param {Log} log
 * @param {string} title what is done, as in "build netdevsim"
 * @param {() => Promise<T>} body
 * @returns {Promise<T>} what the body returns
 * @throws whatever the body throws, after a line that says the step failed
 */
export async function step(log, title, body) {
  const startedAt = performance.now();
  log(`${title} ...`);
  const beat = setInterval(() => log(`${title} ... ${elapsed(startedAt)}`), 10_000);
  try {
    const result = await body();
    log(`${title}: done in ${elapsed(startedAt)}`);
    return result;
  } catch (error) {
    log(`${title}: failed after ${elapsed(startedAt)}`);
    throw error;
  } finally {
    clearInterval(beat);
  }
}
