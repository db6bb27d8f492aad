// @ts-check
/**
 * KVM or software emulation.
 *
 * Owns the verdict, kept in the cache for each QEMU, image and host kernel. Must never trust
 * /dev/kvm's being there: nested ones may open and then hang in the firmware. Only a guest that has
 * booted proves it.
 */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, constants, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from './image.mjs';
import { capture } from './process.mjs';
import { QEMU, probeArguments } from './qemu.mjs';

/** @typedef {import("./progress.mjs").Log} Log */

/** A guest under a KVM that works boots in one or two seconds. */
const PROBE_SECONDS = 15;

/**
 * @param {{ image: import("./image.mjs").Image, log: Log }} options
 * @returns {Promise<"kvm" | "tcg">}
 */
export async function chooseAccelerator({ image, log }) {
  const usable = await access('/dev/kvm', constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!usable) return 'tcg';
  const qemu = (await capture([QEMU, '--version'])).stdout;
  const key = createHash('sha256')
    .update([qemu, image.hash, release(), cpus()[0]?.model].join('\0'))
    .digest('hex');
  const file = join(cacheFolder(), `kvm-${key.slice(0, 16)}.json`);
  const known = await readFile(file, 'utf8').catch(() => null);
  if (known !== null) return JSON.parse(known).accel;
  log('probing /dev/kvm ...');
  const accel = (await bootsUnderKvm(image.folder)) ? 'kvm' : 'tcg';
  log(accel === 'kvm' ? 'KVM works' : `KVM booted no guest in ${PROBE_SECONDS} s: using software emulation`);
  await writeFile(file, `${JSON.stringify({ accel })}\n`);
  return accel;
}

/** @param {string} imageFolder @returns {Promise<boolean>} */
async function bootsUnderKvm(imageFolder) {
  const folder = await mkdtemp(join(tmpdir(), 'sriov-kvm-'));
  const consoleLog = join(folder, 'console.log');
  try {
    const args = probeArguments({ imageFolder, consoleLog });
    await new Promise((resolve) => {
      const child = spawn(QEMU, args, {
        stdio: 'ignore',
        timeout: PROBE_SECONDS * 1000,
        killSignal: 'SIGKILL',
      });
      child.on('error', resolve).on('close', resolve);
    });
    return (await readFile(consoleLog, 'utf8').catch(() => '')).includes('sriov-vm: probe booted');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
