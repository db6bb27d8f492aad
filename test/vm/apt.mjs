// @ts-check
/**
 * apt, for the set-up: update the lists, install, download, ask.
 *
 * Owns apt's options and what is said when it fails. Must never remove or upgrade a package.
 */

import { VmError } from './errors.mjs';
import { capture } from './process.mjs';
import { step } from './progress.mjs';

/** @typedef {import("./progress.mjs").Log} Log */

/** Debian's own automatic updates hold apt's locks for minutes on a machine that has just started. */
const LOCK_TRIES = 60;
const LOCK_PAUSE_MS = 2_000;

/** Whoever waits for a mirror that is not there wants to hear of it soon. */
const NETWORK = [
  '-o',
  'Acquire::http::Timeout=20',
  '-o',
  'Acquire::https::Timeout=20',
  '-o',
  'Acquire::Retries=2',
];

/** @type {string | null} the apt-get update that this process has done already */
let updatedFor = null;
let isStale = false;

/**
 * @param {string} verb
 * @param {readonly string[]} words
 * @param {{ cwd?: string, log: Log, what: string }} options `what` apt is doing, for the error
 * @returns {Promise<void>}
 * @throws {VmError} SETUP, with what apt said
 */
async function apt(verb, words, { cwd, log, what }) {
  const argv = ['apt-get', '-q', '-y', ...NETWORK, '-o', `DPkg::Lock::Timeout=${LOCK_TRIES}`, verb, ...words];
  const options = { env: { DEBIAN_FRONTEND: 'noninteractive' }, ...(cwd === undefined ? {} : { cwd }) };
  for (let tries = 1; ; tries++) {
    const { status, stdout, stderr } = await capture(argv, options);
    if (status === 0) return;
    // DPkg::Lock::Timeout covers the installing only, not the lists.
    if (/Could not get lock|Unable to lock/.test(stderr) && tries < LOCK_TRIES) {
      if (tries === 1) log('another apt is running: waiting for it');
      await new Promise((resolve) => setTimeout(resolve, LOCK_PAUSE_MS));
      continue;
    }
    const said = stderr.trim() || stdout.trim();
    throw new VmError('SETUP', `${what} failed: ${hint(said)}\n  ${argv.join(' ')}\n${lastLines(said)}`);
  }
}

/** @param {string} said @returns {string} what to do about it */
function hint(said) {
  const unreachable = "apt cannot reach this host's package mirror; please check the network and /etc/apt";
  if (isStale) return unreachable;
  if (/Unable to locate package|Version '.*' for '.*' was not found|404 +Not Found/.test(said)) {
    return 'the package lists are out of date; please run: sudo apt-get update';
  }
  if (
    /resolv|connect|timed out|Timeout|Network is unreachable|Failed to fetch|Some index files/i.test(said)
  ) {
    return unreachable;
  }
  return 'apt said:';
}

/** @param {string} text */
const lastLines = (text) =>
  text
    .split('\n')
    .slice(-15)
    .map((line) => `  | ${line}`)
    .join('\n');

/**
 * Fetches the package lists; the second call in one process does nothing, unless the sources have changed.
 * A failure is only told: one of many sources may be down, and the lists that are there may do.
 * @param {{ log: Log, sources?: string }} options `sources` names a change of the sources
 * @returns {Promise<void>}
 */
export async function aptUpdate({ log, sources = '' }) {
  if (updatedFor !== null && (sources === '' || sources === updatedFor)) return;
  // By default apt-get update calls it a success when it could fetch nothing.
  const words = ['-o', 'APT::Update::Error-Mode=any'];
  updatedFor = sources;
  try {
    await step(log, 'apt-get update', () =>
      apt('update', words, { log, what: 'fetching the package lists' }),
    );
  } catch (error) {
    isStale = true;
    log(error instanceof VmError ? error.message : String(error));
  }
}

/**
 * @param {readonly string[]} packages
 * @param {{ log: Log, suite?: string | undefined }} options
 * @returns {Promise<void>}
 * @throws {VmError} SETUP
 */
export async function aptInstall(packages, { log, suite }) {
  const words = ['--no-install-recommends', ...(suite === undefined ? [] : ['-t', suite]), ...packages];
  const title = `install ${packages.join(' ')}`;
  await step(log, title, () => apt('install', words, { log, what: `to ${title}` }));
}

/**
 * Fetches package files into a folder, and installs nothing.
 * @param {readonly string[]} packages `NAME` or `NAME=VERSION`
 * @param {{ into: string, log: Log }} options
 * @returns {Promise<void>}
 * @throws {VmError} SETUP
 */
export function aptDownload(packages, { into, log }) {
  // apt-get download drops to user _apt, who may not write to the cache.
  const words = ['-o', 'APT::Sandbox::User=root', ...packages];
  return apt('download', words, { cwd: into, log, what: 'downloading packages' });
}

/**
 * @param {string} name of a package
 * @returns {Promise<string[]>} the packages that its newest version depends on, without alternatives
 */
export async function aptDepends(name) {
  const { stdout } = await capture(['apt-cache', 'depends', '--important', name]);
  return [...stdout.matchAll(/^ +(?:Pre)?Depends: ([^\s<]+)/gm)].map((match) => String(match[1]));
}
