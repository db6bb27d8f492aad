/** Who began a piece of work, and whether he is still there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isAlive, processIdentity } from '../../../src/port/process.ts';

const own = processIdentity();

test('this process is alive, and its identity is plain data', () => {
  expect(own.pid).toBe(process.pid);
  expect(own.boot_id).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  expect(own.started).toBeGreaterThan(0);
  expect(own.pid_ns).toBeGreaterThan(0);
  expect(isAlive(JSON.parse(JSON.stringify(own)) as typeof own)).toBe('alive');
});

test('a process id that was given to someone else since is not the process', () => {
  expect(isAlive({ ...own, started: own.started - 1 })).toBe('dead');
});

test('after a boot nobody is alive, and of another PID namespace nobody can tell', () => {
  const boot_id = '00000000-0000-0000-0000-000000000000';
  expect(isAlive({ ...own, boot_id })).toBe('dead');
  expect(isAlive({ ...own, pid_ns: own.pid_ns + 1 })).toBe('unknown');
  expect(isAlive({ ...own, boot_id, pid_ns: own.pid_ns + 1 })).toBe('dead');
});

test('a process whose start was not known is not called dead', () => {
  expect(isAlive({ ...own, started: 0 })).toBe('unknown');
});

test('a process that ended is dead, before and after its exit status is collected', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const started = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  const identity = { ...own, pid: child.pid ?? 0, started };
  expect(isAlive(identity)).toBe('alive');
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  expect(isAlive(identity)).toBe('dead');
  for (const pid of [0, -1, 1.5]) expect(isAlive({ ...own, pid })).toBe('dead');
});

test('the command of a process may hold spaces and parentheses', async () => {
  const child = spawn(
    process.execPath,
    ['-e', "process.title = ') R 1 2 (x'; setInterval(() => {}, 1000); console.log()"],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  await once(child.stdout, 'data');
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const started = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  expect(isAlive({ ...own, pid: child.pid ?? 0, started })).toBe('alive');
  child.kill('SIGKILL');
  await once(child, 'exit');
});
