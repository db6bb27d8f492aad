/**
 * Every attribute: set, read back, cleared; alone and together, with one VF and with a thousand.
 */
import { describe, expect, test } from 'vitest';
import { VfTable, type VfAttribute, type VfConfig } from '../../src/index.ts';
import { CLEAN, CLEARED, each, full, macOf, read, UNCUT, usePf } from './pf.ts';

const SETTABLE = Object.keys(CLEARED) as (keyof typeof CLEARED)[];

describe('each attribute alone', () => {
  const has = usePf({ vfs: 4 });

  const cases: [VfAttribute, Partial<VfConfig>, Partial<VfConfig>][] = [
    ['mac', { mac: 'AA:BB:CC:DD:EE:02' }, { mac: 'aa:bb:cc:dd:ee:02' }],
    ['vlan', { vlan: { id: 4095, qos: 7, proto: '802.1ad' } }, {}],
    ['vlan', { vlan: { id: 100 } }, { vlan: { id: 100, qos: 0, proto: '802.1Q' } }],
    ['vlan', { vlan: { id: 0, qos: 5 } }, { vlan: { id: 0, qos: 5, proto: '802.1Q' } }],
    ['rate', { rate: { min: 10, max: 65_535 } }, {}],
    ['rate', { rate: { min: 10, max: 0 } }, {}],
    ['spoofCheck', { spoofCheck: true }, {}],
    ['trust', { trust: true }, {}],
    ['linkState', { linkState: 'enable' }, {}],
    ['linkState', { linkState: 'disable' }, {}],
    ['rssQuery', { rssQuery: true }, {}],
  ];
  test.each(cases)(
    '%s %j is set, shown, and cleared by null; all else stays',
    async (attribute, set, shown) => {
      const before = read(has.pf);
      const report = has.pf.programVfsSync([{ vf: 2, ...set }]);
      expect(report).toMatchObject({ vfs: 1, requested: 1, applied: 1, failures: [], reads: 0 });
      const after = read(has.pf);
      expect(after).toEqual(before.with(2, { ...CLEAN, vf: 2, ...set, ...shown } as never));
      expect(has.pf.programVfsSync([{ vf: 2, [attribute]: null }])).toMatchObject({
        applied: 1,
        failures: [],
      });
      expect(read(has.pf)).toEqual(before);
    },
  );

  test('a rate that is given alone leaves the other one as it is', () => {
    has.pf.programVfsSync([{ vf: 1, rate: { min: 10, max: 100 } }]);
    has.pf.programVfsSync([{ vf: 1, rate: { max: 200 } }]);
    expect(has.pf.readVfsSync().row(1).rate).toEqual({ min: 10, max: 200 });
    has.pf.programVfsSync([{ vf: 1, rate: { min: 20 } }]);
    expect(has.pf.readVfsSync().row(1).rate).toEqual({ min: 20, max: 200 });
    has.pf.programVfsSync([{ vf: 1, rate: { max: 0, min: 0 } }]);
    expect(has.pf.readVfsSync().row(1).rate).toEqual({ min: 0, max: 0 });
  });

  test('lone minima of several VFs each keep their own maximum', () => {
    has.pf.programVfsSync(each(4, (vf) => ({ rate: { min: 0, max: 100 * (vf + 1) } })));
    const report = has.pf.programVfsSync(each(4, (vf) => ({ rate: { min: 10 + vf } })));
    expect(report).toMatchObject({ applied: 4, failures: [] });
    expect(read(has.pf).map(({ rate }) => rate)).toEqual(
      [0, 1, 2, 3].map((vf) => ({ min: 10 + vf, max: 100 * (vf + 1) })),
    );
    has.pf.programVfsSync(each(4, () => ({ rate: null })));
  });

  test('an entry that sets nothing, and an empty list, do nothing', () => {
    const before = read(has.pf);
    const nothing = { requested: 0, applied: 0, failures: [], messages: 0 };
    expect(has.pf.programVfsSync([{ vf: 0 }, { vf: 3 }])).toMatchObject({ vfs: 2, ...nothing });
    expect(has.pf.programVfsSync([])).toMatchObject({ vfs: 0, ...nothing });
    expect(read(has.pf)).toEqual(before);
  });

  test('a VF that was never touched reads as cleared', () => {
    expect(read(has.pf)[0]).toEqual({ vf: 0, ...CLEAN });
  });

  test.each(['nodeGuid', 'portGuid'] as const)('%s is refused by an Ethernet PF, by name', (attribute) => {
    const before = read(has.pf);
    const report = has.pf.programVfsSync([{ vf: 1, [attribute]: '00:11:22:33:44:55:66:77' }]);
    expect(report).toMatchObject({ requested: 1, applied: 0 });
    expect(report.failures).toMatchObject([{ vf: 1, attribute, errno: -95, code: 'EOPNOTSUPP' }]);
    expect(read(has.pf)).toEqual(before);
  });

  test('both GUIDs are tried, also after the first is refused', () => {
    const guid = '00:11:22:33:44:55:66:77';
    const { failures } = has.pf.programVfsSync([{ vf: 1, nodeGuid: guid, portGuid: guid }]);
    expect(failures.map(({ attribute, code }) => [attribute, code])).toEqual([
      ['nodeGuid', 'EOPNOTSUPP'],
      ['portGuid', 'EOPNOTSUPP'],
    ]);
  });
});

