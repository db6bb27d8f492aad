/** What is in the npm tarball, and that it works once installed. Owns the golden list of files. */

import { readFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ROOT } from '../../scripts/lib/paths.mjs';
import { type Packed, packAndInstall, runIn, runModule } from './packed.ts';

const own = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
let packed: Packed;
beforeAll(() => {
  packed = packAndInstall();
});
afterAll(() => packed?.remove());

const inProject = (...parts: string[]): string => path.join(packed.project, 'node_modules/sriov', ...parts);

describe('the tarball', () => {
  /** Each file is of one kind, and each kind is there. */
  const KINDS = [
    /^package\.json$/,
    /^README\.md$/,
    /^LICENSE$/,
    /^CHANGELOG\.md$/,
    /^dist\/[\w/-]+\.js$/,
    /^dist\/[\w/-]+\.d\.ts$/,
    /^docs\/[\w-]+\.md$/,
    /^schemas\/[\w-]+\.json$/,
    /^packaging\/(systemd|examples)\/[\w-]+\.(service|conf|yaml|sh)$/,
    new RegExp(`^prebuilds/linux-${process.arch}/sriov\\.node$`),
    /^binding\.gyp$/,
    /^native\/sources\.txt$/,
    /^native\/runtime\/exports\.map$/,
    /^native\/(base|frames|local|monitor|netlink|node|pci|rtnl|runtime|worker)\/\w+\.cc$/,
    /^native\/(base|frames|local|monitor|netlink|node|pci|rtnl|runtime|worker)\/\w+\.h$/,
  ];

  test('has no file of an unknown kind', () => {
    expect(packed.files.filter((file) => !KINDS.some((kind) => kind.test(file)))).toEqual([]);
  });

  test.each(KINDS)('has %s', (kind) => {
    expect(packed.files.filter((file) => kind.test(file))).not.toEqual([]);
  });

  test('has every source and header that a build of its own needs', () => {
    const listed = readFileSync(inProject('native/sources.txt'), 'utf8').trim().split('\n');
    expect(listed.filter((file) => !packed.files.includes(file))).toEqual([]);
    const missing = packed.files
      .filter((file) => /\.(cc|h)$/.test(file))
      .flatMap((file) => {
        const included = readFileSync(inProject(file), 'utf8').matchAll(/^#include "([^"]+)"/gm);
        return [...included].map(([, name = '']) => [`native/${name}`, path.join(path.dirname(file), name)]);
      })
      .filter((places) => !places.some((place) => packed.files.includes(place)));
    expect(missing).toEqual([]);
  });

  test('stays small', () => {
    expect(packed.size).toBeLessThan(768 * 1024);
  });

  test('passes publint in strict mode', () => {
    const { status, stdout } = runIn(packed.stage, path.join(ROOT, 'node_modules/.bin/publint'), [
      'run',
      '.',
      '--strict',
    ]);
    expect(stdout).toMatch(/All good/);
    expect(status).toBe(0);
  });
});

describe('installing it', () => {
  test('runs no script, and npm knows of none', () => {
    const lock = JSON.parse(readFileSync(path.join(packed.project, 'package-lock.json'), 'utf8'));
    expect(lock.packages['node_modules/sriov'].version).toBe(own.version);
    expect(lock.packages['node_modules/sriov']).not.toHaveProperty('hasInstallScript');
    expect(own.gypfile).toBe(false);
    expect(Object.keys(own.scripts)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/install|prepare/)]),
    );
  });

  test('is refused on no operating system or processor', () => {
    for (const key of ['os', 'cpu', 'libc']) expect(own).not.toHaveProperty(key);
  });
});

