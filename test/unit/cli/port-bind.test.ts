/** What `sriov port bind` makes of words and files, and its texts, JSON and exit statuses, from scripted answers. */
import { expect, test } from 'vitest';
import type { PortRequest } from '../../../src/binding/port.ts';
import type { PortRecord } from '../../../src/binding/record.ts';
import type { Refusal } from '../../../src/binding/refusal.ts';
import type { Ports } from '../../../src/port/ports.ts';
import type { PortOutcome } from '../../../src/port/report.ts';
import { type Scripted, binding, record, runScripted } from './ports-script.ts';

const FLAT = ['--network-type', 'flat'];

/** Ports that bind everything, save those that `refusals` name. */
function binder(
  refusals: Readonly<Record<string, readonly Refusal[]>> = {},
  known?: PortRecord,
): Partial<Ports> {
  return {
    get: async () => known,
    bind: async (requests) => ({
      ports: requests.map(({ port: { id } }, vf): PortOutcome => {
        const refused = refusals[id] ?? [];
        const bound = binding(refused.length > 0 ? null : { pf: 'netdevsim1', vf });
        const changes = refused.length > 0 ? null : { vf, vlan: { id: 100 }, trust: true };
        return { id, record: record(id, [bound]), binding: bound, refusals: refused, changes };
      }),
      messages: 1,
      durationMs: 1.26,
    }),
  };
}

function requestsOf({ asked }: Scripted): readonly PortRequest[] {
  const call = asked.find(({ method }) => method === 'bind');
  if (call === undefined) throw new Error('nothing was bound');
  return call.given as readonly PortRequest[];
}

test('the words of OpenStack become one checked request', async () => {
  const words =
    '--binding:vnic_type direct --binding:profile pci_slot=0000:03:10.1 --binding:profile trusted=Yes ' +
    '--mac-address FA:16:3E:00:00:01 --disable-port-security --provider:network_type vlan ' +
    '--provider:segmentation_id 100 --provider:physical_network physnet1 --qos-max-kbps 500000 --device-id vm1';
  const ran = await runScripted(binder(), ['port', 'bind', 'p1', ...words.split(' ')]);
  expect(ran).toMatchObject({
    status: 0,
    out: 'port p1: hw_veb at netdevsim1/0, vlan 100; 2 settings changed\n',
    err: '',
  });
  expect(requestsOf(ran)).toEqual([
    {
      port: {
        id: 'p1',
        mac_address: 'fa:16:3e:00:00:01',
        admin_state_up: true,
        port_security_enabled: false,
        propagate_uplink_status: true,
        numa_affinity_policy: null,
        device_owner: '',
        device_id: 'vm1',
        qos_rules: [{ type: 'bandwidth_limit', max_kbps: 500_000, direction: 'egress' }],
      },
      network: {
        network_type: 'vlan',
        physical_network: 'physnet1',
        segmentation_id: 100,
        qinq: false,
        vlan_qos: 0,
      },
      vnic_type: 'direct',
      profile: { pci_slot: '0000:03:10.1', trusted: true },
    },
  ]);
});

test.each([
  [['--vnic-type', 'dirct', ...FLAT], 'did you mean direct?'],
  [['--mac-address', 'x', ...FLAT], 'mac_address'],
  [['--binding:profile', 'pci_slot=3', ...FLAT], 'binding:profile.pci_slot'],
  [['--place', 'here and there', ...FLAT], 'write PF/VF'],
  [['--vnic-type', 'direct'], 'port p1 needs a network'],
])('%j is refused with 64 and what is wrong', async (words, message) => {
  const { status, err, asked } = await runScripted(binder(), ['port', 'bind', 'p1', ...words]);
  expect(status).toBe(64);
  expect(err).toContain(message);
  expect(asked.filter(({ method }) => method === 'bind')).toEqual([]);
});

