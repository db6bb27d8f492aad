/**
 * src/ as JavaScript, for tests that need a process of their own and must not depend on a build.
 *
 * Owns compiling it into the system's temporary directory.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface CompiledSources {
  /** Stands for src/. */
  readonly directory: string;
  readonly remove: () => void;
}

export function compileSources(): CompiledSources {
  const top = mkdtempSync(join(tmpdir(), 'sriov-src.'));
  const directory = join(top, 'dist');
  const plain = ['--noCheck', '--declaration', 'false', '--isolatedDeclarations', 'false'];
  const words = ['--project', 'tsconfig.build.json', ...plain, '--outDir', directory];
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { status, stdout, error } = spawnSync(process.execPath, [tsc, ...words], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`src/ does not compile: ${stdout}`);
  writeFileSync(join(top, 'package.json'), '{ "type": "module" }\n');
  symlinkSync(join(ROOT, 'node_modules'), join(top, 'node_modules'));
  return { directory, remove: () => rmSync(top, { recursive: true, force: true }) };
}
