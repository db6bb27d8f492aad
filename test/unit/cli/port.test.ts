/** Texts, JSON and exit statuses of `sriov port release|show|list|activate`, from scripted answers. */
import { expect, test } from 'vitest';
import { SriovError } from '../../../src/errors.ts';
import type { ReleaseReport } from '../../../src/port/report.ts';
import { HOST, binding, record, runScripted } from './ports-script.ts';

const place = { pf: '0000:03:00.0', vf: 3 };
const released: ReleaseReport = {
  released: ['p1'],
  records: [],
  unknown: [],
  notRestored: [],
  messages: 2,
  durationMs: 1.26,
};
const refused = {
  port: 'p1',
  place: '0000:03:00.0/3',
  message: '0000:03:00.0/3: refused',
  failures: [{ vf: 3, attribute: 'trust', errno: -16, code: 'EBUSY', message: 'busy' }],
} as const;

test('the store and the host are passed on, and what was opened is closed', async () => {
  const words = ['port', 'list', '--store', '/tmp/s', '--host', 'other'];
  const { opened, closed } = await runScripted({ list: async () => [] }, words);
  expect(opened).toEqual([{ store: '/tmp/s', host: 'other' }]);
  expect(closed).toBe(1);
});

test('what was opened is closed when the command fails', async () => {
  const list = async (): Promise<never> => {
    throw new SriovError('EIO', 'the store cannot be read');
  };
  const { status, err, closed } = await runScripted({ list }, ['port', 'list']);
  expect({ status, err, closed }).toEqual({ status: 1, err: 'sriov: the store cannot be read\n', closed: 1 });
});

test('release passes on the ids and says how many in what time', async () => {
  const words = ['port', 'release', 'p1'];
  const { status, out, err, asked } = await runScripted({ release: async () => released }, words);
  expect({ status, out, err }).toEqual({
    status: 0,
    out: '1 port released in 1.3 ms (2 messages)\n',
    err: '',
  });
  expect(asked).toEqual([{ method: 'release', given: ['p1'] }]);
});

test('a port that is not bound here is a failure, and the others are released', async () => {
  const release = async (): Promise<ReleaseReport> => ({ ...released, unknown: ['p9'] });
  const { status, err } = await runScripted({ release }, ['port', 'release', 'p1', 'p9']);
  expect({ status, err }).toEqual({ status: 1, err: 'failed: port p9: not bound on this host\n' });
});

test('a setting that a busy driver does not take back leaves the port bound and exits with 75', async () => {
  const release = async (): Promise<ReleaseReport> => ({ ...released, released: [], notRestored: [refused] });
  const { status, err } = await runScripted({ release }, ['port', 'release', 'p1']);
  expect({ status, err }).toEqual({ status: 75, err: 'failed: port p1: 0000:03:00.0/3: refused\n' });
});

test('a VF that is gone is a warning: its port is released', async () => {
  const notRestored = [{ ...refused, message: 'it is gone', failures: [] }];
  const release = async (): Promise<ReleaseReport> => ({ ...released, notRestored });
  const { status, err } = await runScripted({ release }, ['port', 'release', 'p1']);
  expect(status).toBe(0);
  expect(err).toBe('sriov: warning: not put back: port p1: 0000:03:00.0/3: it is gone\n');
});

const listed = [
  record('p1', [binding(place)]),
  record('p2', [binding({ pf: 'netdevsim1', vf: 0 }, { host: 'other' })]),
  record('p3', [binding(null)], { device_id: 'vm3' }),
];

test('release --all is refused without --yes, with the number of ports, and releases those bound here', async () => {
  const answers = { list: async () => listed, release: async () => released };
  const refusal = await runScripted(answers, ['port', 'release', '--all']);
  expect(refusal.status).toBe(64);
  expect(refusal.err).toBe('sriov: --all would release 2 ports of host1; add --yes if that is meant\n');
  expect(refusal.asked).toEqual([]);
  const { status, asked } = await runScripted(answers, ['port', 'release', '--all', '--yes']);
  expect(status).toBe(0);
  expect(asked).toEqual([{ method: 'release', given: ['p1', 'p3'] }]);
});

test('list has a line for each binding', async () => {
  const migrating = [
    ...listed,
    record('p4', [binding(place, { host: 'a' }), binding(place, { status: 'INACTIVE' })]),
  ];
  const { out } = await runScripted({ list: async () => migrating }, ['port', 'list']);
  expect(out).toBe(
    [
      'PORT  STATUS  HOST   BINDING   VNIC-TYPE  VIF-TYPE        PLACE           MAC                VLAN',
      'p1    ACTIVE  host1  ACTIVE    direct     hw_veb          0000:03:00.0/3  02:00:00:00:00:01   100',
      'p2    ACTIVE  other  ACTIVE    direct     hw_veb          netdevsim1/0    02:00:00:00:00:01   100',
      'p3    ACTIVE  host1  ACTIVE    direct     binding_failed  -               02:00:00:00:00:01   100',
      'p4    ACTIVE  a      ACTIVE    direct     hw_veb          0000:03:00.0/3  02:00:00:00:00:01   100',
      'p4    ACTIVE  host1  INACTIVE  direct     hw_veb          0000:03:00.0/3  02:00:00:00:00:01   100',
      '',
    ].join('\n'),
  );
});

