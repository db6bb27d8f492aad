// @ts-check
/**
 * The guest image: kernel, modules, and an initramfs with the agent, cached by content.
 *
 * Owns the cache's layout under $XDG_CACHE_HOME/sriov/vm (or ~/.cache/sriov/vm):
 *
 *   kernel.json         which kernel apt offered when the last image was made
 *   kernel-<hash>/      vmlinuz, modules/, busybox: of a kernel version and the recipe for it
 *   image-<hash>/       vmlinuz, modules/ (links into the former), initramfs.cpio: of that and the rest
 *
 * A folder appears complete, by rename, or not at all. Must never change one that is there.
 */

import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpio } from './cpio.mjs';
import { buildKernel, resolveKernel } from './kernel.mjs';
import { withLock } from './lock.mjs';
import { insmodOrder } from './modules.mjs';
import { must } from './process.mjs';
import { step } from './progress.mjs';
import { setupHost } from './setup.mjs';

/** @typedef {import("./progress.mjs").Log} Log */
/** @typedef {import("./kernel.mjs").Kernel} Kernel */

/**
 * @typedef {object} Image
 * @property {string} folder absolute; read-only to all
 * @property {string} hash names the content; two images with the same hash are the same
 * @property {Kernel} kernel
 */

const HERE = dirname(fileURLToPath(import.meta.url));

/** What the kernel folder is made from, besides the packages. */
const KERNEL_RECIPE = ['kernel.mjs'];
/** What the image is made from, besides the kernel folder. */
const AGENT_SOURCES = ['main.c', 'port.c', 'command.c', 'spawn.c'].map((name) => `agent/${name}`);
const AGENT_HEADERS = ['port.h', 'command.h', 'spawn.h', 'protocol.h'].map((name) => `agent/${name}`);
const IMAGE_RECIPE = [
  ...AGENT_SOURCES,
  ...AGENT_HEADERS,
  'guest-init',
  'cpio.mjs',
  'modules.mjs',
  'image.mjs',
];

/** Needed before the host's root and the agent's port can be reached; all else is loaded from there. */
const EARLY_MODULES = ['virtio_pci', '9pnet_virtio', '9p', 'overlay', 'virtio_console'];

/** @returns {string} where everything heavy is kept, outside the checkout */
export function cacheFolder() {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sriov', 'vm');
}

/**
 * @param {string[]} files relative to this folder
 * @param {string} seed
 * @returns {Promise<string>} 16 hexadecimal digits
 */
async function contentHash(files, seed) {
  const hash = createHash('sha256').update(seed);
  for (const file of files) hash.update(`\0${file}\0`).update(await readFile(join(HERE, file)));
  return hash.digest('hex').slice(0, 16);
}

/** @param {string} path @returns {Promise<boolean>} */
const exists = (path) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** @param {Kernel} kernel */
const kernelHash = (kernel) => contentHash(KERNEL_RECIPE, JSON.stringify(kernel));

/** @param {Kernel} kernel */
const kernelFolderOf = async (kernel) => join(cacheFolder(), `kernel-${await kernelHash(kernel)}`);

/**
 * Returns the image, making it first if need be: a fraction of a second when it is there, a minute or
 * so when not. Does the host's own set-up as well.
 * @param {{ log: Log, refresh?: boolean }} options `refresh` asks apt for a newer kernel
 * @returns {Promise<Image>}
 * @throws {import("./errors.mjs").VmError} SETUP or BUILD
 */
export async function ensureImage({ log, refresh = false }) {
  const remembered = refresh ? null : await rememberedKernel();
  if (remembered) {
    const image = await imageOf(remembered);
    if (await exists(image.folder)) return image;
  }
  await setupHost({ log });
  return withLock('image-build', { log, what: 'building the guest image' }, async () => {
    await sweep();
    const kept = remembered && (await exists(await kernelFolderOf(remembered)));
    const kernel = kept ? remembered : await resolveKernel({ log });
    const image = await imageOf(kernel);
    const kernelFolder = await kernelFolderOf(kernel);
    await publish(kernelFolder, (into) => buildKernel({ into, kernel, log }));
    await publish(image.folder, (into) =>
      step(log, 'build the initramfs', () => buildImage({ into, kernelFolder })),
    );
    await writeFile(join(cacheFolder(), 'kernel.json'), `${JSON.stringify(kernel)}\n`);
    return image;
  });
}

