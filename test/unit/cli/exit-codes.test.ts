import { expect, test } from 'vitest';
import { EXIT, EXIT_MEANINGS, exitCodeForError, exitCodeForFailures } from '../../../src/cli/exit-codes.ts';
import { LifeError } from '../../../src/binding/life/errors.ts';
import { StoreConflictError } from '../../../src/store/errors.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';
import {
  AbortedError,
  InvalidConfigError,
  KernelError,
  NotAPhysicalFunctionError,
  UnsupportedPlatformError,
  VfsExistError,
} from '../../../src/errors.ts';

test.each([
  [new UsageError('x'), 64],
  [new InvalidConfigError('x'), 64],
  [new UnsupportedPlatformError('x'), 69],
  [new NotAPhysicalFunctionError('x', {}), 69],
  [new KernelError('ENODEV', 'x'), 69],
  [new KernelError('EOPNOTSUPP', 'x'), 69],
  [new VfsExistError('x', {}), 75],
  [new StoreConflictError('port/p1', 3), 75],
  [new LifeError('SRIOV_BUSY', 409, 'x'), 75],
  [new LifeError('SRIOV_PORT_BOUND', 409, 'x'), 1],
  [new KernelError('EBUSY', 'x'), 75],
  [new KernelError('EAGAIN', 'x'), 75],
  [new KernelError('EPERM', 'x'), 77],
  [new KernelError('EACCES', 'x'), 77],
  [new KernelError('ENOMEM', 'x'), 1],
  [new AbortedError('x', undefined, {}), 1],
  [new TypeError('x'), 1],
  ['thrown text', 1],
])('%s exits with %i', (error, code) => {
  expect(exitCodeForError(error)).toBe(code);
});

test('an errno on an error that is not ours, such as a missing file, says nothing of the device', () => {
  expect(exitCodeForError(Object.assign(new Error('open'), { code: 'EACCES' }))).toBe(1);
});

test('no failure exits with 0', () => {
  expect(exitCodeForFailures([], 0)).toBe(0);
});

test.each([
  [['EBUSY', 'EAGAIN'], 5, 75],
  [['EPERM'], 3, 77],
  [['EOPNOTSUPP', 'EPROTONOSUPPORT'], 0, 69],
  [['EOPNOTSUPP'], 1, 1],
  [['EINVAL'], 0, 1],
  [['NOT_APPLIED'], 7, 1],
  [['SRIOV_ABORTED'], 7, 1],
  [['EBUSY', 'EINVAL'], 0, 1],
  [['EBUSY', 'EPERM'], 0, 1],
])('failures %j with %i settings applied exit with %i', (codes, applied, code) => {
  expect(exitCodeForFailures(codes, applied)).toBe(code);
});

test('a report never exits with 64: its command line was right', () => {
  expect(exitCodeForFailures(['SRIOV_INVALID_CONFIG'], 0)).toBe(1);
});

test('help explains every exit status there is, once', () => {
  expect(EXIT_MEANINGS.map(([code]) => code)).toEqual(Object.values(EXIT));
});
