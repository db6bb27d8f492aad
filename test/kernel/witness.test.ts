/**
 * Other people's programs, which know nothing of ours: what we write they read, what they write we read.
 *
 * `ip` stays below the 222 VFs at which it no longer understands the kernel; the `netlink` package asks
 * without statistics and stays below 335.
 */
import { expect, test } from 'vitest';
import { CLEARED, each, full, read, UNCUT, usePf } from './pf.ts';
import { setByIp, vfsByIp, vfsByNetlinkPackage } from './witnesses.ts';

const COUNT = 200;
const has = usePf({ vfs: COUNT });

test('ip reads what we write, all of it', () => {
  const wanted = each(COUNT, full);
  expect(has.pf.programVfsSync(wanted, UNCUT).failures).toEqual([]);
  expect(vfsByIp(has.pf.name)).toEqual(wanted);
});

test('the netlink package reads what we write, all of it', async () => {
  const wanted = each(COUNT, (vf) => full(vf + 1));
  expect((await has.pf.programVfs(wanted, UNCUT)).failures).toEqual([]);
  expect(await vfsByNetlinkPackage(has.pf.ifindex)).toEqual(wanted);
});

test('both see what we clear', async () => {
  const clear = each(COUNT, () => CLEARED);
  expect(has.pf.programVfsSync(clear, UNCUT).failures).toEqual([]);
  const cleared = read(has.pf);
  expect(vfsByIp(has.pf.name)).toEqual(cleared);
  expect(await vfsByNetlinkPackage(has.pf.ifindex)).toEqual(cleared);
});

test('we read what ip writes, all of it', async () => {
  const wanted = each(COUNT, (vf) => full(vf + 2)) as Parameters<typeof setByIp>[1];
  setByIp(has.pf.name, wanted);
  expect(read(has.pf)).toEqual(wanted);
  expect((await has.pf.readVfs({ stats: true })).length).toBe(COUNT);
});

test('ip and the netlink package agree with us on 802.1ad, priority tags and forced links', async () => {
  const wanted = [
    { vlan: { id: 4095, qos: 7, proto: '802.1ad' }, linkState: 'disable' },
    { vlan: { id: 0, qos: 5, proto: '802.1Q' }, linkState: 'enable' },
    { vlan: { id: 1, qos: 0, proto: '802.1Q' }, linkState: 'auto' },
  ] as const;
  has.pf.programVfsSync(wanted.map((config, vf) => ({ vf, ...config })));
  const shown = wanted.map(({ linkState, vlan }) => ({ linkState, vlan }));
  for (const seen of [read(has.pf), vfsByIp(has.pf.name), await vfsByNetlinkPackage(has.pf.ifindex)]) {
    expect(seen.slice(0, 3).map(({ linkState, vlan }) => ({ linkState, vlan }))).toEqual(shown);
  }
});
