/**
 * Some VFs among a thousand that the kernel refuses: all of them named, all others applied, few messages.
 *
 * The kernel refuses a maximum rate below the minimum that a VF has (rtnl_set_vf_rate: EINVAL), which nobody
 * can know beforehand; a GUID on Ethernet (do_setvfinfo: EOPNOTSUPP), which no read shows; and VFs that are
 * not there (netdevsim: EINVAL).
 */
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { diffVfs, type ProgramReport, VF_ATTRIBUTES, type VfConfig, VfTable } from '../../src/index.ts';
import { clear, each, macOf, read, UNCUT, usePf } from './pf.ts';

const COUNT = 1024;
const TEN = [0, 1, 100, 101, 350, 512, 700, 701, 1000, 1023];
const GUID = '00:11:22:33:44:55:66:77';
const has = usePf({ vfs: COUNT });
const counted: string[] = [];

/** VFs whose maximum rate cannot be 100 Mbit/s. */
function guarantee(vfs: readonly number[]): void {
  has.pf.programVfsSync(
    vfs.map((vf) => ({ vf, rate: { min: 1000, max: 0 } })),
    UNCUT,
  );
}

/** MAC, VLAN, spoof check and a maximum rate for every VF. */
const wanted = (): VfConfig[] =>
  each(COUNT, (vf) => ({ mac: macOf(vf), vlan: { id: 5 }, spoofCheck: true, rate: { max: 100 } }));

/** What the report names, once it is proven that exactly this is not as wanted. */
function named(
  report: ProgramReport,
  configs: readonly VfConfig[],
): [vf: number, attribute: string, code: string][] {
  const failed = report.failures.map(
    ({ vf, attribute, code }) => [vf, attribute, code] as [number, string, string],
  );
  expect(report.applied).toBe(report.requested - failed.length);
  const left = diffVfs(VfTable.from(configs), has.pf.readVfsSync()).toConfigs();
  const keys = left.flatMap(({ vf, ...rest }) => Object.keys(rest).map((key) => `${vf} ${key}`));
  expect(keys.sort()).toEqual(failed.map(([vf, attribute]) => `${vf} ${attribute}`).sort());
  counted.push(`${failed.length} of ${report.requested} settings refused: ${report.messages} messages`);
  return failed;
}

beforeEach(() => clear(has.pf));
afterAll(() => console.log(counted.join('\n')));

describe('one bad VF among 1,024', () => {
  test.each([0, 1, 4, 517, 1022, 1023])('a value that VF %i refuses', (vf) => {
    guarantee([vf]);
    const report = has.pf.programVfsSync(wanted(), UNCUT);
    expect(named(report, wanted())).toEqual([[vf, 'rate', 'EINVAL']]);
    expect(report.failures[0]).toMatchObject({
      errno: -22,
      message: expect.stringContaining(`VF ${vf}: rate`),
    });
    expect(report.messages).toBeLessThanOrEqual(8);
  });

  test.each([0, 1, 517, 1022, 1023])('an attribute that no read shows, on VF %i', (vf) => {
    const configs = wanted().map((config) => (config.vf === vf ? { ...config, nodeGuid: GUID } : config));
    const report = has.pf.programVfsSync(configs, UNCUT);
    expect(named(report, configs)).toEqual([[vf, 'nodeGuid', 'EOPNOTSUPP']]);
    expect(report.messages).toBeLessThanOrEqual(8);
  });

  test('the same when everything else was so before', () => {
    has.pf.programVfsSync(wanted(), UNCUT);
    const configs = wanted().map((config) => (config.vf === 517 ? { ...config, portGuid: GUID } : config));
    const report = has.pf.programVfsSync(configs, UNCUT);
    expect(named(report, configs)).toEqual([[517, 'portGuid', 'EOPNOTSUPP']]);
    expect(report.messages).toBeLessThanOrEqual(8);
  });

  test('a VF that does not exist, with all its settings', () => {
    const configs = wanted().with(517, { ...wanted()[517], vf: 5000 } as VfConfig);
    const report = has.pf.programVfsSync(configs, UNCUT);
    const settings = ['mac', 'vlan', 'rate', 'spoofCheck'] as const;
    expect(named(report, configs)).toEqual(settings.map((attribute) => [5000, attribute, 'EINVAL']));
    expect(report.failures[0]?.message).toMatch(/the PF has 1024 VFs, 0 to 1023; raise their number first$/);
    expect(report.messages).toBeLessThanOrEqual(8);
  });

  test('by the asynchronous way just so', async () => {
    guarantee([517]);
    const report = await has.pf.programVfs(wanted(), UNCUT);
    expect(named(report, wanted())).toEqual([[517, 'rate', 'EINVAL']]);
    expect(report.messages).toBeLessThanOrEqual(8);
  });

  test('with messages cut short, everything still arrives', () => {
    guarantee([517]);
    const report = has.pf.programVfsSync(wanted(), { maxHoldMs: 0.1 });
    expect(named(report, wanted())).toEqual([[517, 'rate', 'EINVAL']]);
    expect(report.messages).toBeGreaterThan(8);
  });
});