describe('installed, with the prebuilt binary alone', () => {
  const LOADED = `import { readFileSync } from 'node:fs';
    const supported = m.isSupported();
    const prebuilt = readFileSync('/proc/self/maps', 'utf8').includes('node_modules/sriov/prebuilds/');
    console.log(JSON.stringify({ names: Object.keys(m).sort(), ...supported, prebuilt }))`;

  test('it can be imported', () => {
    const { status, stdout, stderr } = runModule(packed.project, `import * as m from 'sriov';${LOADED}`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ supported: true, prebuilt: true });
    expect(JSON.parse(stdout).names).toEqual(
      expect.arrayContaining(['PhysicalFunction', 'SriovError', 'VfTable', 'diffVfs', 'isSupported']),
    );
  });

  test('it can be required, without a warning, and is the same', () => {
    const required = `import { createRequire } from 'node:module'; const m = createRequire(process.cwd() + '/x.js')('sriov');`;
    const { status, stdout, stderr } = runModule(packed.project, required + LOADED);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(runModule(packed.project, `import * as m from 'sriov';${LOADED}`).stdout);
  });

  test('importing it loads no addon', () => {
    const text = `import 'sriov'; import { readFileSync } from 'node:fs';
      console.log(readFileSync('/proc/self/maps', 'utf8').includes('sriov.node'))`;
    expect(runModule(packed.project, text).stdout).toBe('false\n');
  });

  test('the command says its version', () => {
    expect(runIn(packed.project, 'npx', ['--no-install', 'sriov', '--version'])).toMatchObject({
      status: 0,
      stdout: `${own.version}\n`,
    });
  });

  test('it works in several threads at once, and they end', () => {
    const text = `import { Worker } from 'node:worker_threads'; import { isSupported } from 'sriov';
      const code = "import('sriov').then((m) => { if (!m.isSupported().supported) process.exit(3) })";
      const run = () => new Promise((done) => new Worker(code, { eval: true }).on('exit', done));
      console.log(isSupported().supported, await Promise.all([run(), run(), run(), run()]));`;
    expect(runModule(packed.project, text)).toMatchObject({ status: 0, stdout: 'true [ 0, 0, 0, 0 ]\n' });
  });

  test('its types compile in a strict project of another', () => {
    expect(checkTypes(packed.project)).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

/** Type checks a user's program, the package's declarations with it. */
function checkTypes(project: string): ReturnType<typeof runIn> {
  const program = `import { PhysicalFunction, SriovError, type VfConfig } from 'sriov';
    const configs: VfConfig[] = [{ vf: 0, mac: '02:00:00:00:00:01', vlan: null }];
    export async function run(): Promise<number> {
      try { return (await PhysicalFunction.open('eth0').programVfs(configs)).failures.length; }
      catch (error) { if (error instanceof SriovError) return error.errno ?? 0; throw error; }
    }`;
  const [tsc, types] = ['node_modules/typescript/bin/tsc', 'node_modules/@types'].map((part) =>
    path.join(ROOT, part),
  );
  return runIn(project, process.execPath, [
    '--input-type=module',
    '--eval',
    `import { writeFileSync } from 'node:fs'; import { spawnSync } from 'node:child_process';
     writeFileSync('user.ts', ${JSON.stringify(program)});
     const words = '--noEmit --strict --module nodenext --target es2023 --types node --typeRoots'.split(' ');
     const { status } = spawnSync(process.execPath, [${JSON.stringify(tsc)}, ...words, ${JSON.stringify(types)}, 'user.ts'], { stdio: 'inherit' });
     process.exitCode = status;`,
  ]);
}

describe('on a system that it does not work on', () => {
  const pretend = (platform: string): string[] => [
    '--import',
    `data:text/javascript,${encodeURIComponent(`Object.defineProperty(process, 'platform', { value: '${platform}' })`)}`,
  ];
  const USE = `import * as m from 'sriov';
    let error; try { m.PhysicalFunction.open('eth0') } catch (e) { error = { name: e.name, code: e.code, message: e.message } }
    console.log(JSON.stringify({ ...m.isSupported(), error }))`;

  test.each(['darwin', 'win32', 'freebsd'])('%s: importing works, and using says why not', (platform) => {
    const { status, stdout, stderr } = runModule(packed.project, USE, pretend(platform));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      supported: false,
      reason: expect.stringMatching(new RegExp(`Linux only.*${platform}`)),
      error: {
        name: 'UnsupportedPlatformError',
        code: 'SRIOV_UNSUPPORTED_PLATFORM',
        message: expect.stringMatching(new RegExp(`Linux only.*${platform}`)),
      },
    });
  });

  test('a processor without a binary: the error names it and how to build one', () => {
    const { stdout } = runModule(packed.project, USE, [], { npm_config_arch: 'riscv64' });
    const { supported, error } = JSON.parse(stdout);
    expect(supported).toBe(false);
    expect(error.code).toBe('SRIOV_UNSUPPORTED_PLATFORM');
    expect(error.message).toMatch(/riscv64[^]*node-gyp rebuild/);
  });

  test('the command ends with 69 and one line, not a stack', () => {
    const { status, stdout, stderr } = runIn(packed.project, process.execPath, [
      ...pretend('darwin'),
      inProject('dist/cli/main.js'),
      'list',
    ]);
    expect({ status, stdout }).toEqual({ status: 69, stdout: '' });
    expect(stderr).toMatch(/Linux only/);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
