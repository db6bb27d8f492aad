/**
 * The stages of `npm test`: what each runs, where, and how it is counted.
 *
 * Owns the commands. What is done with their outcome is up to main.mjs and tally.mjs. Must never hold a rule of
 * a test itself.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';

import { ROOT } from '../lib/paths.mjs';
import { runCommand } from './command.mjs';
import { tallyOfLastLine, tallyOfVitest } from './tally.mjs';

/** @typedef {{ end: string, tally: import('./tally.mjs').Tally | undefined }} Ran */

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {string} what it does, for the reader of the output
 * @property {boolean} [inMachine] it uses the virtual machine that the stages share
 * @property {() => string | undefined} [absent] says why there is nothing to run, when that is so
 * @property {(machine: string) => Promise<Ran>} run `machine` is the name of the virtual machine to use
 */

/** No stage takes this long; one that does hangs. Seconds. */
const STAGE_TIMEOUT = 1800;

const bin = (/** @type {string} */ name) => path.join(ROOT, 'node_modules/.bin', name);
const vitest = (/** @type {string} */ project) => [
  process.execPath,
  path.join(ROOT, 'node_modules/vitest/vitest.mjs'),
  'run',
  `--project=${project}`,
  '--reporter=default',
  `--reporter=${path.join(ROOT, 'scripts/test/vitest-reporter.mjs')}`,
];

/** @type {readonly Stage[]} */
export const STAGES = [
  { name: 'lint', what: 'lint, format and types', run: lint },
  { name: 'native', what: 'C++ unit tests under AddressSanitizer and UBSan', run: native },
  { name: 'unit', what: 'unit tests', run: () => runVitest(vitest('unit')) },
  { name: 'contract', what: 'builds, packing and loading', run: () => runVitest(vitest('contract')) },
  { name: 'vm', what: 'the virtual machine itself', run: harness },
  {
    name: 'kernel',
    what: 'netdevsim, in the machine',
    run: (machine) => inMachine(machine, vitest('kernel')),
  },
  {
    name: 'hardware',
    what: "QEMU's igb, in the machine",
    inMachine: true,
    absent: () => (hasTests('test/hardware') ? undefined : 'test/hardware has no tests yet'),
    run: (machine) => inMachine(machine, vitest('hardware')),
  },
  {
    name: 'kernel-asan',
    what: 'netdevsim again, with a sanitized addon',
    inMachine: true,
    run: kernelWithSanitizers,
  },
];

/** Each check counts as one test. @returns {Promise<Ran>} */
async function lint() {
  let passed = 0;
  let failed = 0;
  for (const argv of [[bin('oxlint')], [bin('oxfmt'), '--check'], ['npm', 'run', '--silent', 'typecheck']]) {
    const { end } = await runCommand(argv);
    if (end === '0') passed += 1;
    else failed += 1;
    console.log(`${end === '0' ? 'passed' : `FAILED (${end})`}: ${path.basename(argv.join(' '))}`);
  }
  return { end: '0', tally: { passed, failed, skipped: [] } };
}

/** @returns {Promise<Ran>} */
async function native() {
  const built = await buildSanitized();
  if (built !== '0') return { end: `a failed build (${built})`, tally: undefined };
  const { lines, end } = await runCommand([path.join(ROOT, 'build-asan/sriov-native-tests')], {
    ASAN_OPTIONS: 'detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1',
    UBSAN_OPTIONS: 'print_stacktrace=1',
  });
  return { end, tally: tallyOfLastLine(lines) };
}

/** The addon and the native tests, both under sanitizers, into build-asan/. @returns {Promise<string>} */
async function buildSanitized() {
  const configure = ['cmake', '-S', ROOT, '-B', 'build-asan', '-DSANITIZE=address,undefined'];
  const { end } = await runCommand([...configure, '-DCMAKE_CXX_COMPILER=g++', '--log-level=WARNING']);
  if (end !== '0') return end;
  // Without a number, make starts all compilers at once.
  const jobs = String(availableParallelism());
  return (await runCommand(['cmake', '--build', 'build-asan', '--parallel', jobs])).end;
}

/** @param {readonly string[]} argv @returns {Promise<Ran>} */
async function runVitest(argv) {
  const { lines, end } = await runCommand(argv);
  return { end, tally: tallyOfVitest(lines) };
}

/** @returns {Promise<Ran>} */
async function harness() {
  const { lines, end } = await runCommand([process.execPath, 'test/vm/harness.test.mjs']);
  return { end, tally: tallyOfLastLine(lines) };
}

/**
 * The machine stays up for the next stage; main.mjs ends it.
 * @param {string} machine
 * @param {readonly string[]} argv
 * @param {Record<string, string>} [env]
 * @returns {Promise<Ran>}
 */
function inMachine(machine, argv, env = {}) {
  const words = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  const options = ['--name', machine, '--keep', '--timeout', String(STAGE_TIMEOUT), ...words];
  return runVitest([process.execPath, 'test/vm/vm.mjs', 'run', ...options, '--', ...argv]);
}

/**
 * AddressSanitizer has to be in the process before the addon is. Leaks are not looked for: what V8 holds at the
 * end of a process looks like one. Left out are tests that compare times, which a sanitizer changes, and those that
 * preload a library of their own or are about processes and files rather than the addon.
 * @param {string} machine
 * @returns {Promise<Ran>}
 */
async function kernelWithSanitizers(machine) {
  const built = await buildSanitized();
  if (built !== '0') return { end: `a failed build (${built})`, tally: undefined };
  const library = execFileSync('g++', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim();
  const leftOut = ['port-crash', 'port-scale', 'port-two-processes', 'store-full', 'cli-port', 'agent-*'];
  const excludes = leftOut.map((name) => `--exclude=test/kernel/${name}.test.ts`);
  return inMachine(machine, [...vitest('kernel'), ...excludes], {
    LD_PRELOAD: realpathSync(library),
    ASAN_OPTIONS: 'detect_leaks=0:strict_string_checks=1',
    UBSAN_OPTIONS: 'print_stacktrace=1',
    SRIOV_ADDON: path.join(ROOT, 'build-asan/sriov.node'),
  });
}

/** @param {string} folder @returns {boolean} */
function hasTests(folder) {
  const full = path.join(ROOT, folder);
  return (
    existsSync(full) &&
    readdirSync(full, { recursive: true }).some((name) => String(name).endsWith('.test.ts'))
  );
}

/** @returns {Promise<void>} ends the machine that the stages shared, if it is up */
export async function endMachine(/** @type {string} */ machine) {
  await runCommand([process.execPath, 'test/vm/vm.mjs', 'down', '--name', machine, '--quiet']);
}