describe('ten bad VFs scattered over 1,024', () => {
  const rates = (vfs: readonly number[]): [number, string, string][] =>
    vfs.map((vf) => [vf, 'rate', 'EINVAL']);

  test('values that they refuse', () => {
    guarantee(TEN);
    const report = has.pf.programVfsSync(wanted(), UNCUT);
    expect(named(report, wanted())).toEqual(rates(TEN));
    // A read, the culprit alone and the rest for each of them.
    expect(report.messages).toBeLessThanOrEqual(3 * TEN.length + 3);
  });

  test('an attribute that no read shows', () => {
    const configs = wanted().map((config) =>
      TEN.includes(config.vf) ? { ...config, nodeGuid: GUID } : config,
    );
    const report = has.pf.programVfsSync(configs, UNCUT);
    expect(named(report, configs)).toEqual(TEN.map((vf) => [vf, 'nodeGuid', 'EOPNOTSUPP']));
    expect(report.messages).toBeLessThanOrEqual(3 * TEN.length + 3);
  });

  test('VFs that do not exist', () => {
    const configs = wanted().map((config) =>
      TEN.includes(config.vf) ? { vf: 5000 + config.vf, mac: macOf(1) } : config,
    );
    const report = has.pf.programVfsSync(configs, UNCUT);
    expect(named(report, configs)).toEqual(TEN.map((vf) => [5000 + vf, 'mac', 'EINVAL']));
    expect(report.messages).toBeLessThanOrEqual(TEN.length + 8);
  });

  test('of each kind at once, next to one another', () => {
    guarantee([3, 4, 1022]);
    const configs = wanted().map((config) => {
      if (config.vf === 2 || config.vf === 4 || config.vf === 700) return { ...config, nodeGuid: GUID };
      if (config.vf === 600) return { vf: 4000, trust: true };
      return config;
    });
    const report = has.pf.programVfsSync(configs, UNCUT);
    expect(named(report, configs)).toEqual([
      [2, 'nodeGuid', 'EOPNOTSUPP'],
      [3, 'rate', 'EINVAL'],
      [4, 'rate', 'EINVAL'],
      [4, 'nodeGuid', 'EOPNOTSUPP'],
      [700, 'nodeGuid', 'EOPNOTSUPP'],
      [1022, 'rate', 'EINVAL'],
      [4000, 'trust', 'EINVAL'],
    ]);
  });

  test('a refused setting that no read shows is not hidden by a refused one behind it', () => {
    guarantee([4]);
    const configs = [
      { vf: 3, nodeGuid: GUID },
      { vf: 4, rate: { max: 100 } },
    ];
    expect(named(has.pf.programVfsSync(configs, UNCUT), configs)).toEqual([
      [3, 'nodeGuid', 'EOPNOTSUPP'],
      [4, 'rate', 'EINVAL'],
    ]);
  });
});

describe('very many bad VFs', () => {
  test('a hundred values that VFs refuse are all named', () => {
    const vfs = Array.from({ length: 100 }, (_, index) => index * 10 + 3);
    guarantee(vfs);
    const report = has.pf.programVfsSync(wanted(), UNCUT);
    expect(named(report, wanted())).toEqual(vfs.map((vf) => [vf, 'rate', 'EINVAL']));
  });

  test('all values refused: more refusals than a socket holds answers', () => {
    guarantee(Array.from({ length: COUNT }, (_, vf) => vf));
    const report = has.pf.programVfsSync(wanted(), UNCUT);
    expect(named(report, wanted())).toEqual(wanted().map(({ vf }) => [vf, 'rate', 'EINVAL']));
  });

  test('an attribute that the driver does not have, on every VF', async () => {
    const configs = wanted().map((config) => ({ ...config, nodeGuid: GUID, portGuid: GUID }));
    const report = await has.pf.programVfs(configs, UNCUT);
    expect(named(report, configs)).toEqual(
      configs.flatMap(({ vf }) => [
        [vf, 'nodeGuid', 'EOPNOTSUPP'] as const,
        [vf, 'portGuid', 'EOPNOTSUPP'] as const,
      ]),
    );
  });

  test('every VF of the request missing', () => {
    const before = read(has.pf);
    const configs = each(300, (vf) => ({ mac: macOf(vf), trust: true })).map((config) => ({
      ...config,
      vf: config.vf + 2000,
    }));
    const report = has.pf.programVfsSync(configs, UNCUT);
    expect(report).toMatchObject({ requested: 600, applied: 0 });
    expect(report.failures).toHaveLength(600);
    expect(new Set(report.failures.map(({ code }) => code))).toEqual(new Set(['EINVAL']));
    expect(read(has.pf)).toEqual(before);
  });
});

test('failures come in order of VF, then in the order in which the kernel applies', () => {
  guarantee([1, 3]);
  const configs = [3, 2, 1].map((vf) => ({ vf, portGuid: GUID, nodeGuid: GUID, rate: { max: 1 } }));
  const places = has.pf
    .programVfsSync(configs, UNCUT)
    .failures.map(({ vf, attribute }) => vf * 100 + VF_ATTRIBUTES.indexOf(attribute));
  expect(places).toHaveLength(8);
  expect(places).toEqual([...places].sort((a, b) => a - b));
});
