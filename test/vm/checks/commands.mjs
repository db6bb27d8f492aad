// @ts-check
/**
 * Checks of one command's way into the guest and back: streams, status, signals, time.
 *
 * Owns no machine: it finds the checks' machine up, and leaves it so.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { withMachine } from '../index.mjs';
import { CHECKOUT, MACHINE, NAME, run, sh } from './client.mjs';

/** @typedef {import("./runner.mjs").Checks} Checks */

/** @param {Buffer} bytes */
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** @param {Checks} checks @returns {Promise<void>} */
export async function checkCommands(checks) {
  await checks.check('exit status: of the command, 128 + signal, 127 and 126', async () => {
    const statusOf = async (/** @type {string[]} */ ...argv) => (await run(['--', ...argv])).status;
    assert.equal(await statusOf('sh', '-c', 'exit 3'), 3);
    assert.equal(await statusOf('sh', '-c', 'kill -9 $$'), 137);
    assert.equal(await statusOf('no-such-program'), 127);
    assert.equal(await statusOf('/etc/passwd'), 126);
  });
  await checks.check('stdout and stderr come apart, and nothing is added to them', async () => {
    const { stdout, stderr } = await run(['--quiet', '--', 'sh', '-c', 'echo out; echo err >&2']);
    assert.equal(stdout, 'out\n');
    assert.equal(stderr, 'err\n');
  });
  await checks.check('8 MiB of random bytes go in and come out intact', async () => {
    const bytes = randomBytes(8 << 20);
    await withMachine(MACHINE, async (vm) => {
      const { stdout, status } = await vm.run(['cat'], { stdin: bytes });
      assert.equal(status, 0);
      assert.equal(sha256(stdout), sha256(bytes));
      // A command that takes nothing must not stop the rest.
      assert.equal((await vm.run(['true'], { stdin: bytes })).status, 0);
    });
  });
  await checks.check('a pipe is its input, and without a command a shell reads it', async () => {
    assert.equal((await run(['--', 'tr', 'a-z', 'A-Z'], { input: 'one\ntwo\n' })).stdout, 'ONE\nTWO\n');
    const shell = await run([], { input: 'echo $((40 + 2)); exit 5\n' });
    assert.equal(shell.stdout, '42\n');
    assert.equal(shell.status, 5);
  });
  await checks.check('on a terminal it is an interactive shell on a terminal', async () => {
    const { status, stdout } = await shellOnTerminal('tty; echo $((40 + 2)).; exit 7\r');
    assert.match(stdout, /\/dev\/pts\/\d/);
    assert.match(stdout, /^42\./m);
    assert.equal(status, 7);
  });
  await checks.check('environment, working folder and an argument with blanks arrive', async () => {
    const script = 'echo "$GREETING|$PWD|$1"';
    const words = ['--env', 'GREETING=a b=c', '--cwd', '/usr', '--', 'sh', '-c', script, 'sh', "x  y\n'"];
    assert.equal((await run(words)).stdout, "a b=c|/usr|x  y\n'\n");
    assert.equal(await sh('pwd'), CHECKOUT);
  });
  await checks.check('a terminal of the right size', async () => {
    const output = await sh('test -t 0 && test -t 1 && stty size', { tty: { rows: 33, columns: 99 } });
    assert.equal(output, '33 99');
  });
  await checks.check(
    'a timeout ends the command and all its children: 124, and the machine goes on',
    async () => {
      const stubborn = "trap '' TERM; sleep 98765 & sleep 98765";
      const { status, stderr } = await run(['--timeout', '1', '--', 'sh', '-c', stubborn]);
      assert.equal(status, 124);
      assert.match(stderr, /timed out after 1 s/);
      assert.equal(await running('sleep 98765'), 0);
    },
  );
  await checks.check('an interrupt reaches the command', async () => {
    const script = "trap 'exit 42' INT; echo ready; while :; do sleep 0.1; done";
    const { status } = await run(['--', 'sh', '-c', script], {
      onOutput: (child, stdout) => stdout === 'ready\n' && child.kill('SIGINT'),
    });
    assert.equal(status, 42);
  });
  await checks.check('a command that ignores interrupts is killed by the third', async () => {
    const script = "trap 'echo no' INT; echo ready; while :; do sleep 0.1; done";
    let answers = 0;
    const { status, stdout } = await run(['--', 'sh', '-c', script], {
      onOutput: (child, soFar) => {
        if (soFar.split('\n').length - 1 > answers && child.kill('SIGINT')) answers += 1;
      },
    });
    assert.equal(stdout, 'ready\nno\nno\n');
    assert.equal(status, 137);
  });
  await checks.check(
    'a client that is killed leaves nothing behind and does not block the next',
    async () => {
      await run(['--', 'sh', '-c', 'echo ready; exec sleep 87654'], {
        onOutput: (child) => child.kill('SIGKILL'),
      });
      assert.equal(await running('sleep 87654'), 0);
    },
  );
  await checks.check('two clients at once take turns', async () => {
    const turn = ['--', 'sh', '-ec', 'mkdir /tmp/turn; sleep 0.3; rmdir /tmp/turn'];
    const both = await Promise.all([run(turn), run(turn)]);
    const said = both.map(({ stderr }) => stderr).join('');
    assert.deepEqual(
      both.map(({ status }) => status),
      [0, 0],
      said,
    );
    assert.match(said, /waiting for process/);
  });
}

/** @param {string} command @returns {Promise<number>} how many processes of the guest have it as their command line */
async function running(command) {
  const lines = (await sh('/run/sriov-vm/bin/busybox ps -o args')).split('\n');
  assert.ok(
    lines.some((line) => line.includes('sriov.agent')),
    'ps shows what runs',
  );
  return lines.filter((line) => line.startsWith(command)).length;
}

/**
 * `vm.mjs run` below script(1), which gives it a terminal.
 * @param {string} typed
 * @returns {Promise<{ status: number | null, stdout: string }>}
 */
function shellOnTerminal(typed) {
  const cli = fileURLToPath(new URL('../vm.mjs', import.meta.url));
  const command = `'${process.execPath}' '${cli}' run --keep --quiet --name '${NAME}'`;
  const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.on('data', (bytes) => {
    // At the prompt, and not before: what is typed ahead would be echoed by the wrong terminal.
    if (stdout === '') child.stdin.write(typed);
    stdout += bytes;
  });
  return new Promise((resolve) => {
    child.on('close', (status) => resolve({ status, stdout: stdout.replaceAll('\r', '') }));
  });
}
