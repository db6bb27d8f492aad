/**
 * `sriov list`, `show`, `set` and `numvfs` on netdevsim, witnessed by `ip link`.
 *
 * Owns what these commands do and print. Streams and exit status are in cli-exit.test.ts, plans in
 * cli-apply.test.ts.
 */
import { expect, test } from 'vitest';
import { envelopeOf, run, spawn, sriov, usePf, vfsOf } from './cli-run.ts';

const pf = usePf();

test('list has the PF with its device, driver and VF counts', () => {
  const { out, err, status } = sriov('list');
  expect({ err, status }).toEqual({ err: '', status: 0 });
  expect(out).toMatch(/^NAME +IFINDEX +DEVICE +DRIVER +VFS +TOTAL\n/);
  expect(out).toMatch(new RegExp(`^${pf.name} +\\d+ +netdevsim${pf.id} +netdevsim +8 +-$`, 'm'));
});

test('list as JSON has the same PF', async () => {
  const { schema, data, warnings } = envelopeOf(await run('list --json'));
  expect({ schema, warnings }).toEqual({ schema: 'sriov/list/v1', warnings: [] });
  expect(data).toContainEqual({
    name: pf.name,
    ifindex: expect.any(Number),
    device: `netdevsim${pf.id}`,
    pciAddress: null,
    driver: 'netdevsim',
    numVfs: 8,
    totalVfs: null,
  });
});

test('show and ip link agree on what set has set', async () => {
  expect(sriov(`set ${pf.name} 3 mac 02:00:00:00:00:03 vlan 100 qos 2`)).toMatchObject({
    status: 0,
    err: '',
  });
  expect((await vfsOf(pf.name))[3]).toMatchObject({
    vf: 3,
    mac: '02:00:00:00:00:03',
    vlan: { id: 100, qos: 2 },
  });
  const links: unknown = JSON.parse(spawn('ip', ['-j', 'link', 'show', pf.name]).out);
  const witness = (links as { vfinfo_list: unknown[] }[])[0]?.vfinfo_list[3];
  expect(witness).toMatchObject({ vf: 3, address: '02:00:00:00:00:03', vlan_list: [{ vlan: 100, qos: 2 }] });
});

test('show reads what ip link has set', async () => {
  const words = `link set ${pf.name} vf 6 mac 02:00:00:00:00:66 vlan 9 qos 4 spoofchk on trust on state disable`;
  expect(spawn('ip', words.split(' '))).toEqual({ status: 0, out: '', err: '' });
  expect((await vfsOf(pf.name))[6]).toMatchObject({
    vf: 6,
    mac: '02:00:00:00:00:66',
    vlan: { id: 9, qos: 4 },
    spoofCheck: true,
    trust: true,
    linkState: 'disable',
  });
});

test('show prints one line for each VF, and the PF may be named by its ifindex', async () => {
  const { data } = envelopeOf(await run(`show ${pf.name} --json`));
  const { out, status } = sriov(`show ${(data['pf'] as { ifindex: number }).ifindex}`);
  expect(status).toBe(0);
  const head = `^${pf.name}: netdevsim${pf.id}, driver netdevsim, ifindex \\d+, 8 VFs\nVF  MAC `;
  expect(out).toMatch(new RegExp(head));
  expect(out.match(/^ *\d+ +none +0 +0 /gm)).toHaveLength(8);
});

test('show --stats has counters, as numbers in JSON', async () => {
  expect((await run(`show ${pf.name} --stats`)).out).toContain('RX-PACKETS');
  const { data } = envelopeOf(await run(`show ${pf.name} --stats --json`));
  const stats = expect.objectContaining({ rxBytes: 0, txDropped: 0 });
  expect(data['vfs']).toContainEqual(expect.objectContaining({ vf: 7, stats }));
});

test('every word that the driver has arrives, is verified and shown', async () => {
  const words =
    'mac 02:00:00:00:00:05 vlan 7 qos 3 proto 802.1ad min-rate 10 max-rate 100 spoofchk on trust on';
  const { status, out, err } = await run(
    `set ${pf.name} 5 ${words} link-state disable query-rss on --verify`,
  );
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatch(new RegExp(`^${pf.name}: 7 settings on 1 VF applied in `));
  expect((await vfsOf(pf.name))[5]).toEqual({
    vf: 5,
    mac: '02:00:00:00:00:05',
    vlan: { id: 7, qos: 3, proto: '802.1ad' },
    rate: { min: 10, max: 100 },
    spoofCheck: true,
    linkState: 'disable',
    rssQuery: true,
    trust: true,
  });
});

