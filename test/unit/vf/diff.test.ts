/**
 * The difference of two tables: what has to be programmed, and no more.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VfConfig, VfState } from '../../../src/vf/config.ts';
import { diffVfs } from '../../../src/vf/diff.ts';
import { COLUMN_VLAN_PROTO } from '../../../src/vf/layout.ts';
import { VfTable } from '../../../src/vf/table.ts';
import { anyConfigs } from './any-config.ts';

const diff = (want: VfConfig[], have: VfConfig[]): VfState[] =>
  diffVfs(VfTable.from(want), VfTable.from(have)).toConfigs();

/** `have` after a driver took `delta`. */
function after(have: readonly VfState[], delta: readonly VfState[]): VfState[] {
  const byVf = new Map(have.map((state) => [state.vf, state]));
  for (const change of delta) {
    const old = byVf.get(change.vf);
    const rate = change.rate === undefined ? {} : { rate: { ...old?.rate, ...change.rate } };
    byVf.set(change.vf, { ...old, ...change, ...rate });
  }
  return [...byVf.values()];
}

const CLEAR = {
  mac: '00:00:00:00:00:00',
  vlan: null,
  rate: { min: 0, max: 0 },
  spoofCheck: false,
  trust: false,
  linkState: 'auto',
  rssQuery: false,
  nodeGuid: '00:00:00:00:00:00:00:00',
  portGuid: '00:00:00:00:00:00:00:00',
} as const;

describe('the difference', () => {
  it.each<[VfConfig, VfConfig]>([
    [
      { vf: 0, mac: '02:00:00:00:00:01' },
      { vf: 0, mac: '02:00:00:00:00:01' },
    ],
    [
      { vf: 0, mac: '00:00:00:00:00:01' },
      { vf: 0, mac: '00:00:00:00:00:01' },
    ],
    [
      { vf: 0, vlan: { id: 5, qos: 1 } },
      { vf: 0, vlan: { id: 5, qos: 1, proto: '802.1Q' } },
    ],
    [
      { vf: 0, vlan: { id: 5, proto: '802.1ad' } },
      { vf: 0, vlan: { id: 5, qos: 0, proto: '802.1ad' } },
    ],
    [
      { vf: 0, rate: { min: 1, max: 2 } },
      { vf: 0, rate: { min: 1, max: 2 } },
    ],
    [
      { vf: 0, spoofCheck: true },
      { vf: 0, spoofCheck: true },
    ],
    [
      { vf: 0, trust: true },
      { vf: 0, trust: true },
    ],
    [
      { vf: 0, rssQuery: true },
      { vf: 0, rssQuery: true },
    ],
    [
      { vf: 0, linkState: 'disable' },
      { vf: 0, linkState: 'disable' },
    ],
    [
      { vf: 0, nodeGuid: '00:00:00:00:00:00:00:01' },
      { vf: 0, nodeGuid: '00:00:00:00:00:00:00:01' },
    ],
    [
      { vf: 0, portGuid: '01:00:00:00:00:00:00:00' },
      { vf: 0, portGuid: '01:00:00:00:00:00:00:00' },
    ],
  ])('is %j when that is not so, and nothing when it is', (want, shown) => {
    expect(diff([want], [{ vf: 0, ...CLEAR }])).toEqual([shown]);
    expect(diff([want], [{ ...CLEAR, ...shown }])).toEqual([]);
  });

  it('is found in any part of a VLAN, but in the protocol only where there is a VLAN', () => {
    const have: VfConfig[] = [{ vf: 0, vlan: { id: 5, qos: 1 } }];
    expect(diff([{ vf: 0, vlan: { id: 6, qos: 1 } }], have)).toHaveLength(1);
    expect(diff([{ vf: 0, vlan: { id: 5, qos: 2 } }], have)).toHaveLength(1);
    expect(diff([{ vf: 0, vlan: { id: 5, qos: 1, proto: '802.1ad' } }], have)).toHaveLength(1);
    expect(diff([{ vf: 0, vlan: { id: 0, proto: '802.1ad' } }], [{ vf: 0, vlan: null }])).toEqual([]);
  });

  it('takes a protocol that a driver reports as 0 for 802.1Q', () => {
    const have = VfTable.from([{ vf: 0, vlan: { id: 5 } }]);
    have.words[have.columnAt(COLUMN_VLAN_PROTO)] = 0;
    expect(diffVfs(VfTable.from([{ vf: 0, vlan: { id: 5 } }]), have).length).toBe(0);
    expect(diffVfs(VfTable.from([{ vf: 0, vlan: { id: 5, proto: '802.1ad' } }]), have).length).toBe(1);
  });

  it('keeps a minimum or a maximum alone if only that differs', () => {
    const have: VfConfig[] = [{ vf: 0, rate: { min: 10, max: 100 } }];
    expect(diff([{ vf: 0, rate: { min: 20, max: 100 } }], have)).toEqual([{ vf: 0, rate: { min: 20 } }]);
    expect(diff([{ vf: 0, rate: { min: 10, max: 90 } }], have)).toEqual([{ vf: 0, rate: { max: 90 } }]);
  });

  it('holds what is not reported, and VFs that are not there', () => {
    const want: VfConfig[] = [
      { vf: 1, trust: false, rssQuery: true },
      { vf: 9, trust: false },
    ];
    expect(diff(want, [{ vf: 1, trust: false }])).toEqual([
      { vf: 1, rssQuery: true },
      { vf: 9, trust: false },
    ]);
  });

  it('has nothing of what is not wanted', () => {
    expect(diff([{ vf: 0 }, { vf: 1, trust: true }], [{ vf: 1, ...CLEAR, trust: true }])).toEqual([]);
    expect(diff([], [{ vf: 1, ...CLEAR }])).toEqual([]);
  });

  it('leaves both tables as they are', () => {
    const want = VfTable.from([{ vf: 0, trust: true }]);
    const have = VfTable.from([{ vf: 0, ...CLEAR }]);
    const [wantBefore, haveBefore] = [want.bytes.slice(), have.bytes.slice()];
    diffVfs(want, have);
    expect(want.bytes).toEqual(wantBefore);
    expect(have.bytes).toEqual(haveBefore);
  });

  it('to itself is nothing, whatever the table', () => {
    fc.assert(
      fc.property(anyConfigs, (configs) => {
        expect(diff(configs, configs)).toEqual([]);
      }),
    );
  });

  it('once programmed leaves no difference', () => {
    fc.assert(
      fc.property(anyConfigs, anyConfigs, (want, have) => {
        const haveTable = VfTable.from(have);
        const delta = diffVfs(VfTable.from(want), haveTable);
        const then = after(haveTable.toConfigs(), delta.toConfigs());
        fc.pre(!then.some(hasCrossedRates));
        expect(diff(want, then)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

/** One new limit may cross the other, old one; the kernel refuses that. */
function hasCrossedRates({ rate }: VfState): boolean {
  const { min = 0, max = 0 } = rate ?? {};
  return max !== 0 && min > max;
}
