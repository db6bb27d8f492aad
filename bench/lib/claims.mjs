/**
 * What a benchmark claims: each claim is a number beside its limit, said and counted.
 *
 * Owns the lines that are printed and the closing `N passed, N failed`. Limits are ratios and counts, never times.
 */

export class Claims {
  #passed = 0;
  #failed = 0;

  /** @param {string} what @param {number} value @param {number} most @param {string} [detail] */
  atMost(what, value, most, detail) {
    this.#say(value <= most, `${what}: ${round(value)}, at most ${most}`, detail);
  }

  /** @param {string} what @param {number} value @param {number} least @param {string} [detail] */
  atLeast(what, value, least, detail) {
    this.#say(value >= least, `${what}: ${round(value)}, at least ${least}`, detail);
  }

  /** @param {string} what @param {boolean} holds @param {string} [detail] */
  holds(what, holds, detail) {
    this.#say(holds, what, detail);
  }

  /** Prints the count and sets the exit status. */
  close() {
    console.log(`\n${this.#passed} passed, ${this.#failed} failed`);
    process.exitCode = this.#failed === 0 ? 0 : 1;
  }

  /** @param {boolean} ok @param {string} text @param {string | undefined} detail */
  #say(ok, text, detail) {
    if (ok) this.#passed += 1;
    else this.#failed += 1;
    console.log(`${ok ? 'passed' : 'FAILED'}  ${text}${detail === undefined ? '' : ` (${detail})`}`);
  }
}

/** @param {number} value */
const round = (value) => (Number.isInteger(value) ? String(value) : value.toPrecision(3));
