/**
 * binding.gyp, which ships, and CMakeLists.txt, which is what developers check, build the same addon.
 *
 * Both are asked for the very commands they would run. What node-gyp passes for an empty addon is Node's own
 * matter and is left out of the comparison; every flag that is ours must be in both builds.
 */

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { nodeHeaders } from '../../scripts/lib/node-headers.mjs';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { type CompilerCall, lastOf, missingFrom, readCall, shellWords } from './command-line.ts';

/** Flags of the development build alone: warnings must not break a user's build with a newer compiler. */
const DEVELOPMENT_ONLY = ['-Werror', '-Dsriov_EXPORTS'];

interface Build {
  readonly compiles: readonly CompilerCall[];
  readonly link: CompilerCall;
}

let work: string;
let gyp: Build;
let cmake: Build;
let bare: Build;

beforeAll(() => {
  work = mkdtempSync(path.join(tmpdir(), 'sriov-flags-'));
  gyp = gypBuild('sriov', readFileSync(path.join(ROOT, 'binding.gyp'), 'utf8'));
  bare = gypBuild('bare', '{"targets": [{"target_name": "sriov", "sources": ["native/runtime/memory.cc"]}]}');
  cmake = cmakeBuild();
});
afterAll(() => rmSync(work, { recursive: true }));

/** In a folder of its own, so that the real build/ is left alone. */
function gypBuild(name: string, bindingGyp: string): Build {
  const folder = path.join(work, name);
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'binding.gyp'), bindingGyp);
  cpSync(path.join(ROOT, 'package.json'), path.join(folder, 'package.json'));
  for (const part of ['native', 'node_modules']) symlinkSync(path.join(ROOT, part), path.join(folder, part));
  const headers = nodeHeaders();
  const nodeGyp = path.join(ROOT, 'node_modules/node-gyp/bin/node-gyp.js');
  const options = ['--loglevel=error', ...(headers === undefined ? [] : [`--nodedir=${headers}`])];
  execFileSync(process.execPath, [nodeGyp, 'configure', ...options], { cwd: folder });
  const build = path.join(folder, 'build');
  const plan = execFileSync('make', ['-C', build, 'BUILDTYPE=Release', 'V=1', '--dry-run'], { encoding: 'utf8' });
  const calls = plan
    .split('\n')
    .flatMap((line) => line.split(';'))
    .map((line) => shellWords(line.trim()))
    .filter(([program]) => program === 'g++')
    .map((words) => readCall(words.slice(1), build, folder));
  return split(calls);
}

function cmakeBuild(): Build {
  const folder = path.join(work, 'cmake');
  execFileSync('cmake', ['-S', ROOT, '-B', folder, '-G', 'Unix Makefiles', '-DCMAKE_CXX_COMPILER=g++'], { stdio: 'pipe' });
  const commands: { file: string; command: string; directory: string }[] = JSON.parse(
    readFileSync(path.join(folder, 'compile_commands.json'), 'utf8'),
  );
  const link = readFileSync(path.join(folder, 'CMakeFiles/sriov.dir/link.txt'), 'utf8');
  const lines = commands.filter(({ command }) => command.includes('CMakeFiles/sriov.dir/')).map(({ command }) => command);
  return split([...lines, link.trim()].map((line) => readCall(shellWords(line).slice(1), folder, ROOT)));
}

function split(calls: readonly CompilerCall[]): Build {
  const [link, ...more] = calls.filter(({ sources }) => sources.length === 0);
  if (link === undefined || more.length > 0) throw new Error(`expected one link, found ${more.length + (link ? 1 : 0)}`);
  return { compiles: calls.filter(({ sources }) => sources.length > 0), link };
}

const compiledSources = (build: Build): string[] => build.compiles.flatMap(({ sources }) => sources).sort();
const flagsOf = (build: Build, source: string): readonly string[] =>
  build.compiles.find(({ sources }) => sources.includes(source))?.flags ?? [];

