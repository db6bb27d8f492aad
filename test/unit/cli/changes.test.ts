import { expect, test } from 'vitest';
import { changeLines, listChanges } from '../../../src/cli/changes.ts';
import { plain } from '../../../src/cli/output.ts';
import type { VfConfig } from '../../../src/vf/config.ts';

const lines = (delta: VfConfig[], have: VfConfig[], exist = true): string[] =>
  changeLines('pf0', listChanges(delta, have), exist, plain);

test('a change shows the VF, the word of sriov set, the old and the new value', () => {
  const have = [{ vf: 3, vlan: null }];
  expect(lines([{ vf: 3, vlan: { id: 100, qos: 2 } }], have)).toEqual(['~ pf0 vf 3 vlan none → 100 qos 2']);
});

test('VFs that change alike share a line', () => {
  const vfs = [0, 1, 2, 5];
  const have = vfs.map((vf) => ({ vf, spoofCheck: false, trust: false }));
  const delta = vfs.map((vf) => ({ vf, spoofCheck: true, ...(vf === 5 ? { trust: true } : {}) }));
  expect(lines(delta, have)).toEqual(['~ pf0 vf 0-2,5 spoofchk off → on', '~ pf0 vf 5 trust off → on']);
});

test('MACs that count up with the VF share a line, others do not', () => {
  const vfs = [0, 1, 2, 4];
  const have = vfs.map((vf) => ({ vf, mac: null }));
  const delta = vfs.map((vf) => ({ vf, mac: `02:00:00:00:00:f${vf}` }));
  expect(lines(delta, have)).toEqual([
    '~ pf0 vf 0-2 mac none → 02:00:00:00:00:f0 … 02:00:00:00:00:f2',
    '~ pf0 vf 4 mac none → 02:00:00:00:00:f4',
  ]);
});

test('MACs that replace different ones are listed one by one', () => {
  const have = [
    { vf: 0, mac: '02:00:00:00:00:aa' },
    { vf: 1, mac: '02:00:00:00:00:cc' },
  ];
  const delta = [
    { vf: 0, mac: '02:00:00:00:00:01' },
    { vf: 1, mac: '02:00:00:00:00:02' },
  ];
  expect(lines(delta, have)).toEqual([
    '~ pf0 vf 0 mac 02:00:00:00:00:aa → 02:00:00:00:00:01',
    '~ pf0 vf 1 mac 02:00:00:00:00:cc → 02:00:00:00:00:02',
  ]);
});

test('an all-zero MAC and VLAN 0 are shown as none', () => {
  const have = [{ vf: 0, mac: '02:00:00:00:00:01', vlan: { id: 5, qos: 0, proto: '802.1ad' as const } }];
  const delta = [{ vf: 0, mac: '00:00:00:00:00:00', vlan: { id: 0, qos: 0 } }];
  expect(lines(delta, have)).toEqual([
    '~ pf0 vf 0 mac 02:00:00:00:00:01 → none',
    '~ pf0 vf 0 vlan 5 proto 802.1ad → none',
  ]);
});

test('a rate of which one side is set shows the other as it stays', () => {
  const have = [{ vf: 0, rate: { min: 10, max: 0 } }];
  expect(lines([{ vf: 0, rate: { max: 1000 } }], have)).toEqual(['~ pf0 vf 0 rate min 10 → min 10 max 1000']);
});

test('what the driver does not report is shown as ?', () => {
  expect(lines([{ vf: 0, rssQuery: true }], [{ vf: 0 }])).toEqual(['~ pf0 vf 0 query-rss ? → on']);
});

test('VFs that are not there yet get a + and no old value', () => {
  const delta: VfConfig[] = [{ vf: 0, linkState: 'enable', trust: null }];
  expect(lines(delta, [], false)).toEqual(['+ pf0 vf 0 link-state enable', '+ pf0 vf 0 trust off']);
});

test('programs get every change on its own, with values as in VfConfig', () => {
  const have = [{ vf: 0, vlan: null }, { vf: 1 }];
  const delta: VfConfig[] = [
    { vf: 0, vlan: { id: 7 } },
    { vf: 1, vlan: { id: 7 } },
  ];
  expect(listChanges(delta, have)).toEqual([
    { vf: 0, attribute: 'vlan', from: null, to: { id: 7 } },
    { vf: 1, attribute: 'vlan', to: { id: 7 } },
  ]);
});
