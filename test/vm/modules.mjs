// @ts-check
/**
 * Which kernel modules the initramfs needs, in the order in which insmod takes them.
 *
 * Owns the reading of modules.dep (see depmod(8)). Must never guess: a module that is neither a
 * file nor built in is an error of the build, not of the boot.
 */

import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { VmError } from './errors.mjs';

/** @param {string} path @returns {string} the module's name: `_` and `-` are the same to the kernel */
const moduleName = (path) => basename(path).replace(/\.ko$/, '').replaceAll('-', '_');

/**
 * @param {string} folder a modules folder with `modules.dep`
 * @param {string[]} wanted module names
 * @returns {Promise<string[]>} their files and those that they need, each after what it needs
 * @throws {VmError} BUILD if there is no such module
 */
export async function insmodOrder(folder, wanted) {
  const lines = (await readFile(join(folder, 'modules.dep'), 'utf8')).trim().split('\n');
  /** @type {Map<string, string[]>} name to its file and all that it needs, most dependent first */
  const chains = new Map();
  for (const line of lines) {
    const [file, needs] = line.split(':');
    if (file === undefined || needs === undefined)
      throw new VmError('BUILD', `modules.dep has a line: ${line}`);
    chains.set(moduleName(file), [file, ...needs.trim().split(' ').filter(Boolean)]);
  }
  const builtIn = new Set(
    (await readFile(join(folder, 'modules.builtin'), 'utf8')).split('\n').map(moduleName),
  );
  /** @type {Set<string>} */
  const order = new Set();
  for (const name of wanted) {
    const chain = chains.get(moduleName(name));
    if (chain) for (const file of [...chain].reverse()) order.add(file);
    else if (!builtIn.has(moduleName(name))) throw new VmError('BUILD', `the kernel has no module ${name}`);
  }
  return [...order].map((file) => join(folder, file));
}
