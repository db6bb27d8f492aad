/** Golden texts of whole commands, made from the library's own table. */
import { expect, test } from 'vitest';
import { dryRunOutcome } from '../../../src/cli/commands/set.ts';
import { listText } from '../../../src/cli/commands/list.ts';
import { numVfsText } from '../../../src/cli/commands/numvfs.ts';
import { showText } from '../../../src/cli/commands/show.ts';
import { listChanges } from '../../../src/cli/changes.ts';
import { envelope, plain } from '../../../src/cli/output.ts';
import type { PfSummary } from '../../../src/cli/pf-text.ts';
import { failureLines, reportLine, reportWarnings } from '../../../src/cli/report-text.ts';
import type { VfConfig } from '../../../src/vf/config.ts';
import { diffVfs } from '../../../src/vf/diff.ts';
import type { ProgramReport } from '../../../src/vf/report.ts';
import { VfTable } from '../../../src/vf/table.ts';

const pf: PfSummary = {
  name: 'eni1np1',
  ifindex: 4,
  device: 'netdevsim1',
  pciAddress: null,
  driver: 'netdevsim',
  numVfs: 2,
  totalVfs: 1024,
};

const configs: VfConfig[] = [
  {
    vf: 0,
    mac: '02:00:00:00:01:00',
    vlan: { id: 100, qos: 2, proto: '802.1Q' },
    rate: { min: 0, max: 1000 },
    spoofCheck: true,
    linkState: 'auto',
    trust: false,
    rssQuery: false,
  },
  { vf: 1, mac: null, vlan: null, rate: null, spoofCheck: false, linkState: 'disable' },
];

test('list shows one PF a line', () => {
  expect(
    listText([pf, { ...pf, name: 'enp3s0f0', ifindex: 12, device: '0000:03:00.0', driver: null }], plain),
  ).toBe(
    [
      'NAME      IFINDEX  DEVICE        DRIVER     VFS  TOTAL',
      'eni1np1         4  netdevsim1    netdevsim    2   1024',
      'enp3s0f0       12  0000:03:00.0  -            2   1024',
      '',
    ].join('\n'),
  );
});

test('what sysfs does not show is a - in the list', () => {
  const hidden = { ...pf, device: null, pciAddress: null, driver: null, numVfs: null, totalVfs: null };
  expect(listText([hidden], plain)).toBe(
    'NAME     IFINDEX  DEVICE  DRIVER  VFS  TOTAL\neni1np1        4  -       -       -    -\n',
  );
});

test('show puts every VF on a line, with - for what is not reported', () => {
  expect(showText(pf, VfTable.from(configs).toConfigs(), plain)).toBe(
    [
      'eni1np1: netdevsim1, driver netdevsim, ifindex 4, 2 of 1024 VFs',
      'VF  MAC                VLAN  QOS  PROTO   MIN-RATE  MAX-RATE  SPOOFCHK  TRUST  LINK-STATE  QUERY-RSS',
      ' 0  02:00:00:00:01:00   100    2  802.1Q         0      1000  on        off    auto        off',
      ' 1  none                  0    0  -              0         0  off       -      disable     -',
      '',
    ].join('\n'),
  );
});

test('show adds a table of statistics when they were read', () => {
  const stats = {
    rxPackets: 1n,
    txPackets: 2n,
    rxBytes: 18_446_744_073_709_551_615n,
    txBytes: 4n,
    broadcast: 5n,
    multicast: 6n,
    rxDropped: 7n,
    txDropped: 8n,
  };
  const text = showText(pf, [{ vf: 0, stats }], plain);
  expect(text.split('\n').slice(4)).toEqual([
    'VF  RX-PACKETS  TX-PACKETS              RX-BYTES  TX-BYTES  BROADCAST  MULTICAST  RX-DROPPED  TX-DROPPED',
    ' 0           1           2  18446744073709551615         4          5          6           7           8',
    '',
  ]);
});

test('show has columns for GUIDs only where a VF has one', () => {
  const [, header] = showText(pf, [{ vf: 0, nodeGuid: '00:11:22:33:44:55:66:77' }], plain).split('\n');
  expect(header).toMatch(/NODE-GUID$/);
});

