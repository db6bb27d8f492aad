/**
 * Deadlines of attributes that hang: a FIFO that no one reads is such a file, for real.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DeadlineError, KernelError, RefusedError } from '../../../src/errors.ts';
import {
  checkTimeout,
  readAttribute,
  requireFinished,
  writeAttribute,
} from '../../../src/lifecycle/attribute.ts';

let folder: string;
let fifo: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sriov-attribute-'));
  fifo = path.join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const options = (device: string, timeoutMs = 60) => ({ doing: `${device}: trying`, device, timeoutMs });
const failure = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
};

/** A thread of the pool that hangs would keep the worker of the tests from ending. */
async function endReader(): Promise<void> {
  // Without a reader this fails with ENXIO.
  await vi.waitFor(() => closeSync(openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK)), 5000);
}

test('a write that hangs ends at the deadline, the loop goes on, and the device takes no other step before', async () => {
  let beats = 0;
  const heart = setInterval(() => (beats += 1), 5);
  const error = await failure(writeAttribute(fifo, '7', options('dev-a')));
  clearInterval(heart);
  expect(error).toBeInstanceOf(DeadlineError);
  expect(error).toMatchObject({ code: 'SRIOV_DEADLINE', stillRunning: true });
  expect(String(error)).toContain('still running');
  expect(beats).toBeGreaterThan(2);

  const refused = await failure(writeAttribute(path.join(folder, 'other'), '1', options('dev-a')));
  expect(refused).toBeInstanceOf(RefusedError);
  expect(String(refused)).toContain('dev-a: trying');
  // Another device is free.
  const other = path.join(folder, 'other');
  writeFileSync(other, '');
  await writeAttribute(other, '1', options('dev-b'));
  expect(readFileSync(other, 'utf8')).toBe('1');

  // The write comes to its end, and the device is free again.
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  await vi.waitFor(() => requireFinished('dev-a'));
  await writeAttribute(other, '2', options('dev-a'));
  closeSync(reader);
  expect(readFileSync(other, 'utf8')).toBe('2');
});

test('of two writes to one device at once, one is refused', async () => {
  const other = path.join(folder, 'other');
  const write = writeAttribute(fifo, '1', options('dev-c', 200));
  const second = await failure(writeAttribute(other, '1', options('dev-c', 200)));
  expect(second).toBeInstanceOf(RefusedError);
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  await write;
  closeSync(reader);
});

test('an attribute that is not there is not made, and its errno is kept', async () => {
  const error = await failure(writeAttribute(path.join(folder, 'none'), '1', options('dev-d')));
  expect(error).toBeInstanceOf(KernelError);
  expect(error).toMatchObject({ code: 'ENOENT', errno: -2, syscall: 'write' });
  expect(await readAttribute(path.join(folder, 'none'), 1000)).toBeUndefined();
});

test('the advice of the caller goes before the general one', async () => {
  const advice = { ENOENT: 'no such luck' };
  const error = await failure(writeAttribute('/nowhere/at/all', '1', { ...options('dev-e'), advice }));
  expect(String(error)).toContain('dev-e: trying: ENOENT: no such luck');
});

test('a read that hangs ends at the deadline', async () => {
  const error = await failure(readAttribute(fifo, 60));
  expect(error).toMatchObject({ code: 'SRIOV_DEADLINE', stillRunning: true });
  await endReader();
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('a time limit of %d is refused', (value) => {
  expect(() => checkTimeout(value, 5)).toThrow(RefusedError);
});

test('without a time limit the default holds', () => {
  expect(checkTimeout(undefined, 5)).toBe(5);
});
