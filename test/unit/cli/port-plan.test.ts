/** Texts, JSON and exit statuses of `sriov plan|recover|gc`, from scripted answers. */
import { expect, test } from 'vitest';
import type { PlanReport, PortOutcome, RecoveryReport, ReleaseReport } from '../../../src/port/report.ts';
import type { PortRecord } from '../../../src/binding/record.ts';
import { binding, record, runScripted } from './ports-script.ts';

const nothing: PlanReport = { bind: [], restore: [], lost: [], work: [] };
const vfs = [0, 1, 2, 3].map((vf) => ({ vf, mac: '00:00:00:00:00:00', vlan: null, trust: false }));

function outcome(id: string, vf: number, more: Partial<PortOutcome> = {}): PortOutcome {
  const bound = binding({ pf: 'netdevsim1', vf });
  const changes = { vf, vlan: { id: 100 } };
  return { id, record: record(id, [bound]), binding: bound, refusals: [], changes, ...more };
}

function planOf(report: PlanReport, argv: readonly string[], known: readonly PortRecord[] = []) {
  const get = async (id: string): Promise<PortRecord | undefined> => known.find(({ port }) => port.id === id);
  return runScripted({ plan: async () => report, get }, ['plan', ...argv], { vfs });
}

test('a host that is as it should be has no changes and exits with 0, asked or not', async () => {
  for (const argv of [[], ['--exit-code']]) {
    const { status, out } = await planOf(nothing, argv);
    expect({ status, out }).toEqual({ status: 0, out: 'no changes\n' });
  }
});

test('new bindings, lost settings and half-done work are a diff as that of apply; 2 only when asked', async () => {
  const report: PlanReport = {
    ...nothing,
    bind: [outcome('p0', 0), outcome('p1', 1)],
    restore: [{ port: 'p3', place: 'netdevsim1/3', changes: { vf: 3, trust: true } }],
    work: [
      { journal: 'j', kind: 'bind', outcome: 'undone', ports: ['p8', 'p9'], message: 'its process is gone' },
    ],
  };
  const { status, out } = await planOf(report, []);
  expect(status).toBe(0);
  expect(out).toBe(
    [
      '~ bind of p8, p9: undone: its process is gone',
      '+ port p0 hw_veb at netdevsim1/0, vlan 100',
      '+ port p1 hw_veb at netdevsim1/1, vlan 100',
      '~ port p3 has lost settings of netdevsim1/3',
      '~ netdevsim1 vf 0-1 vlan none → 100',
      '~ netdevsim1 vf 3 trust off → on',
      '',
    ].join('\n'),
  );
  expect((await planOf(report, ['--exit-code'])).status).toBe(2);
});

test.each([
  [
    'other settings of a bound port',
    outcome('p0', 0),
    '~ port p0 hw_veb at netdevsim1/0, vlan 100\n~ netdevsim1 vf 0 vlan none → 100\n',
  ],
  [
    'a port of which only the record changes',
    outcome('p0', 0, {
      changes: null,
      record: record('p0', [binding({ pf: 'netdevsim1', vf: 0 })], { device_id: 'vm2' }),
    }),
    '~ port p0 as it is kept; its VF stays\n',
  ],
  ['a port that is bound so already', outcome('p0', 0, { changes: null }), 'no changes\n'],
])('%s', async (_what, one, text) => {
  const known = [record('p0', [binding({ pf: 'netdevsim1', vf: 0 })])];
  const { status, out } = await planOf({ ...nothing, bind: [one] }, ['--exit-code'], known);
  expect({ status, out }).toEqual({ status: text === 'no changes\n' ? 0 : 2, out: text });
});

test('a port that would be refused exits with 1 and says why', async () => {
  const refusals = [{ code: 'PHYSICAL_NETWORK', message: 'no PF is mapped to physnet9' }] as const;
  const one = outcome('p0', 0, { binding: binding(null), changes: null, refusals });
  const { status, out, err } = await planOf({ ...nothing, bind: [one] }, ['--exit-code']);
  expect({ status, out, err }).toEqual({
    status: 1,
    out: '',
    err: 'failed: port p0: no PF is mapped to physnet9\n',
  });
});

test('a VF that is gone exits with 1: the host is not as it should be, and recovery could not help', async () => {
  const lost = [
    { port: 'p3', place: 'netdevsim1/3', message: 'netdevsim1/3: it is not there', failures: [] },
  ];
  expect(await planOf({ ...nothing, lost }, ['--exit-code'])).toMatchObject({
    status: 1,
    out: '',
    err: 'lost: port p3: netdevsim1/3: it is not there\n',
  });
});