test('show as JSON holds the VFs as VfConfig has them', () => {
  const { vf, mac, vlan, rate, spoofCheck, linkState, trust, rssQuery } = configs[0] ?? { vf: -1 };
  const [row] = VfTable.from(configs).toConfigs();
  expect(JSON.parse(envelope('show', { pf, vfs: [row] }, []))).toEqual({
    schema: 'sriov/show/v1',
    data: { pf, vfs: [{ vf, mac, vlan, rate, spoofCheck, linkState, trust, rssQuery }] },
    warnings: [],
  });
});

test.each([
  [{ ...pf, previous: 0, changed: true }, true, 'eni1np1: 0 → 2 VFs\n'],
  [{ ...pf, previous: 2, changed: false }, true, 'eni1np1: 2 of 1024 VFs, no changes\n'],
  [{ ...pf, previous: 2, changed: false }, false, 'eni1np1: 2 of 1024 VFs\n'],
  [{ ...pf, totalVfs: null, previous: 2, changed: false }, false, 'eni1np1: 2 VFs\n'],
])('numvfs says what was and what is (%#)', (data, asked, text) => {
  expect(numVfsText(data, asked)).toBe(text);
});

test('a dry run shows just what differs, and exits with 2 only when asked', () => {
  const have = VfTable.from(configs);
  const want = VfTable.from([
    { vf: 0, spoofCheck: true, trust: true },
    { vf: 1, vlan: { id: 100 }, linkState: 'disable' },
  ]);
  const changes = listChanges(diffVfs(want, have).toConfigs(), have.toConfigs());
  const outcome = dryRunOutcome('eni1np1', changes, true, plain);
  expect(outcome.text).toBe('~ eni1np1 vf 0 trust off → on\n~ eni1np1 vf 1 vlan none → 100\n');
  expect(outcome.exitCode).toBe(2);
  expect(dryRunOutcome('eni1np1', changes, false, plain).exitCode).toBe(0);
});

test('a dry run without a difference says so and exits with 0', () => {
  expect(dryRunOutcome('eni1np1', [], true, plain)).toMatchObject({ text: 'no changes\n', exitCode: 0 });
});

const report: ProgramReport = {
  vfs: 64,
  requested: 192,
  applied: 192,
  failures: [],
  rolledBack: false,
  notRestored: [],
  aborted: false,
  unverified: 0,
  messages: 1,
  reads: 0,
  retries: 0,
  coalesced: 1,
  durationMs: 1.26,
};
const failure = { vf: 3, attribute: 'spoofCheck', errno: -22, code: 'EINVAL', message: 'refused' } as const;

test.each<[string, ProgramReport, string]>([
  ['success', report, 'pf0: 192 settings on 64 VFs applied in 1.3 ms (1 message)'],
  [
    'a failure in part',
    { ...report, applied: 191, failures: [failure], messages: 4, durationMs: 12.3 },
    'pf0: 191 of 192 settings applied, 1 failed in 12 ms (4 messages)',
  ],
  [
    'an interruption',
    { ...report, applied: 100, aborted: true },
    'pf0: 100 of 192 settings applied, 0 failed, 92 not tried in 1.3 ms (1 message)',
  ],
  [
    'a roll-back',
    { ...report, applied: 0, rolledBack: true, failures: [failure] },
    'pf0: nothing applied, all that had been changed was put back in 1.3 ms (1 message)',
  ],
  [
    'a roll-back that failed',
    { ...report, applied: 0, rolledBack: true, failures: [failure], notRestored: [failure] },
    'pf0: rolled back in 1.3 ms (1 message), but 1 setting could not be put back',
  ],
])('the result of %s is one line', (_what, given, line) => {
  expect(reportLine('pf0', given)).toBe(line);
});

test('each failure is a line with VF, word, errno name, reason and the text of the kernel', () => {
  const given = {
    ...report,
    failures: [{ ...failure, extendedAck: 'no' }],
    notRestored: [failure],
    aborted: true,
  };
  expect(failureLines('pf0', given)).toEqual([
    'failed: pf0 vf 3 spoofchk: EINVAL: refused [kernel: no]',
    'not put back: pf0 vf 3 spoofchk: EINVAL: refused',
    'stopped: pf0: interrupted by a signal',
  ]);
});

test('what could not be verified is a warning', () => {
  expect(reportWarnings('pf0', { ...report, unverified: 2 })).toEqual([
    'pf0: 2 settings could not be verified: the driver does not report them',
  ]);
});
