// @ts-check
/**
 * Checks of what host and guest see of each other's files.
 *
 * Owns one folder in the checkout, made and removed here. It finds the checks' machine up, and leaves it so.
 */

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withMachine } from '../index.mjs';
import { CHECKOUT, MACHINE, run, sh } from './client.mjs';

/** @param {import("./runner.mjs").Checks} checks @returns {Promise<void>} */
export async function checkShares(checks) {
  // In .cache, which git and the linters ignore.
  await mkdir(join(CHECKOUT, '.cache'), { recursive: true });
  const scratch = await mkdtemp(join(CHECKOUT, '.cache', 'vm-harness-'));
  try {
    await checkEdits(checks, scratch);
    await checkStreaming(checks, scratch);
    await checkWalls(checks);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** @param {import("./runner.mjs").Checks} checks @param {string} scratch */
async function checkEdits(checks, scratch) {
  await checks.check('an edit on the host is seen by the next command, and the other way', async () => {
    const file = join(scratch, 'file');
    await writeFile(file, 'one');
    await withMachine(MACHINE, async (vm) => {
      const read = async () => (await vm.run(['cat', file])).stdout.toString();
      assert.equal(await read(), 'one');
      await writeFile(file, 'two'); // same length, and within the clock tick of some file systems
      assert.equal(await read(), 'two');
      await writeFile(file, 'three and more');
      assert.equal(await read(), 'three and more');
      await rm(file);
      assert.equal((await vm.run(['test', '-e', file])).status, 1);
      await vm.run(['sh', '-c', `printf guest >${file}`]);
      assert.equal(await readFile(file, 'utf8'), 'guest');
    });
  });
}

/** @param {import("./runner.mjs").Checks} checks @param {string} scratch */
async function checkStreaming(checks, scratch) {
  await checks.check('output comes as it is written: a command waits for an answer to it', async () => {
    const answer = join(scratch, 'answer');
    const script = `echo question; until test -e ${answer}; do sleep 0.05; done; cat ${answer}`;
    const { status, stdout, stderr } = await run(['--timeout', '60', '--', 'sh', '-c', script], {
      onOutput: (_, soFar) => {
        if (soFar === 'question\n') void writeFile(answer, 'answer\n');
      },
    });
    assert.equal(status, 0, stderr);
    assert.equal(stdout, 'question\nanswer\n');
  });
}

/** @param {import("./runner.mjs").Checks} checks */
async function checkWalls(checks) {
  await checks.check('nothing else of the host can be written', async () => {
    const outside = `/etc/sriov-vm-harness-${process.pid}`;
    await sh(`echo inside >${outside}; grep -q inside ${outside}; rm /etc/hostname`);
    await assert.rejects(readFile(outside), { code: 'ENOENT' });
    await readFile('/etc/hostname');
  });
}