test('list of an empty store is empty, and in JSON an empty list', async () => {
  expect((await runScripted({ list: async () => [] }, ['port', 'list'])).out).toBe('');
  const { out } = await runScripted({ list: async () => [] }, ['port', 'list', '--json']);
  expect(out).toBe('{"schema":"sriov/port-list/v1","data":[],"warnings":[]}\n');
});

test('show says what the port is and has, and with a failed binding why', async () => {
  const failures = [
    { at: '2026-01-01T00:00:00.000Z', refusals: [{ code: 'TAKEN', message: 'old' }] },
    {
      at: '2026-01-02T00:00:00.000Z',
      refusals: [{ code: 'TAKEN', place: 'netdevsim1/0', message: 'taken by p7' }],
    },
  ] as const;
  const shown = record(
    'p1',
    [
      binding(place, { profile: { pci_slot: '0000:03:10.6', trusted: true } }),
      binding(null, { host: 'other', failures, status: 'INACTIVE' }),
    ],
    { device_owner: 'compute:nova', device_id: 'vm1' },
  );
  const { status, out } = await runScripted({ get: async () => shown }, ['port', 'show', 'p1']);
  expect(status).toBe(0);
  expect(out).toBe(
    [
      'port p1: ACTIVE, mac 02:00:00:00:00:01, network vlan 100',
      '  of compute:nova vm1',
      'host1: direct, ACTIVE, hw_veb at 0000:03:00.0/3, vlan 100',
      '  profile pci_slot=0000:03:10.6 trusted=true',
      'other: direct, INACTIVE, binding_failed',
      '  failed 2026-01-02T00:00:00.000Z: netdevsim1/0: taken by p7',
      '',
    ].join('\n'),
  );
});

test('show as JSON is the record as the library has it', async () => {
  const { out } = await runScripted({ get: async () => listed[0] }, ['port', 'show', 'p1', '--json']);
  expect(JSON.parse(out)).toEqual({ schema: 'sriov/port-show/v1', data: listed[0], warnings: [] });
});

test('show of a port that is not known exits with 1', async () => {
  for (const more of [[], ['--libvirt']]) {
    const { status, err } = await runScripted({ get: async () => undefined }, [
      'port',
      'show',
      'p9',
      ...more,
    ]);
    expect({ status, err }).toEqual({ status: 1, err: 'sriov: port p9 is not known\n' });
  }
});

test('show --libvirt of a port that is not bound here says so', async () => {
  for (const known of [listed[1], listed[2]]) {
    const { status, err } = await runScripted({ get: async () => known }, [
      'port',
      'show',
      'p2',
      '--libvirt',
    ]);
    expect(status).toBe(1);
    expect(err).toMatch(/^sriov: port p[23] is not bound on host1, so it has no interface\n$/);
  }
});

test('show --libvirt is the interface of the VF, for macvtap with the name of its net device', async () => {
  const profile = { pci_slot: '0000:03:10.6' };
  const direct = record('p1', [binding(place, { profile })]);
  const shown = await runScripted({ get: async () => direct }, ['port', 'show', 'p1', '--libvirt']);
  expect(shown).toMatchObject({ status: 0, err: '' });
  expect(shown.out).toMatch(
    /^<interface type="hostdev"[^]*bus="0x03" slot="0x10" function="0x6"[^]*<\/interface>\n$/,
  );
  const macvtap = record('p1', [binding(place, { profile, vnic_type: 'macvtap' })]);
  const netDevice = { name: 'enp3s0f0v3', ifindex: 9, mac: '02:00:00:00:00:01', up: true, uppers: [] };
  const { out } = await runScripted(
    { get: async () => macvtap },
    ['port', 'show', 'p1', '--libvirt', '--json'],
    {
      netDevice,
    },
  );
  const { data } = JSON.parse(out) as { data: { libvirt: string } };
  expect(data).toMatchObject({ ...macvtap });
  expect(data.libvirt).toContain('<source dev="enp3s0f0v3" mode="passthrough"/>');
});

test('activate says what is active now', async () => {
  const { status, out, asked } = await runScripted({ activate: async () => record('p1', [binding(place)]) }, [
    'port',
    'activate',
    'p1',
  ]);
  expect({ status, out }).toEqual({
    status: 0,
    out: `port p1 is active on ${HOST}: hw_veb at 0000:03:00.0/3, vlan 100\n`,
  });
  expect(asked).toEqual([{ method: 'activate', given: 'p1' }]);
});
