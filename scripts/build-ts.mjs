/**
 * `node scripts/build-ts.mjs`: compiles src/ to dist/.
 *
 * Owns how dist/ is replaced: it is made beside and swapped in, so that no file of a deleted source stays and
 * whoever imports meanwhile finds all or nothing missing for an instant only. Nothing is swapped in when
 * there is a type error.
 */

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

import { ROOT } from './lib/paths.mjs';

const fresh = path.join(ROOT, '.cache/dist');
const dist = path.join(ROOT, 'dist');
mkdirSync(path.dirname(fresh), { recursive: true });
rmSync(fresh, { recursive: true, force: true });

const { status, error } = spawnSync(
  process.execPath,
  [
    path.join(ROOT, 'node_modules/typescript/bin/tsc'),
    '--project',
    'tsconfig.build.json',
    '--noEmitOnError',
    '--outDir',
    fresh,
  ],
  { cwd: ROOT, stdio: 'inherit' },
);
if (error) throw error;
if (status !== 0) process.exit(status ?? 1);

// npm does this when it links a command; a checkout is run without npm.
const command = path.join(fresh, 'cli/main.js');
if (existsSync(command)) chmodSync(command, 0o755);

rmSync(dist, { recursive: true, force: true });
renameSync(fresh, dist);
