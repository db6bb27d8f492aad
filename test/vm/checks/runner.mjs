// @ts-check
/**
 * A runner for checks that share one machine: in order, each with its time, a count at the end.
 *
 * Owns the last line, `N passed, N failed`. Must never count what did not run as passed.
 */

import { elapsed } from '../progress.mjs';

export class Checks {
  #passed = 0;
  #failed = 0;

  /**
   * @param {string} title what holds if the body does not throw
   * @param {() => unknown} body
   * @returns {Promise<void>}
   */
  async check(title, body) {
    const startedAt = performance.now();
    try {
      await body();
      this.#passed++;
      process.stdout.write(`ok      ${title} (${elapsed(startedAt)})\n`);
    } catch (error) {
      this.#failed++;
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.stdout.write(`NOT OK  ${title} (${elapsed(startedAt)})\n${text.replace(/^/gm, '        ')}\n`);
    }
  }

  /** Prints the last line and sets the exit status. */
  finish() {
    process.stdout.write(`${this.#passed} passed, ${this.#failed} failed\n`);
    process.exitCode = this.#failed > 0 || this.#passed === 0 ? 1 : 0;
  }
}
