/** What `npm test` counts, and what it does not let pass. Owns scripts/test/tally.mjs's proof. */

import { describe, expect, test } from 'vitest';

import {
  TALLY_MARK,
  judgeStage,
  summarise,
  tallyOfLastLine,
  tallyOfVitest,
} from '../../scripts/test/tally.mjs';

const clean = { stage: 'unit', seconds: 1.25, end: '0', tally: { passed: 3, failed: 0, skipped: [] } };

describe('a stage is read', () => {
  test('from the last line that is not blank', () => {
    expect(tallyOfLastLine(['1 passed, 1 failed', '12 passed, 3 failed', '  '])).toEqual({
      passed: 12,
      failed: 3,
      skipped: [],
    });
  });

  test('as not counted when it printed more after its count', () => {
    expect(tallyOfLastLine(['12 passed, 0 failed', 'Segmentation fault'])).toBeUndefined();
    expect(tallyOfLastLine([])).toBeUndefined();
  });

  test('with the reasons of what it skipped, and empty ones where it gave none', () => {
    expect(
      tallyOfLastLine(['skipped boots under KVM: no /dev/kvm', '1 passed, 0 failed, 2 skipped'])?.skipped,
    ).toEqual([
      { name: 'boots under KVM', reason: 'no /dev/kvm' },
      { name: 'test 2', reason: '' },
    ]);
  });

  test('as the sum of the vitest runs in it, whatever else they print', () => {
    const skipped = [{ name: 'a.test.ts: x', reason: 'y' }];
    const lines = [
      'stdout of a test',
      `${TALLY_MARK}${JSON.stringify({ passed: 2, failed: 0, skipped })}`,
      `${TALLY_MARK}${JSON.stringify({ passed: 3, failed: 1, skipped: [] })}`,
    ];
    expect(tallyOfVitest(lines)).toEqual({ passed: 5, failed: 1, skipped });
    expect(tallyOfVitest(['no mark'])).toBeUndefined();
  });
});

describe('a stage fails', () => {
  test('not when it is clean', () => {
    expect(judgeStage(clean).problems).toEqual([]);
  });

  test.each([
    ['when it did not get to its end', { tally: undefined, end: 'SIGABRT' }, /SIGABRT/],
    ['when it printed no count, though it exited with 0', { tally: undefined }, /no count/],
    ['when it ran no test', { tally: { passed: 0, failed: 0, skipped: [] } }, /ran no test/],
    ['when it exited with 1 after all tests passed', { end: 'exit 1' }, /exit 1/],
    [
      'when it skipped a test without a reason',
      { tally: { passed: 1, failed: 0, skipped: [{ name: 'frames', reason: '' }] } },
      /without a reason: frames/,
    ],
  ])('%s', (_, change, problem) => {
    const judged = judgeStage({ ...clean, ...change });
    expect(judged.problems).toEqual([expect.stringMatching(problem)]);
    expect(summarise([judged]).ok).toBe(false);
    expect(summarise([judged]).lines.at(-1)).toMatch(/ 1 failed(,|$)/);
  });

  test('once for each test that failed, and not again for its exit status', () => {
    const judged = judgeStage({ ...clean, end: 'exit 1', tally: { passed: 5, failed: 2, skipped: [] } });
    expect(summarise([judged]).lines.at(-1)).toBe('5 passed, 2 failed');
  });
});

describe('the summary', () => {
  test('closes on the sum over all stages', () => {
    const { lines, ok } = summarise([judgeStage(clean), judgeStage({ ...clean, stage: 'kernel' })]);
    expect(ok).toBe(true);
    expect(lines.at(-1)).toBe('6 passed, 0 failed');
    expect(lines[0]).toBe('ok     unit             1.3 s  3 passed, 0 failed');
  });

  test('names every skipped test with its reason before the sum', () => {
    const tally = { passed: 1, failed: 0, skipped: [{ name: 'frames', reason: 'no second NIC' }] };
    const { lines, ok } = summarise([judgeStage({ ...clean, stage: 'hardware', tally })]);
    expect(ok).toBe(true);
    expect(lines.slice(-2)).toEqual([
      'skipped hardware: frames: no second NIC',
      '1 passed, 0 failed, 1 skipped',
    ]);
  });

  test('fails when no stage was run', () => {
    expect(summarise([]).ok).toBe(false);
    expect(summarise([]).lines.at(-1)).toBe('0 passed, 1 failed');
  });
});
