/**
 * `sriov port`, `plan`, `recover` and `gc` on netdevsim, with a store on disk.
 *
 * Owns what these commands do to VFs. Their texts are in test/unit/cli/, the engine's own tests elsewhere.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Ran, runWithInput } from '../unit/cli/io.ts';
import { envelopeOf, run, sriov, usePf, vfsOf } from './cli-run.ts';

const pf = usePf();
const directory = mkdtempSync(join(tmpdir(), 'sriov-cli-port-'));
const place = (vf: number): string => `netdevsim${pf.id}/${vf}`;
let stores = 0;
let store = '';

// Commands load these when they need them; here beforehand, since that takes a minute in a slow machine.
beforeAll(async () => {
  await import('../../src/cli/port/open-here.ts');
  await import('../../src/binding/flat-request.ts');
});
beforeEach(() => {
  store = join(directory, `${++stores}`);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A command on the store of this test, as host `h1`. */
function onStore(line: string, input = ''): Promise<Ran> {
  return run(`${line} --store ${store} --host h1`, input);
}

const VLAN = '--network-type vlan --segmentation-id 100';
const MAC = '02:00:00:00:01:03';

test('a port in the words of OpenStack is a VF set up so, and released it is as it was found', async () => {
  await run(`set ${pf.name} 3 mac 02:00:00:00:00:77 vlan 7 qos 2 trust on max-rate 9`);
  const before = await vfsOf(pf.name);
  const words =
    `--binding:vnic_type direct --mac-address ${MAC} --disable-port-security --place ${place(3)} ` +
    `--provider:network_type vlan --provider:segmentation_id 100 --qos-max-kbps 500000 --disable`;
  const bound = await onStore(`port bind p1 ${words}`);
  expect(bound).toEqual({
    status: 0,
    out: expect.stringMatching(
      new RegExp(`^port p1: hw_veb at ${place(3)}, vlan 100; \\d settings changed\n$`),
    ),
    err: '',
  });
  const after = await vfsOf(pf.name);
  expect(after[3]).toMatchObject({
    mac: MAC,
    vlan: { id: 100, qos: 0, proto: '802.1Q' },
    rate: { min: 0, max: 500 },
    spoofCheck: false,
    trust: false,
    linkState: 'disable',
  });
  expect(after.filter(({ vf }) => vf !== 3)).toEqual(before.filter(({ vf }) => vf !== 3));
  expect((await onStore('port show p1')).out).toContain(
    `h1: direct, ACTIVE, hw_veb at ${place(3)}, vlan 100`,
  );
  expect(await onStore('port release p1')).toMatchObject({ status: 0, err: '' });
  expect(await vfsOf(pf.name)).toEqual(before);
  expect((await onStore('port list')).out).toBe('');
});

function file(count: number): string {
  const ports = Array.from({ length: count }, (_, index) => ({
    id: `p${index}`,
    mac_address: `02:00:00:00:02:0${index}`,
    device_id: `vm${index}`,
    'binding:vnic_type': 'direct',
    'binding:profile': { trusted: true },
    network: { network_type: 'vlan', physical_network: null, segmentation_id: 100 + index },
  }));
  return JSON.stringify({ ports });
}

test('many ports of a file are bound at once, and --all --yes releases all of the host', async () => {
  const before = await vfsOf(pf.name);
  const bound = await onStore('port bind --file - --json', file(8));
  expect(bound).toMatchObject({ status: 0, err: '' });
  const { schema, data } = envelopeOf(bound);
  expect(schema).toBe('sriov/port-bind/v1');
  expect(data['ports']).toHaveLength(8);
  expect(data['messages']).toBeLessThan(8);
  const vfs = await vfsOf(pf.name);
  expect(new Set(vfs.map(({ mac }) => mac)).size).toBe(8);
  expect(vfs.every(({ trust }) => trust === true)).toBe(true);
  expect((await onStore('port release --all')).status).toBe(64);
  expect(await vfsOf(pf.name)).toEqual(vfs);
  expect(await onStore('port release --all --yes')).toMatchObject({ status: 0, err: '' });
  expect(await vfsOf(pf.name)).toEqual(before);
});

test('a port too many is refused in one line, and the others stay', async () => {
  await onStore('port bind --file -', file(8));
  const vfs = await vfsOf(pf.name);
  const { status, out, err } = await onStore(`port bind p9 --vnic-type direct ${VLAN}`);
  expect({ status, out }).toEqual({ status: 1, out: '' });
  expect(err).toContain(`failed: port p9: 8 VFs of netdevsim${pf.id} (0-7): taken\n`);
  expect(await vfsOf(pf.name)).toEqual(vfs);
  expect((await onStore('port show p9')).out).toContain('binding_failed');
  // Once there is room, the id alone is enough.
  await onStore('port release p4');
  expect((await onStore('port bind p9')).out).toContain(`hw_veb at ${place(4)}, vlan 100`);
});

