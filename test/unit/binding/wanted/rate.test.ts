/**
 * QoS rules as rates of a VF, with the rounding of Neutron's SR-IOV agent.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QosRule } from '../../../../src/binding/port.ts';
import { toMbps, vfRate } from '../../../../src/binding/rate.ts';

const limit = (max_kbps: number, direction: 'egress' | 'ingress' = 'egress'): QosRule => ({
  type: 'bandwidth_limit',
  max_kbps,
  direction,
});
const guarantee = (min_kbps: number, direction: 'egress' | 'ingress' = 'egress'): QosRule => ({
  type: 'minimum_bandwidth',
  min_kbps,
  direction,
});

describe('kbit/s to Mbit/s', () => {
  it.each([
    [0, 0],
    [1, 1],
    [499, 1],
    [500, 1],
    [999, 1],
    [1000, 1],
    [1499, 1],
    [1500, 2],
    [2499, 2],
    [2500, 3],
    [10_000_000, 10_000],
    [2_147_483_647_499, 2_147_483_647],
  ])('QoS extension: %i kbit/s -> %i Mbit/s', (kbps, mbps) => {
    expect(toMbps(kbps)).toBe(mbps);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2_147_483_647_500, 2 ** 53])(
    'refuses %d',
    (kbps) => {
      expect(() => toMbps(kbps)).toThrow(/kbit\/s/);
    },
  );

  it('never makes a rate none, is off by at most half a Mbit/s above 1, and never turns the order round', () => {
    const kbps = fc.integer({ min: 1, max: 2_147_482_000_000 });
    fc.assert(
      fc.property(kbps, fc.nat(1_000_000), (rate, more) => {
        expect(toMbps(rate)).toBeGreaterThanOrEqual(1);
        expect(Math.abs(toMbps(rate + 1000) * 1000 - (rate + 1000))).toBeLessThanOrEqual(500);
        expect(toMbps(rate)).toBeLessThanOrEqual(toMbps(rate + more));
      }),
    );
  });
});

describe('rules to rates', () => {
  it.each<[string, QosRule[], ReturnType<typeof vfRate>]>([
    ['no rule: no limit', [], null],
    ['0 clears', [limit(0), guarantee(0)], null],
    ['a limit alone clears the guarantee of the port before', [limit(5000)], { min: 0, max: 5 }],
    ['a guarantee alone clears the limit of the port before', [guarantee(5000)], { min: 5, max: 0 }],
    [
      'both in one (LP#1962844: neither clears the other)',
      [guarantee(2000), limit(5000)],
      { min: 2, max: 5 },
    ],
    [
      'ingress has no part in it',
      [limit(5000, 'ingress'), guarantee(9000, 'ingress'), limit(7000)],
      { min: 0, max: 7 },
    ],
    [
      'the tightest limit, the highest guarantee',
      [limit(9000), limit(8000), limit(0), guarantee(1), guarantee(3000)],
      { min: 3, max: 8 },
    ],
    ['equal after rounding is no contradiction', [guarantee(1400), limit(1001)], { min: 1, max: 1 }],
  ])('%s', (_, rules, rate) => {
    expect(vfRate(rules)).toEqual(rate);
  });

  it('refuses a guarantee above the limit, after rounding', () => {
    expect(() => vfRate([guarantee(1500), limit(1499)])).toThrow(
      'the guaranteed rate of 2 Mbit/s is above the limit of 1 Mbit/s',
    );
  });
});
