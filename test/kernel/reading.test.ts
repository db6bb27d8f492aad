/**
 * Reading: every VF, whatever their number, with and without statistics.
 */
import { describe, expect, test } from 'vitest';
import { VfTable } from '../../src/index.ts';
import { each, full, UNCUT, usePf } from './pf.ts';

const NO_STATS = {
  rxPackets: 0n,
  txPackets: 0n,
  rxBytes: 0n,
  txBytes: 0n,
  broadcast: 0n,
  multicast: 0n,
  rxDropped: 0n,
  txDropped: 0n,
};

// From 222 VFs with statistics and 335 without, the 16-bit length of the list wraps; 221 is the last before.
describe.each([0, 1, 64, 200, 221, 222, 256, 334, 335, 512, 1024])('%i VFs', (count) => {
  const has = usePf({ vfs: count });

  test('are all read, with and without statistics, at once and later', async () => {
    const wanted = each(count, full);
    has.pf.programVfsSync(wanted, UNCUT);
    const plain = has.pf.readVfsSync();
    expect([plain.length, plain.numVfs, plain.hasStats]).toEqual([count, count, false]);
    expect(plain.toConfigs()).toEqual(wanted);
    const later = await has.pf.readVfs();
    expect(later.toConfigs()).toEqual(wanted);
    const withStats = wanted.map((config) => ({ ...config, stats: NO_STATS }));
    const counted = has.pf.readVfsSync({ stats: true });
    expect([counted.length, counted.numVfs, counted.hasStats]).toEqual([count, count, true]);
    expect(counted.toConfigs()).toEqual(withStats);
    expect((await has.pf.readVfs({ stats: true })).toConfigs()).toEqual(withStats);
  });

  test('are a table that can be programmed as it was read', () => {
    const table = has.pf.readVfsSync({ stats: true });
    expect(has.pf.programVfsSync(table, UNCUT)).toMatchObject({ vfs: count, failures: [] });
    expect(has.pf.readVfsSync().toConfigs()).toEqual(VfTable.from(table.toConfigs()).toConfigs());
  });
});

describe('what is read', () => {
  const has = usePf({ vfs: 3 });

  test('includes the broadcast address', () => {
    expect(has.pf.readVfsSync().broadcast).toBe('ff:ff:ff:ff:ff:ff');
  });

  test('is a state of its own, which later changes do not touch', () => {
    const before = has.pf.readVfsSync();
    has.pf.programVfsSync([{ vf: 0, trust: true }]);
    expect(before.row(0).trust).toBe(false);
    expect(has.pf.readVfsSync().row(0).trust).toBe(true);
  });

  test('follows the number of VFs', async () => {
    for (const count of [0, 5, 0, 2]) {
      has.sim.setNumVfs(0);
      if (count > 0) has.sim.setNumVfs(count);
      expect((await has.pf.readVfs()).length).toBe(count);
      expect(has.pf.readVfsSync().numVfs).toBe(count);
    }
  });
});