/** Removes what a build that was killed left behind; nobody else builds while the lock is held. */
async function sweep() {
  const names = await readdir(cacheFolder()).catch(() => /** @type {string[]} */ ([]));
  for (const name of names.filter((each) => each.includes('.tmp-'))) {
    await rm(join(cacheFolder(), name), { recursive: true, force: true });
  }
}

/** @returns {Promise<Kernel | null>} the kernel of the last build, so that a look-up needs no apt */
async function rememberedKernel() {
  const text = await readFile(join(cacheFolder(), 'kernel.json'), 'utf8').catch(() => null);
  return text === null ? null : JSON.parse(text);
}

/** @returns {Promise<string[]>} the folders that the next run would use */
export async function currentFolders() {
  const kernel = await rememberedKernel();
  if (!kernel) return [];
  return [(await imageOf(kernel)).folder, await kernelFolderOf(kernel)];
}

/** @param {Kernel} kernel @returns {Promise<Image>} */
async function imageOf(kernel) {
  const hash = await contentHash(IMAGE_RECIPE, await kernelHash(kernel));
  return { folder: join(cacheFolder(), `image-${hash}`), hash, kernel };
}

/**
 * Makes a folder unless it is there: built beside its place, then renamed into it.
 * @param {string} folder
 * @param {(into: string) => Promise<void>} build
 * @returns {Promise<void>}
 */
async function publish(folder, build) {
  if (await exists(folder)) return;
  await mkdir(dirname(folder), { recursive: true });
  const into = await mkdtemp(`${folder}.tmp-`);
  try {
    await build(into);
    await chmod(into, 0o755);
    await rename(into, folder);
  } catch (error) {
    await rm(into, { recursive: true, force: true });
    throw error;
  }
}

/**
 * @param {{ into: string, kernelFolder: string }} options
 * @returns {Promise<void>}
 */
async function buildImage({ into, kernelFolder }) {
  const agent = join(into, 'agent');
  const flags = ['-std=gnu17', '-O2', '-Wall', '-Wextra', '-Werror', '-static'];
  await must(['gcc', ...flags, '-o', agent, ...AGENT_SOURCES.map((file) => join(HERE, file))]);
  // Hard links: no second copy, and no dependence on the kernel folder staying where it is.
  for (const name of ['modules', 'vmlinuz'])
    await must(['cp', '-al', join(kernelFolder, name), join(into, name)]);

  const modules = await insmodOrder(join(into, 'modules'), EARLY_MODULES);
  const directory = (/** @type {string} */ name) => ({ name, mode: 0o040755 });
  const file = async (/** @type {string} */ name, /** @type {string} */ from) => ({
    name,
    mode: 0o100755,
    data: await readFile(from),
  });
  const entries = [
    ...['bin', 'dev', 'proc', 'sys', 'modules'].map(directory),
    { name: 'dev/console', mode: 0o020600, device: /** @type {[number, number]} */ ([5, 1]) },
    await file('init', join(HERE, 'guest-init')),
    await file('agent', agent),
    await file('bin/busybox', join(kernelFolder, 'busybox')),
    ...(await Promise.all(modules.map((path) => file(`modules/${basename(path)}`, path)))),
    {
      name: 'modules/order',
      mode: 0o100644,
      data: Buffer.from(`${modules.map((path) => basename(path)).join('\n')}\n`),
    },
  ];
  await writeFile(join(into, 'initramfs.cpio'), cpio(entries));
  await rm(agent);
}