test('plan as JSON has old and new values', async () => {
  const restore = [{ port: 'p3', place: 'netdevsim1/3', changes: { vf: 3, trust: true } }];
  const { out } = await planOf({ ...nothing, restore }, ['--json']);
  expect(JSON.parse(out)).toEqual({
    schema: 'sriov/plan/v1',
    data: {
      dryRun: true,
      host: 'host1',
      differences: true,
      ports: [],
      restore: [
        {
          port: 'p3',
          place: 'netdevsim1/3',
          changes: [{ vf: 3, attribute: 'trust', from: false, to: true }],
        },
      ],
      lost: [],
      work: [],
    },
    warnings: [],
  });
});

const recovered: RecoveryReport = { work: [], restored: [], lost: [], messages: 0 };
const half = { journal: 'j', kind: 'release', ports: ['p1'], message: 'its process is gone' } as const;

function recover(report: RecoveryReport) {
  return runScripted({ recover: async () => report }, ['recover']);
}

test('recover with nothing to do says so', async () => {
  expect(await recover(recovered)).toMatchObject({ status: 0, out: 'nothing to recover\n', err: '' });
});

test('recover says what became of half-done work and which settings were given again', async () => {
  const { status, out } = await recover({
    ...recovered,
    work: [{ ...half, outcome: 'finished' }],
    restored: [{ port: 'p3', place: 'netdevsim1/3', changes: { vf: 3, trust: true, vlan: null } }],
  });
  expect(status).toBe(0);
  expect(out).toBe(
    'release of p1: finished: its process is gone\nport p3: 2 settings of netdevsim1/3 given again\n',
  );
});

test('work of a process that still runs exits with 75', async () => {
  const work = [{ ...half, outcome: 'kept', message: 'its process still runs' } as const];
  expect(await recover({ ...recovered, work })).toMatchObject({
    status: 75,
    out: '',
    err: 'release of p1: kept: its process still runs\n',
  });
});

test('a VF that cannot be had any more exits with 1', async () => {
  const lost = [{ port: 'p1', place: 'netdevsim1/3', message: 'it is gone', failures: [] }];
  const work = [{ ...half, outcome: 'kept' } as const];
  expect(await recover({ ...recovered, lost, work })).toMatchObject({
    status: 1,
    err: 'release of p1: kept: its process is gone\nlost: port p1: netdevsim1/3: it is gone\n',
  });
});

const released: ReleaseReport = {
  released: ['p1'],
  records: [],
  unknown: [],
  notRestored: [],
  messages: 1,
  durationMs: 1,
};
const ports = [
  record('p1', [binding({ pf: 'netdevsim1', vf: 1 })], { device_id: 'vm1' }),
  record('p2', [binding({ pf: 'netdevsim1', vf: 2 })], { device_id: 'vm2' }),
  record('p3', [binding({ pf: 'netdevsim1', vf: 3 }, { host: 'other' })], { device_id: 'vm3' }),
  record('p4', [binding({ pf: 'netdevsim1', vf: 4 })]),
];
const dead: string[] = [];
const answers = {
  list: async () => ports,
  collect: async (isAlive: (record: PortRecord) => boolean) => {
    dead.splice(0, dead.length, ...ports.filter((one) => !isAlive(one)).map(({ port }) => port.id));
    return released;
  },
};

test('gc takes the ids from a list with one a line, and leaves ports without a device id alone', async () => {
  const input = 'vm2\r\n\n  vm3\n';
  const { status, out } = await runScripted(answers, ['gc', '--alive', '-'], { input });
  expect({ status, out }).toEqual({
    status: 0,
    out: '- port p1 netdevsim1/1: device vm1 is gone\n1 port released in 1.0 ms (1 message)\n',
  });
  expect(dead).toEqual(['p1']);
});

test('gc --dry-run shows the ports and releases none', async () => {
  const words = ['gc', '--alive', '-', '--dry-run'];
  const { status, out, asked } = await runScripted({ list: answers.list }, words, { input: 'vm2' });
  expect({ status, out }).toEqual({ status: 0, out: '- port p1 netdevsim1/1: device vm1 is gone\n' });
  expect(asked).toEqual([]);
});

test('gc with nothing to collect asks for no release', async () => {
  const { status, out } = await runScripted({ list: answers.list }, ['gc', '--alive', '-'], {
    input: 'vm1\nvm2',
  });
  expect({ status, out }).toEqual({ status: 0, out: 'nothing to collect\n' });
});

test('gc refuses an empty list, which would release every port, without --force', async () => {
  const refusal = await runScripted({}, ['gc', '--alive', '-'], { input: ' \n' });
  expect(refusal.status).toBe(64);
  expect(refusal.err).toContain('add --force');
  expect(refusal.opened).toEqual([]);
  expect((await runScripted(answers, ['gc', '--alive', '-', '--force'], { input: '' })).status).toBe(0);
  expect(dead).toEqual(['p1', 'p2', 'p3']);
});
