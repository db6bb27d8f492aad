/**
 * A read is complete or an error. The outcomes are made up here, since no kernel in the test machine caps its
 * list; how the addon comes to them is tested against real kernels in test/kernel.
 */
import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { IncompleteReadError, KernelError, NotAPhysicalFunctionError } from '../../../src/errors.ts';
import { toTable } from '../../../src/host/read.ts';
import type { ReadOutcome } from '../../../src/vf/native.ts';
import { VfTable } from '../../../src/vf/table.ts';

const PF = { name: 'ib0', ifindex: 7 };

/** What the addon returns when the PF has `numVf` VFs and the kernel listed these. */
function outcome(numVf: number, listed: readonly number[]): ReadOutcome {
  const { buffer } = VfTable.from(listed.map((vf) => ({ vf, trust: true }))).bytes;
  return [0, undefined, numVf, listed.length, true, buffer as ArrayBuffer];
}

function refusal(numVf: number, listed: readonly number[], stats = false): IncompleteReadError {
  try {
    toTable(PF, outcome(numVf, listed), { stats });
  } catch (error) {
    if (error instanceof IncompleteReadError) return error;
    throw error;
  }
  throw new Error('a short list was taken for complete');
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, vf) => vf);

describe('a read', () => {
  it('that lists every VF gives them', () => {
    expect(toTable(PF, outcome(3, [0, 1, 2]), {}).toConfigs()).toHaveLength(3);
    expect(toTable(PF, outcome(0, []), {}).length).toBe(0);
  });

  it.each([
    [300, 256, false],
    [200, 128, true],
  ])('of %i VFs of which the kernel lists %i names those that are missing', (numVf, listed, stats) => {
    const error = refusal(numVf, upTo(listed), stats);
    expect(error.missing).toEqual(upTo(numVf).slice(listed));
    expect(error).toMatchObject({ code: 'SRIOV_INCOMPLETE_READ', listed, target: { pf: 'ib0' } });
    expect(error.message).toContain(`ib0 has ${numVf} VFs but the kernel listed ${listed}`);
    expect(error.message).toContain(`(${listed}, ${listed + 1}, `);
    expect(error.message.includes('without statistics')).toBe(stats);
  });

  it('in which the driver left out a VF in the middle names that one', () => {
    const error = refusal(4, [0, 1, 3]);
    expect(error.missing).toEqual([2]);
    expect(error.message).toContain('1 are missing (2):');
  });

  it('of a device without a list says that it is no physical function', () => {
    const none: ReadOutcome = [0, undefined, 4, 0, false, new ArrayBuffer(64)];
    expect(() => toTable(PF, none, {})).toThrow(NotAPhysicalFunctionError);
  });

  it('that the kernel refused, or that got no thread, is a KernelError', () => {
    const gone: ReadOutcome = [constants.errno.ENODEV, undefined, 0, 0, false, undefined];
    expect(() => toTable(PF, gone, {})).toThrow(KernelError);
    expect(() => toTable(PF, gone, {})).toThrow(/^ib0: ENODEV: /);
    expect(() => toTable(PF, constants.errno.EAGAIN, {})).toThrow('ib0: no thread for the request: EAGAIN');
  });
});
