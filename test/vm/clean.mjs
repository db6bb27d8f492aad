// @ts-check
/**
 * Removal of images that no recipe or kernel of today leads to.
 *
 * Owns the choice of what goes. Must never remove the image that the next run would use.
 */

import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cacheFolder, currentFolders } from './image.mjs';
import { withLock } from './lock.mjs';

/**
 * @param {{ log: import("./progress.mjs").Log }} options
 * @returns {Promise<void>}
 */
export async function cleanCache({ log }) {
  await withLock('image-build', { log, what: 'cleaning the cache' }, async () => {
    const keep = new Set((await currentFolders()).map((path) => basename(path)));
    for (const name of await readdir(cacheFolder()).catch(() => /** @type {string[]} */ ([]))) {
      if (!/^(image|kernel)-[0-9a-f]{16}/.test(name) || keep.has(name)) continue;
      log(`removing ${join(cacheFolder(), name)}`);
      await rm(join(cacheFolder(), name), { recursive: true, force: true });
    }
  });
}