test('plan shows new bindings and drift, recover gives settings again', async () => {
  const ports = join(directory, 'ports.json');
  writeFileSync(ports, file(2));
  const before = await vfsOf(pf.name);
  const planned = await onStore(`plan --file ${ports} --exit-code`);
  expect(planned).toMatchObject({ status: 2, err: '' });
  expect(planned.out).toContain('+ port p0 hw_veb at ');
  expect(planned.out).toContain(
    `~ netdevsim${pf.id} vf 0-1 mac none → 02:00:00:00:02:00 … 02:00:00:00:02:01\n`,
  );
  expect(await vfsOf(pf.name)).toEqual(before);
  await onStore(`port bind --file ${ports}`);
  expect(await onStore(`plan --file ${ports} --exit-code`)).toEqual({
    status: 0,
    out: 'no changes\n',
    err: '',
  });
  const vfs = await vfsOf(pf.name);
  await run(`set ${pf.name} 1 trust off vlan 9`);
  const drift = await onStore('plan --exit-code');
  expect(drift.status).toBe(2);
  expect(drift.out).toContain(`~ port p1 has lost settings of ${place(1)}\n`);
  expect(drift.out).toContain(`~ netdevsim${pf.id} vf 1 vlan 9 → 101\n`);
  expect(drift.out).toContain(`~ netdevsim${pf.id} vf 1 trust off → on\n`);
  expect(await onStore('recover')).toEqual({
    status: 0,
    out: `port p1: 2 settings of ${place(1)} given again\n`,
    err: '',
  });
  expect(await vfsOf(pf.name)).toEqual(vfs);
  expect(await onStore('recover')).toMatchObject({ status: 0, out: 'nothing to recover\n' });
  await onStore('port release --all --yes');
});

test('VFs that are gone are named by plan and recover, and set up again once they are back', async () => {
  await onStore('port bind --file -', file(2));
  const vfs = await vfsOf(pf.name);
  await run(`numvfs ${pf.name} 0`);
  for (const command of ['plan', 'recover']) {
    const { status, err } = await onStore(command);
    expect(status).toBe(1);
    expect(err).toMatch(new RegExp(`^lost: port p0: ${place(0)}: .*\nlost: port p1: ${place(1)}: .*\n$`));
  }
  await run(`numvfs ${pf.name} 8`);
  expect(await onStore('recover')).toMatchObject({ status: 0, err: '' });
  expect((await vfsOf(pf.name)).slice(0, 2)).toEqual(vfs.slice(0, 2));
  await onStore('port release --all --yes');
});

test('words change what they name of a bound port and leave the rest', async () => {
  await onStore(`port bind p1 --vnic-type direct ${VLAN} --mac-address ${MAC} --place ${place(0)}`);
  const dry = await onStore('port bind p1 --qos-max-kbps 2000 --dry-run');
  expect(dry.out).toContain(`~ netdevsim${pf.id} vf 0 rate none → max 2\n`);
  expect((await vfsOf(pf.name))[0]).toMatchObject({ rate: { min: 0, max: 0 } });
  expect(await onStore('port bind p1 --qos-max-kbps 2000')).toMatchObject({ status: 0, err: '' });
  expect((await vfsOf(pf.name))[0]).toMatchObject({ mac: MAC, vlan: { id: 100 }, rate: { min: 0, max: 2 } });
  await onStore('port release p1');
});

test('gc releases the ports whose device is not in the list', async () => {
  const before = await vfsOf(pf.name);
  await onStore('port bind --file -', file(3));
  const dry = await onStore('gc --alive - --dry-run', 'vm0\nvm2\n');
  expect(dry).toEqual({ status: 0, out: `- port p1 ${place(1)}: device vm1 is gone\n`, err: '' });
  expect(await onStore('gc --alive -', 'vm0\nvm2\n')).toMatchObject({ status: 0, err: '' });
  expect((await vfsOf(pf.name))[1]).toEqual(before[1]);
  const { data } = envelopeOf(await onStore('port list --json'));
  expect((data as unknown as { port: { id: string } }[]).map(({ port }) => port.id)).toEqual(['p0', 'p2']);
  await onStore('port release --all --yes');
});

test('a binding on a second host is inactive until it is activated there', async () => {
  await onStore(
    `port bind p1 --vnic-type direct ${VLAN} --mac-address ${MAC} --place ${place(0)} --device-owner compute:nova`,
  );
  const second = (line: string): Promise<Ran> =>
    runWithInput('', ...`${line} --store ${store} --host h2`.split(' '));
  expect((await second(`port bind p1 --place ${place(5)}`)).out).toContain('inactive');
  expect((await vfsOf(pf.name))[5]).toMatchObject({ vlan: null });
  expect(await second('port activate p1')).toEqual({
    status: 0,
    out: `port p1 is active on h2: hw_veb at ${place(5)}, vlan 100\n`,
    err: '',
  });
  expect((await vfsOf(pf.name))[5]).toMatchObject({ mac: MAC, vlan: { id: 100 } });
  expect((await second('port activate p1')).status).toBe(1);
  await second('port release p1');
  await onStore('port release p1');
});

test('without CAP_NET_ADMIN bind exits with 77, names it and leaves VF and store as they were', async () => {
  const before = await vfsOf(pf.name);
  const under = ['setpriv', '--bounding-set=-all', '--inh-caps=-all'];
  const { status, out, err } = sriov(
    `port bind p1 --vnic-type direct ${VLAN} --store ${store} --host h1`,
    under,
  );
  expect({ status, out }).toEqual({ status: 77, out: '' });
  expect(err).toContain('CAP_NET_ADMIN');
  expect(await vfsOf(pf.name)).toEqual(before);
  expect((await onStore('port list')).out).toBe('');
});
