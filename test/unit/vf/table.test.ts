/**
 * The table: what goes in comes out, whatever its size and order.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VfConfig, VfState } from '../../../src/vf/config.ts';
import { HEAD_ROWS } from '../../../src/vf/layout.ts';
import { VfTable } from '../../../src/vf/table.ts';
import { anyConfigs } from './any-config.ts';

/** What a table says of settings that were put in: nulls are what they stand for, defaults are filled in. */
function meant(config: VfConfig): VfState {
  const { mac, vlan, rate, linkState, nodeGuid, portGuid } = config;
  const none = '00:00:00:00:00:00';
  const same: VfState = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, value ?? false]),
  ) as unknown as VfState;
  const noVlan = vlan === null || (vlan?.id === 0 && (vlan.qos ?? 0) === 0);
  return {
    ...same,
    ...(mac === undefined ? {} : { mac: mac ?? none }),
    ...(vlan === undefined ? {} : { vlan: noVlan ? null : { qos: 0, proto: '802.1Q', ...(vlan as object) } }),
    ...(rate === undefined ? {} : { rate: rate ?? { min: 0, max: 0 } }),
    ...(linkState === undefined ? {} : { linkState: linkState ?? 'auto' }),
    ...(nodeGuid === undefined ? {} : { nodeGuid: nodeGuid ?? `${none}:00:00` }),
    ...(portGuid === undefined ? {} : { portGuid: portGuid ?? `${none}:00:00` }),
  } as VfState;
}

describe('a table of VFs', () => {
  it('gives back what was put in, and takes that again', () => {
    fc.assert(
      fc.property(anyConfigs, (configs) => {
        const table = VfTable.from(configs);
        const out = table.toConfigs();
        expect(out).toEqual(configs.map(meant));
        expect(VfTable.from(out).toConfigs()).toEqual(out);
        expect(table.length).toBe(configs.length);
      }),
      { numRuns: 300 },
    );
  });

  it('does not keep or change the objects that it was made from', () => {
    const config = { vf: 0, vlan: { id: 5 }, rate: { min: 1, max: 2 } };
    const table = VfTable.from([Object.freeze(config)]);
    config.vlan.id = 6;
    expect(table.row(0).vlan).toEqual({ id: 5, qos: 0, proto: '802.1Q' });
  });

  it('is iterated in its order, as often as wanted, by rows that agree with row() and find()', () => {
    fc.assert(
      fc.property(anyConfigs, (configs) => {
        const table = VfTable.from(configs);
        const vfs = [...table].map((row) => row.vf);
        expect(vfs).toEqual(configs.map(({ vf }) => vf));
        expect([...table].map((row) => row.vf)).toEqual(vfs);
        for (const [index, vf] of vfs.entries()) {
          expect(table.find(vf)?.toConfig()).toEqual(table.row(index).toConfig());
        }
      }),
      { numRuns: 50 },
    );
  });

  it.each([0, 1, 2, 3, 7, 64, 255, 1024, 65535])('holds %i VFs', (count) => {
    const mac = (vf: number): string => `02:00:00:00:${hex(vf >> 8)}:${hex(vf & 255)}`;
    const table = VfTable.from(Array.from({ length: count }, (_, vf) => ({ vf, mac: mac(vf) })));
    expect(table.length).toBe(count);
    let wrong = 0;
    for (const row of table) if (row.mac !== mac(row.vf) || row.trust !== undefined) wrong++;
    expect(wrong).toBe(0);
    expect(table.find(count)).toBeUndefined();
    expect(table.find(-1)).toBeUndefined();
  });

  it('of nothing has no rows', () => {
    const table = VfTable.from([]);
    expect([...table]).toEqual([]);
    expect(table.toConfigs()).toEqual([]);
  });

  it.each([-1, 2, 0.5, Number.NaN, '0'])('has no row %s', (index) => {
    const table = VfTable.from([{ vf: 0 }, { vf: 1 }]);
    expect(() => table.row(index as number)).toThrow(RangeError);
  });

  it('that was not read has no number of VFs, no broadcast address and no statistics', () => {
    const table = VfTable.from([{ vf: 0, mac: '02:00:00:00:00:01' }]);
    expect([table.numVfs, table.broadcast, table.hasStats, table.row(0).stats]).toEqual([
      0,
      undefined,
      false,
      undefined,
    ]);
  });

  it('is a new one each time, so that one cannot spoil another', () => {
    const first = VfTable.from([{ vf: 0, trust: true }]);
    const second = VfTable.from([{ vf: 0, trust: false }]);
    expect([first.row(0).trust, second.row(0).trust]).toEqual([true, false]);
    expect(first.bytes.buffer).not.toBe(second.bytes.buffer);
    expect(first.words[HEAD_ROWS]).toBe(1);
  });

  it('becomes JSON row by row', () => {
    const table = VfTable.from([{ vf: 2, vlan: null, rate: { max: 9 } }]);
    expect(JSON.stringify([...table])).toBe('[{"vf":2,"vlan":null,"rate":{"max":9}}]');
  });
});

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
