// @ts-check
/**
 * Checks of a machine's life: boot, reuse, end, and everything that can end it before its time.
 *
 * Owns which machine is up when: one from checkBoot to checkEnd, none after each check from there on.
 */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { machineStatus, withMachine } from '../index.mjs';
import { MACHINE, cli, qemuProcesses, run, stateFolder } from './client.mjs';

/** @typedef {import("./runner.mjs").Checks} Checks */

/** Asserts that neither a process nor a file of the machine is left. @returns {Promise<void>} */
async function assertNothingLeft() {
  assert.deepEqual(await qemuProcesses(), []);
  assert.equal(existsSync(await stateFolder()), false);
}

/** @param {Checks} checks @returns {Promise<void>} when a machine is up */
export async function checkBoot(checks) {
  let bootMs = 0;
  await checks.check('up boots a machine, status says so', async () => {
    assert.equal((await cli('status')).status, 1);
    const { status, stderr, ms } = await cli('up');
    assert.equal(status, 0, stderr);
    assert.match(stderr, /booted in/);
    assert.match((await cli('status')).stdout, /^up /);
    bootMs = ms;
  });
  await checks.check("a command then finds it up, at a fraction of a boot's cost", async () => {
    const later = [await run(['--', 'true']), await run(['--', 'true']), await run(['--', 'true'])];
    for (const { stderr, status } of later) assert.deepEqual({ stderr, status }, { stderr: '', status: 0 });
    const best = Math.min(...later.map(({ ms }) => ms));
    assert.ok(best < bootMs / 5, `${best} ms, the boot took ${bootMs} ms`);
  });
}

/** Ends the machine that is up. @param {Checks} checks @returns {Promise<void>} */
export async function checkEnd(checks) {
  await checks.check('a shutdown in the guest fails the run, which says so', async () => {
    // Without --keep: it was up before, so it is not this run's to end.
    assert.equal((await cli('run', ['--', 'true'])).status, 0);
    const { status, stderr } = await cli('run', [
      '--',
      'sh',
      '-c',
      'echo o >/proc/sysrq-trigger; sleep 98765',
    ]);
    assert.equal(status, 70);
    assert.match(stderr, /the guest shut down while the command ran/);
    assert.equal((await cli('status')).status, 1);
  });
  await checks.check('an interrupt while a machine boots ends it: 130', async () => {
    const { status } = await cli('run', ['--', 'true'], {
      onOutput: (child, _, stderr) => stderr.includes('booting') && child.kill('SIGINT'),
    });
    assert.equal(status, 130);
    for (let tries = 0; (await qemuProcesses()).length > 0 && tries < 100; tries++) await sleep(50);
    assert.deepEqual(await qemuProcesses(), []);
  });
}

/** Each boots a machine, and ends it in another way. @param {Checks} checks @returns {Promise<void>} */
export async function checkDeaths(checks) {
  await checks.check(
    'a panic fails the run, which shows the console; old state is no hindrance',
    async () => {
      // Of a record that names a process which lives but is not QEMU, the process must survive.
      const folder = await stateFolder();
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(join(folder, 'agent.sock'), 'not a socket');
      await writeFile(join(folder, 'machine.json'), JSON.stringify({ pid: process.pid, startedAt: '1' }));
      const { status, stderr } = await run(['--', 'sh', '-c', 'echo c >/proc/sysrq-trigger']);
      assert.equal(status, 70);
      assert.match(stderr, /the guest's kernel panicked while the command ran/);
      assert.match(stderr, /console\| .*sysrq triggered crash/i);
      assert.match(stderr, /console\| .*Kernel panic/);
      assert.equal((await cli('status')).status, 1);
      assert.deepEqual(await qemuProcesses(), []);
    },
  );
  await checks.check('a QEMU that is killed fails the run, which says so', async () => {
    const { status, stderr } = await run(['--', 'sh', '-c', 'echo ready; sleep 98765'], {
      onOutput: async (_, stdout) => {
        if (stdout === 'ready\n') for (const pid of await qemuProcesses()) process.kill(pid, 'SIGKILL');
      },
    });
    assert.equal(status, 70);
    assert.match(stderr, /QEMU ended or was killed while the command ran/);
  });
  await checks.check(
    'down leaves no process and no folder, and is no error when there is nothing',
    async () => {
      // A record that can't be read is as good as none.
      await writeFile(join(await stateFolder(), 'machine.json'), '{"pid":');
      assert.equal((await cli('up')).status, 0);
      assert.equal((await qemuProcesses()).length, 1);
      assert.equal((await cli('down')).status, 0);
      await assertNothingLeft();
      assert.equal((await cli('down')).status, 0);
    },
  );
  await checks.check('without --keep a machine ends with its command and leaves nothing', async () => {
    const { status, stdout } = await cli('run', ['--', 'echo', 'done']);
    assert.deepEqual({ status, stdout }, { status: 0, stdout: 'done\n' });
    await assertNothingLeft();
  });
  await checks.check('a machine that nobody uses ends by itself', async () => {
    const options = { ...MACHINE, idleSeconds: 2 };
    await withMachine(options, async (vm) => assert.ok(vm.booted));
    for (let tries = 0; (await machineStatus(options)).record && tries < 300; tries++) await sleep(100);
    assert.equal((await machineStatus(options)).record, null);
  });
}

/** @param {Checks} checks @param {string} scratch an empty folder @returns {Promise<void>} */
export async function checkSetup(checks, scratch) {
  await checks.check('without a network the making of an image says so, with what apt said', async () => {
    const config = join(scratch, 'apt.conf');
    // Nothing listens on port 9, and no list is known.
    const proxies = ['http', 'https'].map((scheme) => `Acquire::${scheme}::Proxy "http://127.0.0.1:9";`);
    await writeFile(config, `${proxies.join('\n')}\nDir::State::lists "${scratch}/lists";\n`);
    await mkdir(join(scratch, 'lists/partial'), { recursive: true });
    const env = { APT_CONFIG: config, XDG_CACHE_HOME: join(scratch, 'cache') };
    const { status, stderr } = await cli('setup', [], { env });
    assert.equal(status, 70, stderr);
    assert.match(stderr, /apt knows no linux-image-amd64|cannot reach this host's package mirror/);
    assert.doesNotMatch(stderr, /at .*\.mjs:\d+/, 'a message, not a stack');
  });
}