describe('the list of sources', () => {
  test('is what both builds compile', () => {
    const listed = readFileSync(path.join(ROOT, 'native/sources.txt'), 'utf8').trim().split('\n').sort();
    expect(compiledSources(gyp)).toEqual(listed);
    expect(compiledSources(cmake)).toEqual(listed);
  });

  test('has every C++ file but the tests', () => {
    const files = readdirSync(path.join(ROOT, 'native'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.cc') && !file.startsWith('test/'))
      .map((file) => `native/${file}`);
    expect(files.sort()).toEqual(compiledSources(gyp));
  });
});

describe('each source is compiled', () => {
  test('by CMake with every flag that binding.gyp adds to Node’s own', () => {
    const nodesOwn = bare.compiles[0]?.flags ?? [];
    expect(nodesOwn).toContain('-DBUILDING_NODE_EXTENSION');
    for (const source of compiledSources(gyp)) {
      const ours = missingFrom(nodesOwn, flagsOf(gyp, source));
      expect(ours).toContain('-DNAPI_VERSION=9');
      expect(missingFrom(flagsOf(cmake, source), ours)).toEqual([]);
    }
  });

  test('by binding.gyp with every flag of CMake, but for those that are for developers', () => {
    for (const source of compiledSources(gyp)) {
      expect(missingFrom(flagsOf(gyp, source), flagsOf(cmake, source))).toEqual(DEVELOPMENT_ONLY.toSorted());
    }
  });

  test('with no flag of Node’s besides that changes the code, only definitions', () => {
    for (const source of compiledSources(gyp)) {
      const rest = missingFrom(flagsOf(cmake, source), flagsOf(gyp, source));
      expect(rest.filter((flag) => !flag.startsWith('-D'))).toEqual([]);
    }
  });

  test.each([
    ['optimisation', /^-O/, '-O2'],
    ['language', /^-std=/, '-std=c++17'],
    ['visibility', /^-fvisibility=/, '-fvisibility=hidden'],
    ['exceptions', /^-f(no-)?exceptions$/, '-fno-exceptions'],
    ['run-time types', /^-f(no-)?rtti$/, '-fno-rtti'],
  ])('with the same %s as the last word', (_, pattern, expected) => {
    for (const source of compiledSources(gyp)) {
      expect(lastOf(flagsOf(gyp, source), pattern)).toBe(expected);
      expect(lastOf(flagsOf(cmake, source), pattern)).toBe(expected);
    }
  });
});

describe('the link', () => {
  test('has the same flags and libraries in both', () => {
    const nodesOwn = bare.link.flags;
    const ours = missingFrom(nodesOwn, gyp.link.flags);
    expect(ours).toEqual(
      expect.arrayContaining(['-lc', '-lgcc', '-nodefaultlibs', '-Wl,--version-script=ROOT/native/runtime/exports.map']),
    );
    expect(missingFrom(cmake.link.flags, ours)).toEqual([]);
  });

  test('has libc and libgcc as its only libraries', () => {
    for (const { link } of [gyp, cmake]) {
      expect(link.flags.filter((flag) => flag.startsWith('-l'))).toEqual(['-lc', '-lgcc']);
      expect(link.flags).not.toContain('-rdynamic');
    }
  });
});

describe('the comparison itself', () => {
  test('reads a line as a shell does', () => {
    expect(shellWords(`-DA='x y' "-DB=\\"q\\"" -I/a\\ b  '-DC=1'`)).toEqual(['-DA=x y', '-DB="q"', '-I/a b', '-DC=1']);
  });

  test('drops where things go, and keeps what changes the result', () => {
    const words = '-o out.o -c /r/native/a.cc -MMD -MF out.d -I/x -O2 -include /r/native/f.h -Wl,-soname=sriov.node'.split(' ');
    expect(readCall(words, '/b', '/r')).toEqual({ sources: ['native/a.cc'], flags: ['-O2', '-include ROOT/native/f.h'] });
  });

  test('sees a flag that one side lacks', () => {
    expect(missingFrom(['-O2'], ['-O2', '-fno-rtti', '-fno-rtti'])).toEqual(['-fno-rtti']);
  });
});
