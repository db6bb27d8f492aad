/**
 * lspci as a contender on a fake sysfs.
 *
 * Owns what lspci needs that nobody else reads, and how it is told where to look.
 */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

/**
 * Configuration header, resources and interrupt.
 *
 * @param {import('../../test/unit/pci/fake-sysfs.mjs').FakeSysfs} sysfs
 * @param {readonly import('../../src/pci/function.ts').PciFunction[]} functions
 */
export function addWhatLspciReads(sysfs, functions) {
  const resources = `${'0x0000000000000000 0x0000000000000000 0x0000000000000000\n'.repeat(6)}0x0 0x0 0x0`;
  for (const { device, ids } of functions) {
    const folder = sysfs.folderOf(device);
    const config = Buffer.alloc(64);
    config.writeUInt16LE(ids?.vendor ?? 0, 0);
    config.writeUInt16LE(ids?.device ?? 0, 2);
    config.writeUInt32LE((ids?.class ?? 0) << 8, 8);
    writeFileSync(sysfs.path(`${folder}/config`), config);
    sysfs.write(`${folder}/resource`, resources);
    sysfs.write(`${folder}/irq`, '0');
  }
}

/**
 * `lspci -D -n`: addresses, classes and ids, no more.
 *
 * @param {string} root of sysfs
 * @param {number} expected functions that it must list
 * @returns {(() => void) | null} null without lspci
 */
export function lspciCommand(root, expected) {
  const argv = ['-A', 'linux-sysfs', '-O', `sysfs.path=${root}/bus/pci`, '-D', '-n'];
  const run = () => execFileSync('lspci', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const lines = run().trim().split('\n').length;
    if (lines !== expected) throw new Error(`lspci lists ${lines} functions of ${expected}`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  return run;
}
