/**
 * All or nothing, and checking by read-back.
 *
 * Uses what netdevsim does on its own: it keeps rates in 16 bits (struct nsim_vf_config), so that it accepts
 * 65,536 Mbit/s and shows 0.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { clear, each, full, macOf, read, UNCUT, usePf } from './pf.ts';

const COUNT = 256;
const GUID = '00:11:22:33:44:55:66:77';
const LOST = 65_536;
const has = usePf({ vfs: COUNT });

beforeEach(() => clear(has.pf));

describe('all or nothing', () => {
  test('is all when nothing is refused', async () => {
    const wanted = each(COUNT, full);
    const report = await has.pf.programVfs(wanted, { ...UNCUT, atomic: true });
    expect(report).toMatchObject({ applied: COUNT * 7, failures: [], rolledBack: false, notRestored: [] });
    expect(read(has.pf)).toEqual(wanted);
  });

  test.each([0, 1, 100, 255])('is nothing when VF %i refuses a value', (vf) => {
    has.pf.programVfsSync(each(COUNT, full), UNCUT);
    has.pf.programVfsSync([{ vf, rate: { min: 1000, max: 0 } }]);
    const before = read(has.pf);
    const report = has.pf.programVfsSync(
      each(COUNT, (of) => ({ mac: macOf(of, 1), vlan: null, rate: { max: 500 }, trust: true })),
      { ...UNCUT, atomic: true },
    );
    expect(read(has.pf)).toEqual(before);
    expect(report).toMatchObject({ applied: 0, rolledBack: true, notRestored: [], aborted: false });
    // The first one stops it.
    expect(report.failures.map((failure) => [failure.vf, failure.attribute, failure.code])).toEqual([
      [vf, 'rate', 'EINVAL'],
    ]);
  });

  test('is nothing when messages are short and several have gone out', () => {
    has.pf.programVfsSync(each(COUNT, full), UNCUT);
    has.pf.programVfsSync([{ vf: 200, rate: { min: 1000, max: 0 } }]);
    const before = read(has.pf);
    const report = has.pf.programVfsSync(
      each(COUNT, (vf) => ({ mac: macOf(vf, 1), rate: { max: 500 }, linkState: 'enable' })),
      { maxHoldMs: 0.1, atomic: true },
    );
    expect(read(has.pf)).toEqual(before);
    expect(report).toMatchObject({ applied: 0, rolledBack: true, notRestored: [] });
    expect(report.failures).toHaveLength(1);
  });

  test.each(['nodeGuid', 'portGuid'] as const)(
    'is nothing when the driver has no %s, which no read shows',
    (key) => {
      has.pf.programVfsSync(each(COUNT, full), UNCUT);
      const before = read(has.pf);
      const report = has.pf.programVfsSync(
        each(COUNT, (vf) => ({ mac: macOf(vf, 2), [key]: GUID, trust: true })),
        { ...UNCUT, atomic: true },
      );
      expect(read(has.pf)).toEqual(before);
      expect(report).toMatchObject({ applied: 0, rolledBack: true, notRestored: [] });
      expect(report.failures.map(({ vf, attribute, code }) => [vf, attribute, code])).toEqual([
        [0, key, 'EOPNOTSUPP'],
      ]);
    },
  );

  test('is nothing when a VF does not exist', () => {
    const before = read(has.pf);
    const configs = [...each(COUNT, full), { vf: COUNT, mac: macOf(1) }];
    const report = has.pf.programVfsSync(configs, { ...UNCUT, atomic: true });
    expect(read(has.pf)).toEqual(before);
    expect(report).toMatchObject({ applied: 0, rolledBack: true, notRestored: [] });
    expect(report.failures).toMatchObject([{ vf: COUNT, attribute: 'mac', code: 'EINVAL' }]);
  });

  test('puts back what others had set, and touches no other VF', async () => {
    const others = [
      { vf: 7, mac: macOf(7, 9), trust: true, linkState: 'disable' },
      { vf: 8, mac: macOf(8, 9), rate: { min: 50, max: 60 } },
    ] as const;
    has.pf.programVfsSync(others);
    const before = read(has.pf);
    const report = await has.pf.programVfs(
      [
        { vf: 7, mac: null, trust: false, linkState: 'auto', vlan: { id: 3 } },
        { vf: 8, mac: macOf(8), rate: { max: 10 } },
      ],
      { atomic: true },
    );
    expect(report.failures).toMatchObject([{ vf: 8, attribute: 'rate', code: 'EINVAL' }]);
    expect(report.rolledBack).toBe(true);
    expect(read(has.pf)).toEqual(before);
  });

  test('with verify is nothing when the driver does not show what it accepted', () => {
    const before = read(has.pf);
    const report = has.pf.programVfsSync(
      each(4, (vf) => ({ mac: macOf(vf), rate: { max: vf === 2 ? LOST : 100 } })),
      { atomic: true, verify: true, retryMs: 20 },
    );
    expect(report).toMatchObject({ applied: 0, rolledBack: true, notRestored: [] });
    expect(report.failures).toMatchObject([{ vf: 2, attribute: 'rate', code: 'NOT_APPLIED', errno: 0 }]);
    expect(read(has.pf)).toEqual(before);
  });
});

describe('verify', () => {
  test('finds nothing when all is as wanted, with one read', () => {
    const report = has.pf.programVfsSync(each(COUNT, full), { ...UNCUT, verify: true });
    expect(report).toMatchObject({ applied: COUNT * 7, failures: [], reads: 1, unverified: 0 });
  });

  test('finds what the driver accepts and does not show, after it has been given the time', () => {
    const report = has.pf.programVfsSync(
      each(8, (vf) => ({ trust: true, rate: { max: vf % 3 === 0 ? LOST + vf : 100 } })),
      { verify: true, retryMs: 500 },
    );
    expect(report.failures.map(({ vf, attribute, code }) => [vf, attribute, code])).toEqual(
      [0, 3, 6].map((vf) => [vf, 'rate', 'NOT_APPLIED']),
    );
    expect(report).toMatchObject({ requested: 16, applied: 13, rolledBack: false });
    expect(report.reads).toBeGreaterThan(1);
    expect(report.durationMs).toBeGreaterThanOrEqual(500);
    expect(report.failures[0]?.message).toContain('rate {"max":65536} was accepted but does not read back');
  });

  test('without it the same is believed', () => {
    const report = has.pf.programVfsSync([{ vf: 0, rate: { max: LOST } }]);
    expect(report).toMatchObject({ applied: 1, failures: [], reads: 0 });
    expect(has.pf.readVfsSync().row(0).rate).toEqual({ min: 0, max: 0 });
  });

  test('names what was refused once, and checks the rest', () => {
    has.pf.programVfsSync([{ vf: 1, rate: { min: 1000, max: 0 } }]);
    const report = has.pf.programVfsSync(
      [
        { vf: 0, nodeGuid: GUID, trust: true },
        { vf: 1, rate: { max: 100 } },
        { vf: 2, rate: { max: LOST } },
      ],
      { verify: true, retryMs: 10 },
    );
    expect(report.failures.map(({ vf, attribute, code }) => [vf, attribute, code])).toEqual([
      [0, 'nodeGuid', 'EOPNOTSUPP'],
      [1, 'rate', 'EINVAL'],
      [2, 'rate', 'NOT_APPLIED'],
    ]);
    expect(report.applied).toBe(1);
  });

  test('by the asynchronous way says the same', async () => {
    const report = await has.pf.programVfs([{ vf: 0, rate: { max: LOST } }], { verify: true, retryMs: 0 });
    expect(report.failures).toMatchObject([{ vf: 0, attribute: 'rate', code: 'NOT_APPLIED' }]);
  });
});
