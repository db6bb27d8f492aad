/**
 * `node scripts/build-native.mjs`: builds build/Release/sriov.node as it ships, and checks that it would load
 * everywhere.
 *
 * Owns how node-gyp is called. It builds on what is there, so that a change of one file costs one file; gyp
 * remakes an object when its flags change. Must never change the sources.
 */

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

import { nodeHeaders } from './lib/node-headers.mjs';
import { ROOT } from './lib/paths.mjs';

const nodeGyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
const headers = nodeHeaders();
run([
  nodeGyp,
  'configure',
  'build',
  '--loglevel=warn',
  '--jobs=max',
  ...(headers === undefined ? [] : [`--nodedir=${headers}`]),
]);
run([path.join(ROOT, 'scripts/check-abi.mjs'), 'build/Release/sriov.node']);

/** @param {string[]} args */
function run(args) {
  const { status, error } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
