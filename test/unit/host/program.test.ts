/**
 * Options of programming, and the errors of a request as a whole.
 */
import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { AbortedError, InvalidConfigError, KernelError } from '../../../src/errors.ts';
import {
  abortedError,
  checkOptions,
  noThread,
  requestError,
  reusedTable,
  toReport,
} from '../../../src/host/program.ts';
import { PROGRAM_ATOMIC, PROGRAM_VERIFY, type ProgramWords } from '../../../src/vf/native.ts';
import type { ProgramOptions } from '../../../src/vf/report.ts';
import { VfTable } from '../../../src/vf/table.ts';

const PF = { name: 'eth0', ifindex: 7 };
const GONE = {
  get name(): string {
    throw new KernelError('ENODEV', 'gone');
  },
  ifindex: 7,
};

/** What the addon hands over for two settings, the second of which was refused. */
function outcome(
  change: Partial<Record<number, number>> = {},
  words: ProgramWords = [undefined, [1, 6, 0, 22, undefined], undefined],
): [numbers: Float64Array, at: number, words: ProgramWords] {
  const before = [7, 7, 7];
  const good = [0, 2, 1, 0, 3, 1, 4, 8, 0, 0, 1, 0.25];
  const numbers = Float64Array.from([...before, ...good.map((value, index) => change[index] ?? value)]);
  return [numbers, before.length, words];
}

const TABLE = VfTable.from([
  { vf: 0, trust: true },
  { vf: 1, trust: true },
]);

describe('options', () => {
  it('may be absent', () => {
    expect(checkOptions({})).toEqual({ flags: 0, maxHoldNs: 10e6, retryNs: 1e9 });
    const absent = { verify: undefined, atomic: undefined, maxHoldMs: undefined, retryMs: undefined };
    expect(checkOptions(absent as unknown as ProgramOptions)).toEqual(checkOptions({}));
  });

  it('reach the addon', () => {
    expect(checkOptions({ verify: true, atomic: true, maxHoldMs: 0.1, retryMs: 0 })).toEqual({
      flags: PROGRAM_VERIFY | PROGRAM_ATOMIC,
      maxHoldNs: 1e5,
      retryNs: 0,
    });
    expect(checkOptions({ maxHoldMs: 10_000, retryMs: 600_000 })).toMatchObject({
      maxHoldNs: 1e10,
      retryNs: 6e11,
    });
    expect(checkOptions({ verify: false, atomic: false })).toMatchObject({ flags: 0 });
  });

  it.each([
    [{ maxHoldMs: 0 }, 'maxHoldMs must be a number of milliseconds from 0.1 to 10000, not 0'],
    [{ maxHoldMs: 10_001 }, 'maxHoldMs'],
    [{ maxHoldMs: '5' }, 'maxHoldMs'],
    [{ maxHoldMs: Number.NaN }, 'maxHoldMs'],
    [{ maxHoldMs: null }, 'maxHoldMs'],
    [{ retryMs: -1 }, 'retryMs must be a number of milliseconds from 0 to 600000, not -1'],
    [{ retryMs: Number.POSITIVE_INFINITY }, 'retryMs'],
    [{ verify: 1 }, 'verify must be true or false, not 1'],
    [{ atomic: 'yes' }, 'atomic must be true or false, not yes'],
    [{ atomic: null }, 'atomic'],
    [{ retries: 3 }, 'unknown option "retries"; known are maxHoldMs, retryMs, verify, atomic'],
  ])('are refused as %j', (options, why) => {
    expect(() => checkOptions(options as ProgramOptions)).toThrow(InvalidConfigError);
    expect(() => checkOptions(options as ProgramOptions)).toThrow(why);
  });
});

