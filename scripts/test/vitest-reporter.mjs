/**
 * A vitest reporter that hands its counts to the test runner in one line of output, so that a run inside the
 * virtual machine is counted as one outside is, without a shared file.
 *
 * Owns what vitest's results mean as a count: a file that could not be loaded and an error outside of any test
 * are failures. With SRIOV_ADDON set it also proves that this addon, and no other, was in the process: a
 * sanitizer that was not loaded finds nothing. Must never print anything else than its lines.
 */

import { readFileSync, realpathSync } from 'node:fs';

import { TALLY_MARK } from './tally.mjs';

export default class TallyReporter {
  #wanted = process.env.SRIOV_ADDON;
  #seen = false;

  /** Looked for while the test's thread is there: Node unloads an addon with the last thread that has it. */
  onTestModuleEnd() {
    this.#look();
  }

  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<unknown>} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    this.#look();
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (/** @type {string} */ state) =>
      tests.filter((test) => test.result().state === state).length;
    let failed = count('failed') + unhandledErrors.length + modules.filter(brokeOutsideTests).length;
    if (this.#wanted !== undefined && !this.#seen) {
      process.stdout.write(`no test loaded the addon SRIOV_ADDON=${this.#wanted}\n`);
      failed += 1;
    }
    const skipped = tests.flatMap((test) => {
      const result = test.result();
      return result.state === 'skipped'
        ? [{ name: `${test.module.relativeModuleId}: ${test.fullName}`, reason: result.note ?? '' }]
        : [];
    });
    const pending = count('pending');
    process.stdout.write(
      `${TALLY_MARK}${JSON.stringify({ passed: count('passed'), failed: failed + pending, skipped })}\n`,
    );
  }

  #look() {
    if (this.#wanted === undefined || this.#seen) return;
    this.#seen = readFileSync('/proc/self/maps', 'utf8').includes(realpathSync(this.#wanted));
  }
}

/** @param {import('vitest/node').TestModule} module @returns {boolean} a hook or the loading of the file failed */
function brokeOutsideTests(module) {
  const suites = [...module.children.allSuites()];
  return module.errors().length > 0 || suites.some((suite) => suite.errors().length > 0);
}
