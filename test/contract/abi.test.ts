/**
 * The addon that ships loads on every system that Node 20 runs on. Owns the proof of scripts/lib/abi.mjs, on the
 * addon that was built and on objects that must be refused.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { abiViolations, glibcNeeded } from '../../scripts/lib/abi.mjs';
import { parseReadelf, readElf } from '../../scripts/lib/elf.mjs';
import { ROOT } from '../../scripts/lib/paths.mjs';

const addon = path.join(ROOT, 'build/Release/sriov.node');

describe('the built addon', () => {
  test('breaks no rule', () => {
    expect(abiViolations(readElf(addon), process.arch)).toEqual([]);
  });

  test('was really looked into: it asks for libc and for Node-API', () => {
    const facts = readElf(addon);
    expect(facts.needed).toEqual(['libc.so.6']);
    const wanted = facts.symbols.filter((symbol) => !symbol.defined).map((symbol) => symbol.name);
    expect(wanted).toEqual(expect.arrayContaining(['malloc', 'napi_create_function', 'pthread_create']));
    expect(Number(glibcNeeded(facts).split('.')[1])).toBeGreaterThan(0);
  });

  test('is refused as the binary of another processor', () => {
    const other = process.arch === 'x64' ? 'arm64' : 'x64';
    expect(abiViolations(readElf(addon), other)).toEqual([expect.stringContaining('it is for')]);
  });
});

describe('an addon linked the usual way', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'sriov-abi-'));
    writeFileSync(
      path.join(folder, 'usual.cc'),
      `#include <string>
       #include <vector>
       extern "C" void* napi_register_module_v1(void* env, void*) {
         static std::vector<std::string> names;
         names.emplace_back("kept");
         return env;
       }
       extern "C" int node_api_module_get_api_version_v1() { return 9; }`,
    );
    const output = path.join(folder, 'usual.node');
    execFileSync('g++', ['-std=c++17', '-shared', '-fPIC', '-o', output, path.join(folder, 'usual.cc')]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is refused for libstdc++', () => {
    const violations = abiViolations(readElf(path.join(folder, 'usual.node')), process.arch);
    expect(violations).toContainEqual(expect.stringMatching(/^it needs libstdc\+\+\.so\.6/));
    expect(violations).toContainEqual(expect.stringMatching(/^it asks for _Znwm/));
  });
});

describe('one fault at a time', () => {
  /** In readelf's own words, after Debian 12's binutils 2.40 on an x86-64 object. */
  const healthy = `
  Machine:                           Advanced Micro Devices X86-64
 0x0000000000000001 (NEEDED)             Shared library: [libc.so.6]
     1: 0000000000000000     0 NOTYPE  GLOBAL DEFAULT  UND napi_create_object
     2: 0000000000000000     0 NOTYPE  WEAK   DEFAULT  UND __gmon_start__
     3: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND memcpy@GLIBC_2.14 (3)
     4: 0000000000005220     6 FUNC    GLOBAL DEFAULT   12 node_api_module_get_api_version_v1
     5: 0000000000005230    20 FUNC    GLOBAL DEFAULT   12 napi_register_module_v1
`;
  const symbol = (name: string): string =>
    `${healthy}     6: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND ${name}\n`;

  test('without one, nothing is refused', () => {
    expect(abiViolations(parseReadelf(healthy))).toEqual([]);
    expect(glibcNeeded(parseReadelf(healthy))).toBe('2.14');
  });

  test.each([
    ['a newer glibc', symbol('fstat@GLIBC_2.33 (4)'), /fstat of glibc 2\.33.*statx/],
    ['a newer glibc than the floor by one', symbol('statx2@GLIBC_2.29 (4)'), /newer than 2\.28/],
    ['a thread function that moved', symbol('pthread_create@GLIBC_2.34 (4)'), /glibc_floor\.h/],
    ['a fortified function', symbol('__memcpy_chk@GLIBC_2.3.4 (4)'), /__memcpy_chk.*musl/],
    ['a symbol of C++', symbol('_ZdlPv'), /_ZdlPv/],
    ['a symbol of a private version', symbol('_dl_find_object@GLIBC_PRIVATE (4)'), /GLIBC_PRIVATE/],
    ['a symbol that nobody has', symbol('uv_default_loop'), /uv_default_loop/],
    [
      'a library besides libc',
      healthy.replace('[libc.so.6]', '[libc.so.6]\n (NEEDED) Shared library: [libm.so.6]'),
      /libm/,
    ],
    ['no libc', healthy.replace('libc.so.6', 'libc.musl-x86_64.so.1'), /not linked against libc\.so\.6/],
    ['a search path', `${healthy} 0x1d (RUNPATH)            Library runpath: [/opt/lib]\n`, /RUNPATH/],
    ['an export', healthy.replace('UND memcpy@GLIBC_2.14 (3)', ' 12 _Znwm'), /exports _Znwm/],
    [
      'no entry point',
      healthy.replace('napi_register_module_v1', 'init'),
      /does not define napi_register_module_v1/,
    ],
    ['another processor', healthy.replace('Advanced Micro Devices X86-64', 'RISC-V'), /RISC-V/],
  ])('refuses %s', (_, text, expected) => {
    expect(abiViolations(parseReadelf(text))).toContainEqual(expect.stringMatching(expected));
  });

  test('accepts the floor itself', () => {
    expect(abiViolations(parseReadelf(symbol('statx@GLIBC_2.28 (4)')))).toEqual([]);
  });
});