describe('the table of the synchronous path', () => {
  it('is used again for lists of like size, and holds the last one alone', () => {
    const first = reusedTable([
      { vf: 0, trust: true, mac: '02:00:00:00:00:01' },
      { vf: 1, trust: true },
    ]);
    const second = reusedTable([
      { vf: 5, spoofCheck: true },
      { vf: 4, mac: null },
    ]);
    expect(second).toBe(first);
    expect(second.toConfigs()).toEqual([
      { vf: 5, spoofCheck: true },
      { vf: 4, mac: '00:00:00:00:00:00' },
    ]);
    expect(reusedTable([]).toConfigs()).toEqual([]);
  });

  it('is sound after a list that was refused half-way', () => {
    reusedTable([
      { vf: 0, trust: true },
      { vf: 1, trust: true },
    ]);
    expect(() => reusedTable([{ vf: 7, mac: null }, { vf: -1 }])).toThrow(InvalidConfigError);
    expect(reusedTable([{ vf: 2 }, { vf: 3, trust: false }]).toConfigs()).toEqual([
      { vf: 2 },
      { vf: 3, trust: false },
    ]);
  });
});

describe('a report', () => {
  it('has every number in its place', () => {
    expect(toReport(PF, TABLE, ...outcome())).toEqual({
      vfs: 2,
      requested: 2,
      applied: 1,
      failures: [
        {
          vf: 1,
          attribute: 'trust',
          errno: -22,
          code: 'EINVAL',
          message: 'eth0 VF 1: trust true: EINVAL: the driver refused the value, or the VF does not exist',
        },
      ],
      rolledBack: false,
      notRestored: [],
      aborted: false,
      unverified: 0,
      messages: 3,
      reads: 1,
      retries: 4,
      coalesced: 1,
      durationMs: 0.25,
    });
  });

  it('says what was put back and what could not be', () => {
    const report = toReport(
      PF,
      TABLE,
      ...outcome({ 8: 1, 9: 1 }, [undefined, undefined, [0, 6, 2, 0, undefined]]),
    );
    expect(report).toMatchObject({ rolledBack: true, aborted: true });
    expect(report.notRestored.map(({ vf, code }) => [vf, code])).toEqual([[0, 'NOT_REPORTED']]);
  });

  it('asks for the name of the PF only when there is something to say', () => {
    const [numbers, at] = outcome();
    expect(toReport(GONE, TABLE, numbers, at, undefined).failures).toEqual([]);
  });

  it('is none when there was no thread', () => {
    expect(() => noThread(PF, constants.errno.EAGAIN)).toThrow(KernelError);
    expect(() => noThread(PF, constants.errno.EAGAIN)).toThrow('eth0: no thread for the request: EAGAIN');
  });

  it('is none when the request as a whole was refused', () => {
    const refused = outcome({ 0: constants.errno.EPERM }, ['no', undefined, undefined]);
    expect(() => toReport(PF, TABLE, ...refused)).toThrow(KernelError);
    expect(() => toReport(PF, TABLE, ...refused)).toThrow(/^eth0: EPERM \(no\): .*CAP_NET_ADMIN/);
  });
});

describe('the error of a request', () => {
  it.each([
    ['EPERM', /CAP_NET_ADMIN/],
    ['ENODEV', /gone from this network namespace/],
    ['ENOBUFS', /read the VFs back/],
    ['EMSGSIZE', /newer kernel/],
    ['EBADMSG', /makes no sense/],
    ['EPROTO', /did not answer the request to its end/],
    ['EMFILE', /no file descriptor is left/],
    ['EIO', /the kernel refused the request/],
  ] as const)('%s has its errno, the PF and the way out', (code, advice) => {
    const error = requestError(PF, constants.errno[code], undefined);
    expect(error).toMatchObject({
      code,
      errno: -constants.errno[code],
      syscall: 'sendmsg',
      target: { pf: 'eth0' },
      extendedAck: undefined,
    });
    expect(error.message).toMatch(advice);
  });

  it('names a PF that is gone by its ifindex', () => {
    expect(requestError(GONE, constants.errno.ENODEV, undefined).message).toMatch(/^ifindex 7: ENODEV: /);
  });

  it('of a stop says what stands', () => {
    expect(abortedError(PF, undefined).message).toBe(
      'eth0: programming VFs was stopped by its signal; nothing was sent',
    );
    const report = toReport(PF, TABLE, ...outcome({ 9: 1 }));
    const error = abortedError(PF, report);
    expect(error).toBeInstanceOf(AbortedError);
    expect(error.report).toBe(report);
    expect(error.message).toContain('1 of 2 settings stand');
  });
});
