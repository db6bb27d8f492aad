/**
 * The package as a user gets it: prebuilt, packed and installed into an empty project, without a network.
 *
 * Owns the making of it, once for the tests of packaging. Must never touch the checkout: all happens in a copy.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { ROOT } from '../../scripts/lib/paths.mjs';

export interface Packed {
  /** Copy of the checkout that was packed, with the prebuilt binary of this processor. */
  readonly stage: string;
  /** Files in the tarball, relative to the package. */
  readonly files: readonly string[];
  readonly tarball: string;
  /** Bytes of the tarball. */
  readonly size: number;
  /** An empty project that has the tarball installed, with no install script run. */
  readonly project: string;
  remove(): void;
}

/** What a checkout holds that a fresh clone with a build does not. */
const LEFT_OUT = /^(node_modules|\.git|\.cache|build(-.*)?|prebuilds|coverage)$/;

export function packAndInstall(): Packed {
  if (!existsSync(path.join(ROOT, 'dist/index.js')))
    throw new Error('dist/ is missing: run npm run setup first');
  const work = mkdtempSync(path.join(tmpdir(), 'sriov-packed-'));
  const stage = path.join(work, 'stage');
  cpSync(ROOT, stage, {
    recursive: true,
    filter: (source) => !LEFT_OUT.test(path.relative(ROOT, source)),
  });
  cpSync(path.join(ROOT, 'prebuilds/README.md'), path.join(stage, 'prebuilds/README.md'));
  execFileSync(
    process.execPath,
    [path.join(ROOT, 'scripts/prebuild.mjs'), '--arch', process.arch, '--out', stage],
    { stdio: 'pipe' },
  );
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', work], {
      cwd: stage,
      encoding: 'utf8',
      stdio: 'pipe',
    }),
  );
  const tarball = path.join(work, packed.filename);
  const project = path.join(work, 'project');
  install(project, tarball);
  return {
    stage,
    files: packed.files.map((file: { path: string }) => file.path).sort(),
    tarball,
    size: packed.size,
    project,
    remove: () => rmSync(work, { recursive: true, force: true }),
  };
}

/** The dependencies come from this checkout, so that no registry is asked. */
function install(project: string, tarball: string): void {
  mkdirSync(project);
  const local = ['commander', 'node-gyp-build', 'yaml'].map((name) => [
    name,
    `file:${path.join(ROOT, 'node_modules', name)}`,
  ]);
  const dependencies = { ...Object.fromEntries(local), sriov: `file:${tarball}` };
  writeFileSync(
    path.join(project, 'package.json'),
    JSON.stringify({ name: 'empty', private: true, dependencies }),
  );
  const options = ['--ignore-scripts', '--offline', '--install-links', '--no-audit', '--no-fund'];
  execFileSync('npm', ['install', ...options], { cwd: project, stdio: 'pipe' });
}

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in a folder with nothing but the prebuilt binaries to load. */
export function runIn(
  folder: string,
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Ended {
  const clean: NodeJS.ProcessEnv = { ...process.env, PREBUILDS_ONLY: '1', ...env };
  delete clean['SRIOV_ADDON'];
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8', env: clean });
  return { status, stdout, stderr };
}

/** Runs a module of that text with Node; `options` are Node's own. */
export function runModule(
  folder: string,
  text: string,
  options: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Ended {
  return runIn(folder, process.execPath, [...options, '--input-type=module', '--eval', text], env);
}
