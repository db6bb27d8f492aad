/** The settings of VFs on igb: what the driver has, what it refuses and how, and what makes it forget. */
import { expect, test } from 'vitest';
import { waitForCarrier } from '../../src/conformance/pass.ts';
import { resetFunction, setMtu, type VfConfig, type VfState } from '../../src/index.ts';
import { setUp } from '../../src/lifecycle/net-device.ts';
import { downAndUp, useIgb } from './igb.ts';

const igb = useIgb(7);

const ALL: VfConfig = {
  vf: 3,
  mac: '02:00:00:00:00:03',
  vlan: { id: 100, qos: 5 },
  rate: { max: 200 },
  spoofCheck: false,
  trust: true,
};
const READ: VfState = {
  vf: 3,
  mac: '02:00:00:00:00:03',
  vlan: { id: 100, qos: 5, proto: '802.1Q' },
  rate: { min: 0, max: 200 },
  spoofCheck: false,
  trust: true,
  linkState: 'auto',
};
const FRESH: VfState = {
  vf: 3,
  mac: '00:00:00:00:00:00',
  vlan: null,
  rate: { min: 0, max: 0 },
  spoofCheck: true,
  trust: false,
  linkState: 'auto',
};

async function vf3(): Promise<VfState | undefined> {
  return (await igb.pair.first.readVfs()).row(3).toConfig();
}

test('a new VF has no MAC, no VLAN, no rate, spoof check on and trust off', async () => {
  expect(await vf3()).toEqual(FRESH);
});

test('every attribute that igb has is set in one message and reads back', async () => {
  const report = await igb.pair.first.programVfs([ALL]);
  expect(report).toMatchObject({ requested: 5, applied: 5, failures: [], messages: 1 });
  expect(await vf3()).toEqual(READ);
  const others = (await igb.pair.first.readVfs()).toConfigs().filter(({ vf }) => vf !== 3);
  expect(others).toEqual(others.map(({ vf }) => ({ ...FRESH, vf })));
});

test.each<[string, Omit<VfConfig, 'vf'>, string]>([
  ['802.1ad', { vlan: { id: 7, proto: '802.1ad' } }, 'EPROTONOSUPPORT'],
  ['a rate above the link speed', { rate: { max: 1001 } }, 'EINVAL'],
  ['a guaranteed rate', { rate: { min: 10, max: 200 } }, 'EINVAL'],
  ['a link state', { linkState: 'disable' }, 'EOPNOTSUPP'],
  ['RSS query', { rssQuery: true }, 'EOPNOTSUPP'],
  ['a node GUID', { nodeGuid: '00:11:22:33:44:55:66:77' }, 'EOPNOTSUPP'],
  ['a port GUID', { portGuid: '00:11:22:33:44:55:66:77' }, 'EOPNOTSUPP'],
])('%s is refused with its errno, and all else of the same VF is applied', async (_what, refused, code) => {
  const { first } = igb.pair;
  const marker = { trust: true, spoofCheck: true };
  await first.programVfs([{ vf: 3, trust: false, spoofCheck: false }]);
  const report = await first.programVfs([{ vf: 3, ...refused, ...marker }]);
  expect(report.failures.map((failure) => [failure.vf, failure.attribute, failure.code])).toEqual([
    [3, Object.keys(refused)[0], code],
  ]);
  expect(report.failures[0]?.message).toContain(`${first.name} VF 3`);
  expect(await vf3()).toEqual({ ...READ, ...marker });
  await first.programVfs([ALL]);
});

test('a VF that is not there is refused, and the others are done', async () => {
  const { failures } = await igb.pair.first.programVfs([
    { vf: 7, trust: true },
    { vf: 6, trust: true },
  ]);
  expect(failures.map(({ vf, code }) => [vf, code])).toEqual([[7, 'EINVAL']]);
  expect((await igb.pair.first.readVfs()).row(6).trust).toBe(true);
});

test('a rate needs a link: igb refuses it while the PF is down', async () => {
  const { first } = igb.pair;
  await setUp(first.name, false);
  const { failures } = await first.programVfs([{ vf: 1, rate: { max: 100 } }]);
  await setUp(first.name, true);
  await waitForCarrier(first.name);
  expect(failures).toMatchObject([{ vf: 1, attribute: 'rate', code: 'EINVAL' }]);
});

test('settings read back as before after PF down and up, a new MTU, a VF FLR and a PF FLR', async () => {
  const { first } = igb.pair;
  const before = await vf3();
  expect(before).toEqual(READ);
  await downAndUp(first);
  expect(await vf3()).toEqual(before);
  await setMtu(first.name, 1400);
  await setMtu(first.name, 1500);
  expect(await vf3()).toEqual(before);
  expect(await resetFunction(await igb.pair.addressOf(3), { force: true })).toBe('flr');
  expect(await vf3()).toEqual(before);
  // igb takes no part in the reset, so it shows what the hardware no longer has: see frames.test.ts.
  await resetFunction(first.pciAddress ?? '', { force: true });
  expect(await vf3()).toEqual(before);
  await downAndUp(first);
});

test('a new number of VFs makes igb forget all settings', async () => {
  const { first } = igb.pair;
  await first.setNumVfs(4, { recreate: true, force: true });
  expect(await vf3()).toEqual(FRESH);
});
