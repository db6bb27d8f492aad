/**
 * `node scripts/prebuild.mjs [--out FOLDER] [--arch x64,arm64]`: the binaries that travel in the npm tarball, into
 * prebuilds/linux-ARCH/sriov.node, each checked to load everywhere.
 *
 * Owns how prebuildify is called: in a copy of what the addon is made from, so that the checkout's own build
 * stays as it is. Without --arch it builds for this processor, and for the others whose cross compiler is installed
 * (Debian: g++-aarch64-linux-gnu, g++-x86-64-linux-gnu), and says which it left out. Must never put out a binary
 * that check-abi refuses.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { nodeHeaders } from './lib/node-headers.mjs';
import { ROOT } from './lib/paths.mjs';

/** The prefix of the cross tools by Node's name of the processor. */
const TRIPLETS = /** @type {const} */ ({ x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' });

/** @typedef {keyof typeof TRIPLETS} Arch */

const { values } = parseArgs({ options: { out: { type: 'string' }, arch: { type: 'string' } } });
const out = path.resolve(values.out ?? ROOT);

for (const arch of values.arch === undefined ? buildable() : asked(values.arch)) prebuild(arch);

/** @param {string} words @returns {Arch[]} */
function asked(words) {
  return words.split(',').map((word) => {
    if (!(word in TRIPLETS))
      throw new Error(`--arch is one of ${Object.keys(TRIPLETS).join(', ')}, not ${word}`);
    return /** @type {Arch} */ (word);
  });
}

/** @returns {Arch[]} */
function buildable() {
  return /** @type {Arch[]} */ (Object.keys(TRIPLETS)).filter((arch) => {
    const tools = toolsFor(arch);
    const there = spawnSync(tools.CXX, ['--version'], { stdio: 'ignore' }).status === 0;
    if (!there) console.log(`linux-${arch}: left out, ${tools.CXX} is not installed`);
    return there;
  });
}

/** @param {Arch} arch */
function toolsFor(arch) {
  const prefix = arch === process.arch ? '' : `${TRIPLETS[arch]}-`;
  return { CXX: `${prefix}g++`, CC: `${prefix}gcc`, AR: `${prefix}ar`, strip: `${prefix}strip` };
}

/** @param {Arch} arch */
function prebuild(arch) {
  const { strip, ...compilers } = toolsFor(arch);
  const stage = mkdtempSync(path.join(tmpdir(), 'sriov-prebuild-'));
  try {
    for (const part of ['package.json', 'binding.gyp', 'native']) {
      cpSync(path.join(ROOT, part), path.join(stage, part), { recursive: true });
    }
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(stage, 'node_modules'));
    mkdirSync(out, { recursive: true });
    const headers = nodeHeaders();
    const words = ['--napi', '--strip', '--strip-bin', strip, '--target', process.versions.node];
    run(
      path.join(ROOT, 'node_modules/prebuildify/bin.js'),
      [...words, '--arch', arch, '--platform', 'linux', '--out', out],
      {
        cwd: stage,
        env: { ...process.env, ...compilers, JOBS: 'max', ...(headers && { npm_config_nodedir: headers }) },
      },
    );
  } finally {
    rmSync(stage, { recursive: true });
  }
  const binary = path.join(out, `prebuilds/linux-${arch}/sriov.node`);
  try {
    run(path.join(ROOT, 'scripts/check-abi.mjs'), [binary], {});
  } catch (error) {
    rmSync(binary);
    throw error;
  }
}

/**
 * @param {string} script
 * @param {string[]} args
 * @param {import('node:child_process').SpawnSyncOptions} options
 */
function run(script, args, options) {
  const { status, error } = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit', ...options });
  if (error) throw error;
  if (status !== 0) throw new Error(`${path.basename(script)} failed`);
}