describe.each([1, 64, 256, 1024])('all attributes of %i VFs', (count) => {
  const has = usePf({ vfs: count });
  const wanted = each(count, full);

  test('are set and read back, and nothing is sent twice', () => {
    const report = has.pf.programVfsSync(wanted, UNCUT);
    expect(report).toMatchObject({
      vfs: count,
      requested: count * SETTABLE.length,
      applied: count * SETTABLE.length,
      failures: [],
      rolledBack: false,
      notRestored: [],
      aborted: false,
      reads: 0,
      retries: 0,
      coalesced: 1,
    });
    // 124 bytes a VF and 65,531 a list; the first message to a PF is a short one.
    expect(report.messages).toBeLessThanOrEqual(1 + Math.ceil((count * 124) / 65_531));
    expect(read(has.pf)).toEqual(wanted);
  });

  test('are changed one attribute after the other without touching the rest', () => {
    const now = wanted.map((config) => ({ ...config }) as Record<string, unknown>);
    for (const attribute of SETTABLE) {
      const value = (vf: number): unknown => full(vf + 1)[attribute];
      const report = has.pf.programVfsSync(
        each(count, (vf) => ({ [attribute]: value(vf) })),
        UNCUT,
      );
      expect(report).toMatchObject({ applied: count, failures: [] });
      for (const [vf, config] of now.entries()) config[attribute] = value(vf);
      expect(read(has.pf)).toEqual(now);
    }
  });

  test('are set by the asynchronous way just so, from a table', async () => {
    const report = await has.pf.programVfs(VfTable.from(wanted), UNCUT);
    expect(report).toMatchObject({ applied: count * SETTABLE.length, failures: [] });
    expect(read(has.pf)).toEqual(wanted);
  });

  test('of every other VF are set in any order, and the others stay', () => {
    const some = each(count, (vf) => ({ mac: macOf(vf, 9) }))
      .filter(({ vf }) => vf % 2 === 1)
      .reverse();
    expect(has.pf.programVfsSync(some, UNCUT)).toMatchObject({ vfs: some.length, failures: [] });
    const after = read(has.pf);
    expect(after.filter(({ vf }) => vf % 2 === 0)).toEqual(wanted.filter(({ vf }) => vf % 2 === 0));
    expect(after.filter(({ vf }) => vf % 2 === 1).map(({ mac }) => mac)).toEqual(
      some.map(({ vf }) => macOf(vf, 9)).reverse(),
    );
  });

  test('are cleared by null', () => {
    const report = has.pf.programVfsSync(
      each(count, () => CLEARED),
      UNCUT,
    );
    expect(report).toMatchObject({ applied: count * SETTABLE.length, failures: [] });
    expect(read(has.pf)).toEqual(each(count, () => CLEAN));
  });
});