test('a port that is known keeps what the words do not name, save what binding had added', async () => {
  const profile = { trusted: true, pci_slot: '0000:03:10.6', vf_num: 3 };
  const known = record('p1', [
    binding(
      { pf: 'netdevsim1', vf: 3 },
      { profile, added_keys: ['pci_slot', 'vf_num'], vnic_type: 'macvtap' },
    ),
  ]);
  const ran = await runScripted(binder({}, known), [
    'port',
    'bind',
    'p1',
    '--qos-max-kbps',
    '7000',
    '--disable',
  ]);
  expect(ran.status).toBe(0);
  expect(requestsOf(ran)).toEqual([
    {
      port: {
        ...known.port,
        admin_state_up: false,
        qos_rules: [{ type: 'bandwidth_limit', max_kbps: 7000, direction: 'egress' }],
      },
      network: known.network,
      vnic_type: 'macvtap',
      profile: { trusted: true },
    },
  ]);
});

const port = (id: string): string => `{id: ${id}, network: {network_type: flat}}`;

test.each([
  ['a list', `[${port('p1')}, ${port('p2')}]`, ['p1', 'p2']],
  ['ports as of the API', `ports: [${port('p1')}]`, ['p1']],
  ['a port as of the API', `port: ${port('p1')}`, ['p1']],
  ['one port', port('p1'), ['p1']],
])('a file may hold %s; absent words are defaults', async (_what, input, ids) => {
  const ran = await runScripted(binder(), ['port', 'bind', '--file', '-'], { input });
  expect(ran.status).toBe(0);
  expect(requestsOf(ran).map((request) => request.port.id)).toEqual(ids);
  expect(requestsOf(ran)[0]).toMatchObject({
    vnic_type: 'normal',
    profile: {},
    port: { admin_state_up: true },
  });
});

test.each([
  ['no port', '[]', 'standard input names no port'],
  ['text', 'hello', 'expected a list of ports'],
  ['something else than ports', '[3, 4]', 'ports[0]: expected a port with its keys'],
  ['a port without a network', '[{id: p1}, {id: p2}]', 'ports[0]: network is missing'],
  [
    'a wrong value',
    `[${port('p1')}, {id: p2, network: {network_type: flat}, mac_address: x}]`,
    'ports[1]: mac_address',
  ],
  [
    'a port of another host',
    '[{id: p1, network: {network_type: flat}, "binding:host_id": other}]',
    'and this is host1',
  ],
  ['a key twice', 'id: p1\nid: p2', 'ports file standard input is no valid YAML'],
])('a file with %s is refused with 64', async (_what, input, message) => {
  const { status, err } = await runScripted(binder(), ['port', 'bind', '--file', '-'], { input });
  expect(status).toBe(64);
  expect(err).toContain(message);
});

test('of several ports each has a line, and those that are refused a line for each reason', async () => {
  const taken = Array.from({ length: 3 }, (_, vf) => ({
    code: 'TAKEN' as const,
    place: `netdevsim1/${vf}`,
    message: `netdevsim1/${vf}: port p${vf} has it`,
  }));
  const input = `[${port('p1')}, ${port('p2')}]`;
  const ran = await runScripted(binder({ p2: taken }), ['port', 'bind', '--file', '-'], { input });
  expect(ran).toMatchObject({
    status: 1,
    out:
      'port p1: hw_veb at netdevsim1/0, vlan 100; 2 settings changed\n' +
      '1 of 2 ports bound in 1.3 ms (1 message)\n',
    err: 'failed: port p2: 3 VFs of netdevsim1 (0-2): taken\n',
  });
});

test('a reason that names the port names it once', async () => {
  const refusal = { code: 'NOT_OURS', message: 'port p1: a virtual switch binds it' } as const;
  const { err } = await runScripted(binder({ p1: [refusal] }), ['port', 'bind', 'p1', ...FLAT]);
  expect(err).toBe('failed: port p1: a virtual switch binds it\n');
});

