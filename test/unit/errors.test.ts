/**
 * The errors: told apart by `code` and by class, one family.
 */
import { describe, expect, it } from 'vitest';
import { errnoName } from '../../src/errno.ts';
import * as errors from '../../src/errors.ts';
import type { ProgramReport } from '../../src/vf/report.ts';

const {
  AbortedError,
  DeadlineError,
  IncompleteReadError,
  InvalidConfigError,
  KernelError,
  NotAPhysicalFunctionError,
  RefusedError,
  SriovError,
  UnsupportedPlatformError,
  VfsExistError,
  VfsInUseError,
} = errors;

const cause = new Error('why');
const each: readonly [string, string, errors.SriovError][] = [
  ['InvalidConfigError', 'SRIOV_INVALID_CONFIG', new InvalidConfigError('m', { vf: 1, attribute: 'mac' })],
  ['UnsupportedPlatformError', 'SRIOV_UNSUPPORTED_PLATFORM', new UnsupportedPlatformError('m', cause)],
  ['NotAPhysicalFunctionError', 'SRIOV_NOT_A_PF', new NotAPhysicalFunctionError('m', { pf: 'eth0' })],
  ['KernelError', 'EPERM', new KernelError('EPERM', 'm', { errno: -1, syscall: 'sendmsg' })],
  ['IncompleteReadError', 'SRIOV_INCOMPLETE_READ', new IncompleteReadError('m', [2], 2, { pf: 'eth0' })],
  ['VfsExistError', 'SRIOV_VFS_EXIST', new VfsExistError('m', { pf: 'eth0' })],
  ['VfsInUseError', 'SRIOV_VFS_IN_USE', new VfsInUseError('m', [], { pf: 'eth0' })],
  ['RefusedError', 'SRIOV_REFUSED', new RefusedError('m')],
  ['DeadlineError', 'SRIOV_DEADLINE', new DeadlineError('m', true)],
  ['AbortedError', 'SRIOV_ABORTED', new AbortedError('m', undefined, { pf: 'eth0' })],
];

describe('errors', () => {
  it('are all in this list', () => {
    const classes = Object.keys(errors).filter((name) => name !== 'SriovError');
    expect(each.map(([name]) => name).sort()).toEqual(classes.sort());
  });

  it.each(each)('%s has its name, its code and its family', (name, code, error) => {
    expect(error).toBeInstanceOf(SriovError);
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.message]).toEqual([name, code, 'm']);
    expect(error.stack?.startsWith(`${name}: m`)).toBe(true);
  });

  it('have their own codes', () => {
    expect(new Set(each.map(([, code]) => code)).size).toBe(each.length);
  });

  it('say what they are about and what is unknown is undefined', () => {
    expect(new KernelError('EPERM', 'm', { errno: -1, syscall: 'sendmsg' })).toMatchObject({
      errno: -1,
      syscall: 'sendmsg',
      extendedAck: undefined,
      target: {},
    });
    expect(each[0]?.[2].target).toEqual({ vf: 1, attribute: 'mac' });
    expect(each[1]?.[2].cause).toBe(cause);
    expect('cause' in new KernelError('EIO', 'm')).toBe(false);
  });

  it('carry what is special to them', () => {
    const incomplete = new IncompleteReadError('m', [4, 5], 4, {});
    expect([incomplete.missing, incomplete.listed]).toEqual([[4, 5], 4]);
    expect(new VfsExistError('m', {}).errno).toBe(-16);
    const user = { vf: 1, pciAddress: '0000:03:10.0', reason: 'up', detail: 'eth1 is up' } as const;
    expect(new VfsInUseError('m', [user], {}).users).toEqual([user]);
    expect(new DeadlineError('m', true).stillRunning).toBe(true);
    const report = { applied: 3 } as ProgramReport;
    expect(new AbortedError('m', report, {}).report).toBe(report);
  });
});

describe('the name of an errno', () => {
  it.each([
    [1, 'EPERM'],
    [11, 'EAGAIN'],
    [16, 'EBUSY'],
    [22, 'EINVAL'],
    [93, 'EPROTONOSUPPORT'],
    [95, 'EOPNOTSUPP'],
    [524, 'ERRNO_524'],
    [0, 'ERRNO_0'],
  ])('%i is %s', (errno, name) => {
    expect(errnoName(errno)).toBe(name);
  });
});
