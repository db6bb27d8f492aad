/** One agent a store, whoever ends how. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AgentLock, lockStore } from '../../../src/cli/agent-run/lock.ts';
import { RefusedError } from '../../../src/errors.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sriov-lock-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('a second agent is refused while the first runs, told its process id, and let in after it', async () => {
  const first = await lockStore(directory);
  await expect(lockStore(directory)).rejects.toThrow(
    `an agent runs on store ${directory} already (process ${process.pid})`,
  );
  await expect(lockStore(directory)).rejects.toBeInstanceOf(RefusedError);
  first.release();
  first.release();
  expect(readdirSync(directory)).toEqual([]);
  (await lockStore(directory)).release();
});

test('of many that start at once exactly one goes on', async () => {
  for (let round = 0; round < 20; round++) {
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockStore(directory)));
    const locks = tries.flatMap((one): AgentLock[] => (one.status === 'fulfilled' ? [one.value] : []));
    for (const lock of locks) lock.release();
    expect(locks).toHaveLength(1);
    expect(readdirSync(directory)).toEqual([]);
  }
});

test('what a killed agent left behind keeps nobody out, and is cleared away', async () => {
  const body = `import { createServer } from 'node:net';
    createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'));`;
  const path = join(directory, 'agent-0000000000000000.lock');
  const child = spawn(process.execPath, ['--input-type=module', '-e', body, path], { stdio: 'ignore' });
  const [, signal] = (await once(child, 'exit')) as [unknown, unknown];
  expect(signal).toBe('SIGKILL');
  expect(statSync(path).isSocket()).toBe(true);
  const lock = await lockStore(directory);
  expect(readdirSync(directory)).toHaveLength(1);
  lock.release();
});

test('an agent that does not answer counts as one that runs', async () => {
  const mute = createServer().listen(join(directory, 'agent-ffffffffffffffff.lock'));
  await once(mute, 'listening');
  await expect(lockStore(directory)).rejects.toThrow('an agent runs on store');
  mute.close();
});

test('the socket is its owner’s alone, and the path of the store may be longer than that of a socket', async () => {
  const deep = join(directory, 'x'.repeat(120), 'y'.repeat(120));
  mkdirSync(deep, { recursive: true });
  const lock = await lockStore(deep);
  const [name = ''] = readdirSync(deep);
  expect(statSync(join(deep, name)).mode & 0o777).toBe(0o600);
  await expect(lockStore(deep)).rejects.toThrow('an agent runs on store');
  lock.release();
  expect(readdirSync(deep)).toEqual([]);
});

test('a directory that is not there is told by its errno', async () => {
  await expect(lockStore(join(directory, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
});