test.each([
  ['EBUSY', 75],
  ['EPERM', 77],
  ['EINVAL', 1],
])('a setting that the driver refuses with %s exits with %i', async (code, status) => {
  const failures = [{ attribute: 'rate', errno: -1, code }];
  const refusal = {
    code: 'APPLY',
    place: 'netdevsim1/0',
    message: 'netdevsim1/0: refused',
    detail: { failures },
  } as const;
  const ran = await runScripted(binder({ p1: [refusal] }), ['port', 'bind', 'p1', ...FLAT]);
  expect(ran).toMatchObject({ status, err: 'failed: port p1: netdevsim1/0: refused\n' });
});

test('bind as JSON has the binding in the words of OpenStack, and every refusal', async () => {
  const refusal = { code: 'NOT_OURS', message: 'a virtual switch binds it' } as const;
  const input = `[${port('p1')}, ${port('p2')}]`;
  const { out } = await runScripted(binder({ p2: [refusal] }), ['port', 'bind', '--file', '-', '--json'], {
    input,
  });
  expect(JSON.parse(out)).toEqual({
    schema: 'sriov/port-bind/v1',
    data: {
      dryRun: false,
      host: 'host1',
      ports: [
        {
          id: 'p1',
          status: 'ACTIVE',
          binding: binding({ pf: 'netdevsim1', vf: 0 }),
          refusals: [],
          changes: [
            { vf: 0, attribute: 'vlan', to: { id: 100 } },
            { vf: 0, attribute: 'trust', to: true },
          ],
        },
        { id: 'p2', status: 'ACTIVE', binding: binding(null), refusals: [refusal], changes: [] },
      ],
      messages: 1,
      durationMs: 1.26,
    },
    warnings: [],
  });
});

test('--dry-run plans the same request and binds nothing; half-done work is not its business', async () => {
  const plan: Ports['plan'] = async ([request]) => {
    const id = request?.port.id ?? '';
    const bound = binding({ pf: 'netdevsim1', vf: 0 });
    const work = [{ journal: 'j', kind: 'bind', outcome: 'undone', ports: ['p9'], message: '' } as const];
    const changes = { vf: 0, vlan: { id: 100 } };
    return {
      bind: [{ id, record: record(id, [bound]), binding: bound, refusals: [], changes }],
      restore: [],
      lost: [],
      work,
    };
  };
  const words = ['port', 'bind', 'p1', ...FLAT, '--dry-run'];
  const ran = await runScripted({ get: async () => undefined, plan }, words, {
    vfs: [{ vf: 0, vlan: null }],
  });
  expect(ran).toMatchObject({
    status: 0,
    out: '+ port p1 hw_veb at netdevsim1/0, vlan 100\n~ netdevsim1 vf 0 vlan none → 100\n',
    err: '',
  });
});

test('the policy is read from the words of Nova and Neutron', async () => {
  const words = [
    ...['--device-spec', '{"address":"*:03:*.*","trusted":"true"}', '--device-spec', '[{"devname":"eth2"}]'],
    ...[
      '--physical-device-mappings',
      'physnet1:eth1,physnet1:eth2',
      '--exclude-devices',
      'eth1:0000:07:00.2',
    ],
    ...['--choose', 'pack', '--numa-node', '1'],
  ];
  const { opened } = await runScripted(binder(), ['port', 'bind', 'p1', ...FLAT, ...words]);
  expect(opened).toHaveLength(1);
  expect(opened[0]?.policy).toMatchObject({ choose: 'pack', numaNode: 1 });
  expect(opened[0]?.policy?.mappings).toEqual(new Map([['physnet1', ['eth1', 'eth2']]]));
  expect(opened[0]?.policy?.exclude).toEqual(new Map([['eth1', ['0000:07:00.2']]]));
  expect(opened[0]?.policy?.deviceSpecs).toMatchObject([
    { tags: { trusted: 'true' } },
    { devname: 'eth2', address: null },
  ]);
});
