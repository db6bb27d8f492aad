// @ts-check
/**
 * What the installed QEMU can emulate, beyond what every machine has.
 *
 * Owns asking it. Must never decide by version: distributions carry features back.
 */

import { spawnSync } from 'node:child_process';

/** @returns {boolean} whether virtio-net devices can be VFs of one another (QEMU 10.1 or newer) */
export function hasVirtioVfs() {
  const { stdout } = spawnSync('qemu-system-x86_64', ['-device', 'virtio-net-pci,help'], {
    encoding: 'utf8',
  });
  return /^\s*sriov-pf=/m.test(stdout ?? '');
}
