// @ts-check
/**
 * The guest's kernel: the distribution's own, unpacked from its packages, plus netdevsim.
 *
 * Owns which packages those are and how netdevsim is built out of tree. Must never install a
 * package: all is unpacked into the folder that is given.
 */

import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { VmError } from './errors.mjs';
import { aptDepends, aptDownload, aptUpdate } from './apt.mjs';
import { capture, must } from './process.mjs';
import { step } from './progress.mjs';

/** @typedef {import("./progress.mjs").Log} Log */

/**
 * @typedef {object} Kernel
 * @property {string} release as `uname -r` says it, like `6.1.0-56-amd64`
 * @property {string} series like `6.1`
 * @property {string} version of the Debian packages
 */

/** What netdevsim needs no part of; they are two thirds of the modules. */
const UNUSED = [
  'drivers/gpu',
  'drivers/media',
  'drivers/staging',
  'drivers/iio',
  'drivers/net/wireless',
  'sound',
];

/**
 * Asks apt for the distribution's current kernel. Downloads nothing but, if it has to, the package lists.
 * @param {{ log: Log }} options
 * @returns {Promise<Kernel>}
 * @throws {VmError} SETUP if apt knows none
 */
export async function resolveKernel({ log }) {
  const root = process.getuid?.() === 0;
  // Old lists name packages that the mirror no longer has.
  if (root) await aptUpdate({ log });
  const image = (await aptDepends('linux-image-amd64')).find((name) => /^linux-image-\d/.test(name));
  const [, release, series] = /^linux-image-((\d+\.\d+)\S*)$/.exec(image ?? '') ?? [];
  if (image === undefined || release === undefined || series === undefined) {
    const advice = root ? 'A mirror of Debian is needed.' : 'Please run:\n  sudo apt-get update';
    throw new VmError('SETUP', `apt knows no linux-image-amd64, the kernel of the test machine. ${advice}`);
  }
  const { stdout } = await capture(['apt-cache', 'show', '--no-all-versions', image]);
  const version = /^Version: (\S+)/m.exec(stdout)?.[1];
  if (version === undefined) throw new VmError('SETUP', `apt does not know the version of ${image}`);
  return { release, series, version };
}

/**
 * Makes `vmlinuz`, `modules/` (with netdevsim and modules.dep) and `busybox` in a folder.
 * @param {{ into: string, kernel: Kernel, log: Log }} options `into` exists and is empty
 * @returns {Promise<void>}
 * @throws {VmError} SETUP if a package can't be downloaded, BUILD
 */
export async function buildKernel({ into, kernel, log }) {
  const work = join(into, 'work');
  const root = join(work, 'root');
  await mkdir(root, { recursive: true });
  const { release, series, version } = kernel;
  await step(log, `download kernel ${version}, its headers and sources`, async () => {
    const headers = `linux-headers-${release}`;
    // The names of these two hold the series or the version, as the release of Debian likes it.
    const parts = (await aptDepends(headers)).filter((name) =>
      /^linux-(headers-.*-common|kbuild-)/.test(name),
    );
    const same = [`linux-image-${release}`, headers, ...parts, `linux-source-${series}`];
    await aptDownload([...same.map((name) => `${name}=${version}`), 'busybox-static', 'kmod'], {
      into: work,
      log,
    });
  });
  await step(log, "unpack the kernel and netdevsim's sources", async () => {
    const debs = (await readdir(work)).filter((name) => name.endsWith('.deb'));
    const source = debs.find((name) => name.startsWith('linux-source-'));
    if (source === undefined) throw new VmError('BUILD', `apt downloaded no sources: ${debs.join(' ')}`);
    const others = debs.filter((name) => name !== source);
    const unpackOthers = async () => {
      for (const deb of others) await must(['dpkg', '-x', deb, root], { cwd: work });
    };
    await Promise.all([unpackOthers(), unpackNetdevsim(join(work, source), work, series)]);
  });
  await unmergeUsr(root);
  const modules = join(root, 'lib/modules', release);
  await step(log, 'build netdevsim', () => buildNetdevsim({ root, work, kernel, modules }));
  for (const folder of UNUSED) await rm(join(modules, 'kernel', folder), { recursive: true, force: true });
  for (const link of ['build', 'source']) await rm(join(modules, link), { force: true });
  await decompressModules(modules);
  const depmod = join(root, 'bin/depmod'); // kmod tells by argv[0] which program it is to be
  await rm(depmod, { force: true });
  await cp(join(root, 'bin/kmod'), depmod);
  await must([depmod, '-b', root, release]);

  await rename(modules, join(into, 'modules'));
  await rename(join(root, 'boot', `vmlinuz-${release}`), join(into, 'vmlinuz'));
  await rename(join(root, 'bin/busybox'), join(into, 'busybox'));
  await writeFile(join(into, 'kernel.json'), `${JSON.stringify(kernel, null, '\t')}\n`);
  await rm(work, { recursive: true });
}

/**
 * From Debian 13 on packages have these below usr/, and what is unpacked has no links to there from outside.
 * @param {string} root
 * @returns {Promise<void>}
 */
async function unmergeUsr(root) {
  for (const path of ['lib/modules', 'bin/busybox', 'bin/kmod']) {
    const [from, to] = [join(root, 'usr', path), join(root, path)];
    if (existsSync(to) || !existsSync(from)) continue;
    await mkdir(dirname(to), { recursive: true });
    await rename(from, to);
    await symlink(to, from);
  }
}

/**
 * Takes one folder out of a package that holds a compressed archive of the whole kernel, without
 * ever having the archive or the tree on disk.
 * @param {string} deb
 * @param {string} work
 * @param {string} series
 * @returns {Promise<void>}
 */
async function unpackNetdevsim(deb, work, series) {
  const name = `linux-source-${series}`;
  const script =
    'set -e; dpkg-deb --fsys-tarfile "$1" | tar -xO "./usr/src/$2.tar.xz" | tar -xJ "$2/drivers/net/netdevsim"';
  await must(['bash', '-o', 'pipefail', '-c', script, 'unpack', deb, name], { cwd: work });
  await rename(join(work, name, 'drivers/net/netdevsim'), join(work, 'netdevsim'));
}

/**
 * @param {{ root: string, work: string, kernel: Kernel, modules: string }} options
 * @returns {Promise<void>}
 */
async function buildNetdevsim({ root, work, kernel, modules }) {
  const headers = join(root, 'usr/src', `linux-headers-${kernel.release}`);
  const makefile = join(headers, 'Makefile');
  // The one absolute path in the headers packages; all else are relative links.
  await writeFile(makefile, (await readFile(makefile, 'utf8')).replaceAll('/usr/src/', `${root}/usr/src/`));
  const source = join(work, 'netdevsim');
  // Type information would need pahole, and nobody reads it.
  const settings = ['CC=gcc', 'CONFIG_NETDEVSIM=m', 'CONFIG_DEBUG_INFO_BTF_MODULES='];
  await must(['make', '-s', '-j2', '-C', headers, `M=${source}`, ...settings, 'modules']);
  await must(['strip', '--strip-debug', join(source, 'netdevsim.ko')]);
  await mkdir(join(modules, 'updates'));
  await rename(join(source, 'netdevsim.ko'), join(modules, 'updates/netdevsim.ko'));
}

/**
 * Newer Debian kernels ship compressed modules, which busybox can't insert.
 * @param {string} modules
 * @returns {Promise<void>}
 */
async function decompressModules(modules) {
  await must(['find', modules, '-name', '*.ko.xz', '-exec', 'xz', '-d', '{}', '+']);
}
