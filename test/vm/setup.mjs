// @ts-check
/**
 * What the host must have before a machine can be built and run: Debian packages.
 *
 * Owns the list of packages and the rule that only what is missing is installed. Without root it
 * installs nothing and says which command to run. Must never remove, upgrade or reconfigure a
 * package: the guest's kernel, headers and sources are unpacked into the cache instead.
 */

import { aptInstall, aptUpdate } from './apt.mjs';
import {
  BACKPORTS_FILE,
  deriveBackports,
  hostCodename,
  readHostSources,
  writeBackports,
} from './backports.mjs';
import { VmError } from './errors.mjs';
import { capture, hasProgram } from './process.mjs';

/** @typedef {import("./progress.mjs").Log} Log */

/** The first QEMU with `-device igb`. */
export const QEMU_MINIMUM = 8;

/**
 * Programs on the host, the package that brings each, and what for. The guest's root is the
 * host's, so that tools which tests run in the guest belong here as well.
 */
const PROGRAMS = /** @type {const} */ ([
  ['gcc', 'gcc', "the guest's agent and netdevsim"],
  ['make', 'make', 'netdevsim'],
  ['xz', 'xz-utils', "the kernel's sources"],
  ['ip', 'iproute2', 'tests in the guest'],
  ['strace', 'strace', 'tests in the guest'],
]);

/** Libraries without a program of their own to look for. */
const LIBRARIES = /** @type {const} */ ([['libc6-dev', "a static libc for the guest's agent"]]);

/** @returns {Promise<number>} QEMU's major version, 0 if it is not installed */
export async function qemuMajor() {
  const { status, stdout } = await capture(['qemu-system-x86_64', '--version']);
  return status === 0 ? Number(/version (\d+)/.exec(stdout)?.[1] ?? 0) : 0;
}

/** @returns {Promise<string[]>} packages to install, QEMU aside */
async function missingPackages() {
  /** @type {string[]} */
  const missing = [];
  for (const [program, name] of PROGRAMS) if (!(await hasProgram(program))) missing.push(name);
  for (const [name] of LIBRARIES) {
    const { stdout } = await capture(['dpkg-query', '-W', '-f', '${db:Status-Abbrev}', name]);
    if (!stdout.startsWith('ii')) missing.push(name);
  }
  return missing;
}

/** @returns {Promise<number>} the major version of QEMU that apt would install without being told a suite */
async function qemuCandidateMajor() {
  const { stdout } = await capture(['apt-cache', 'policy', 'qemu-system-x86']);
  return Number(/Candidate: (?:\d+:)?(\d+)/.exec(stdout)?.[1] ?? 0);
}

/**
 * Makes sure that everything the harness runs on the host is there.
 * @param {{ log: Log }} options
 * @returns {Promise<void>}
 * @throws {VmError} SETUP when packages are missing and cannot be installed
 */
export async function setupHost({ log }) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new VmError(
      'SETUP',
      `the test machine needs an x86-64 Linux host, this is ${process.platform} ${process.arch}`,
    );
  }
  const missing = await missingPackages();
  const needQemu = (await qemuMajor()) < QEMU_MINIMUM;
  if (missing.length === 0 && !needQemu) return;
  if (!(await hasProgram('apt-get'))) {
    const wanted = [...missing, ...(needQemu ? [`QEMU ${QEMU_MINIMUM} or newer (qemu-system-x86_64)`] : [])];
    throw new VmError('SETUP', `please install with your distribution's tools: ${wanted.join(', ')}`);
  }
  const root = process.getuid?.() === 0;
  if (root) await aptUpdate({ log });

  /** @type {string | undefined} */
  let suite;
  if (needQemu && (await qemuCandidateMajor()) < QEMU_MINIMUM) {
    const codename = await hostCodename();
    const sources = await readHostSources();
    suite = `${codename}-backports`;
    if (!sources.some((source) => source.suites.includes(`${codename}-backports`))) {
      const text = deriveBackports(sources, codename);
      if (text === null)
        throw new VmError('SETUP', `QEMU ${QEMU_MINIMUM} or newer is needed, and no apt source has it`);
      if (!root) throw new VmError('SETUP', commandsToRun({ missing, needQemu, suite, source: text }));
      log(`adding the ${codename}-backports suite of this host's own mirror in ${BACKPORTS_FILE}`);
      log('(QEMU 8 or newer emulates the igb NIC; no other package is taken from there)');
      await writeBackports(text);
      await aptUpdate({ log, sources: suite });
    }
  }
  if (!root) throw new VmError('SETUP', commandsToRun({ missing, needQemu, suite, source: null }));
  if (missing.length > 0) await aptInstall(missing, { log });
  if (needQemu) await aptInstall(['qemu-system-x86'], { log, suite });
  if ((await qemuMajor()) < QEMU_MINIMUM)
    throw new VmError('SETUP', `QEMU is still older than ${QEMU_MINIMUM}`);
}

/**
 * @param {object} wanted
 * @param {string[]} wanted.missing packages of the host's own suite
 * @param {boolean} wanted.needQemu
 * @param {string | undefined} wanted.suite where QEMU comes from, if not from the host's own suite
 * @param {string | null} wanted.source the text of the backports source to add, null if there is none to add
 * @returns {string} a message with the exact commands for someone who may use sudo
 */
function commandsToRun({ missing, needQemu, suite, source }) {
  const install = '  sudo apt-get install --no-install-recommends';
  const lines = ['some packages are missing, and installing them needs root. Please run:'];
  if (source !== null) lines.push(`  sudo tee ${BACKPORTS_FILE} <<'EOF'\n${source}EOF`);
  lines.push('  sudo apt-get update');
  if (missing.length > 0) lines.push(`${install} ${missing.join(' ')}`);
  if (needQemu) lines.push(`${install} ${suite === undefined ? '' : `-t ${suite} `}qemu-system-x86`);
  return lines.join('\n');
}