test("ip link's spelling works, and one rate leaves the other as it is", async () => {
  expect(await run(`set ${pf.name} 1 min_tx_rate 10 max_tx_rate 100 state enable`)).toMatchObject({
    status: 0,
  });
  expect(await run(`set ${pf.name} 1 max-rate 200`)).toMatchObject({ status: 0 });
  expect((await vfsOf(pf.name))[1]).toMatchObject({ rate: { min: 10, max: 200 }, linkState: 'enable' });
});

test('set --dry-run shows the difference and changes nothing; --exit-code makes it 2', async () => {
  const line = `set ${pf.name} 0-3 trust on --dry-run`;
  const difference = `~ ${pf.name} vf 0-3 trust off → on\n`;
  expect(sriov(`${line} --exit-code`)).toEqual({ status: 2, out: difference, err: '' });
  expect(await run(line)).toEqual({ status: 0, out: difference, err: '' });
  const none = await run(`set ${pf.name} 0-3 trust off --dry-run --exit-code`);
  expect(none).toEqual({ status: 0, out: 'no changes\n', err: '' });
  expect(envelopeOf(await run(`set ${pf.name} 1 trust on --dry-run --json`))).toEqual({
    schema: 'sriov/set/v1',
    data: {
      pf: pf.name,
      dryRun: true,
      differences: true,
      changes: [{ vf: 1, attribute: 'trust', from: false, to: true }],
      report: null,
    },
    warnings: [],
  });
});

test('set as JSON gives the report', async () => {
  const { schema, data } = envelopeOf(await run(`set ${pf.name} 0-7 spoofchk on --json`));
  expect(schema).toBe('sriov/set/v1');
  expect(data).toMatchObject({
    pf: pf.name,
    dryRun: false,
    report: { vfs: 8, requested: 8, applied: 8, failures: [], rolledBack: false, aborted: false },
  });
});

test('what the driver refuses is listed with VF, word and errno name, and the rest is applied', async () => {
  const { status, out, err } = sriov(`set ${pf.name} 2 trust on node-guid 00:11:22:33:44:55:66:77`);
  expect(status).toBe(1);
  expect(out).toMatch(new RegExp(`^${pf.name}: 1 of 2 settings applied, 1 failed in `));
  expect(err).toMatch(new RegExp(`^failed: ${pf.name} vf 2 node-guid: EOPNOTSUPP: .+\n$`));
  expect((await vfsOf(pf.name))[2]).toMatchObject({ trust: true });
});

test('with --atomic the same leaves everything as it was', async () => {
  const { status, out } = await run(`set ${pf.name} 2 trust on node-guid 00:11:22:33:44:55:66:77 --atomic`);
  expect(status).not.toBe(0);
  expect(out).toContain('put back');
  expect((await vfsOf(pf.name))[2]).toMatchObject({ trust: false });
});

test('numvfs shows the number and keeps it when it is right', async () => {
  expect((await run(`numvfs ${pf.name}`)).out).toMatch(new RegExp(`^${pf.name}: 8 VFs\n$`));
  expect((await run(`numvfs ${pf.name} 8`)).out).toMatch(/: 8 VFs, no changes\n$/);
  const { schema, data } = envelopeOf(await run(`numvfs ${pf.name} --json`));
  expect(schema).toBe('sriov/numvfs/v1');
  expect(data).toMatchObject({ name: pf.name, numVfs: 8, previous: 8, changed: false });
});

test('numvfs destroys VFs with --recreate only', async () => {
  const refused = await run(`numvfs ${pf.name} 4`);
  expect(refused).toMatchObject({ status: 75, out: '' });
  expect((await run(`numvfs ${pf.name}`)).out).toMatch(/: 8 VFs/);
  expect(await run(`numvfs ${pf.name} 4 --recreate`)).toEqual({
    status: 0,
    out: `${pf.name}: 8 → 4 VFs\n`,
    err: '',
  });
  expect(await run(`numvfs ${pf.name} 8 --recreate`)).toEqual({
    status: 0,
    out: `${pf.name}: 4 → 8 VFs\n`,
    err: '',
  });
});
