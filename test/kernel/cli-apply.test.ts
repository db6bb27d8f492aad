/**
 * `sriov apply` on netdevsim: difference before, result after, nothing to do the second time.
 *
 * Owns what plans do to the kernel. Their format is tested without one, in test/unit/cli/plan.test.ts.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { envelopeOf, run, sriov, usePf, vfsOf } from './cli-run.ts';

const pf = usePf();
const directory = mkdtempSync(join(tmpdir(), 'sriov-apply-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

/** A plan of this file's PF with these VF entries. */
const plan = (...entries: string[]): string => `pfs: [{ pf: ${pf.name}, vfs: [${entries.join(', ')}] }]`;

const tenants = (): string =>
  plan('{ vf: 0-7, mac: "02:00:00:00:01:00", spoofCheck: on }', '{ vf: 0-3, vlan: { id: 100, qos: 2 } }');

const tenantsDifference = (): string =>
  [
    `~ ${pf.name} vf 0-7 mac none → 02:00:00:00:01:00 … 02:00:00:00:01:07`,
    `~ ${pf.name} vf 0-3 vlan none → 100 qos 2`,
    `~ ${pf.name} vf 0-7 spoofchk off → on`,
    '',
  ].join('\n');

test('apply shows the difference and the result, and has no changes the second time', async () => {
  const path = file('tenants.yaml', tenants());
  expect(await run(`apply ${path} --dry-run`)).toEqual({ status: 0, out: tenantsDifference(), err: '' });
  const { status, out, err } = sriov(`apply ${path} --verify`);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out.slice(0, tenantsDifference().length)).toBe(tenantsDifference());
  const result = new RegExp(`^${pf.name}: 20 settings on 8 VFs applied in .*\n$`);
  expect(out.slice(tenantsDifference().length)).toMatch(result);
  expect(sriov(`apply ${path}`)).toEqual({ status: 0, out: 'no changes\n', err: '' });
});

test('only what differs is sent', async () => {
  expect(await run('apply -', tenants())).toMatchObject({ status: 0 });
  expect(await run(`set ${pf.name} 2 vlan none`)).toMatchObject({ status: 0 });
  const { data } = envelopeOf(await run('apply - --json', tenants()));
  expect(data).toMatchObject({
    dryRun: false,
    differences: true,
    pfs: [
      {
        name: pf.name,
        device: `netdevsim${pf.id}`,
        numVfs: null,
        changes: [{ vf: 2, attribute: 'vlan', from: null, to: { id: 100, qos: 2 } }],
        report: { vfs: 1, requested: 1, applied: 1, failures: [] },
        error: null,
      },
    ],
  });
});

test('--exit-code tells differences, applied or not, from none', async () => {
  const states: (number | null)[] = [];
  for (const line of ['apply - --dry-run --exit-code', 'apply - --exit-code', 'apply - --exit-code']) {
    states.push((await run(line, tenants())).status);
  }
  expect(states).toEqual([2, 2, 0]);
});

test('a plan of one PF is applied to another PF by --pf', async () => {
  const text = 'pfs: [{ pf: elsewhere, vfs: [{ vf: 0, trust: on }] }]';
  expect(await run(`apply - --pf ${pf.name}`, text)).toMatchObject({ status: 0, err: '' });
  expect((await vfsOf(pf.name))[0]).toMatchObject({ trust: true });
});

test('what show gives as JSON is a plan: without changes now, restoring later', async () => {
  await run(`set ${pf.name} 0-7 vlan 9 qos 1 rate 100 trust on state enable`);
  await run(`set ${pf.name} 4 vlan none rate none mac 02:00:00:00:00:09`);
  const saved = await vfsOf(pf.name);
  const text = JSON.stringify({ pfs: [{ pf: pf.name, vfs: saved }] });
  expect(await run('apply -', text)).toEqual({ status: 0, out: 'no changes\n', err: '' });
  await run(`set ${pf.name} 0-7 vlan none rate none mac none trust off state auto`);
  expect(await run('apply -', text)).toMatchObject({ status: 0, err: '' });
  expect(await vfsOf(pf.name)).toEqual(saved);
});

test('VFs are created where there are none, after they were shown with +', async () => {
  expect(await run(`numvfs ${pf.name} 0 --recreate`)).toMatchObject({ status: 0 });
  try {
    const text = `pfs: [{ pf: ${pf.name}, numVfs: 8, vfs: [{ vf: 0-7, trust: on }] }]`;
    const shown = `~ ${pf.name} numVfs 0 → 8\n+ ${pf.name} vf 0-7 trust on\n`;
    expect(await run('apply - --dry-run', text)).toEqual({ status: 0, out: shown, err: '' });
    expect((await run(`numvfs ${pf.name}`)).out).toMatch(/: 0 VFs/);
    const { status, out, err } = await run('apply -', text);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out.startsWith(`${shown}${pf.name}: 8 settings on 8 VFs applied in `)).toBe(true);
  } finally {
    await run(`numvfs ${pf.name} 8`);
  }
});

test.each<[string, number, () => string]>([
  [
    'another number of VFs than there are',
    75,
    () => `pfs: [{ pf: ${pf.name}, numVfs: 4, vfs: [{ vf: 0, trust: on }] }]`,
  ],
  ['a VF beyond the count', 64, () => plan('{ vf: 0-8, trust: on }')],
  ['a PF twice', 64, () => `pfs: [{ pf: ${pf.name}, vfs: [{ vf: 0, trust: on }] }, { pf: ${pf.name} }]`],
  [
    'a PF that is not there',
    69,
    () => `pfs: [{ pf: ${pf.name}, vfs: [{ vf: 0, trust: on }] }, { pf: nosuchpf }]`,
  ],
  ['a VLAN that is none', 64, () => plan('{ vf: 0, trust: on }', '{ vf: 1, vlan: 4096 }')],
])('a plan with %s exits with %i and changes nothing', async (_what, status, text) => {
  const ran = await run('apply -', text());
  expect(ran).toMatchObject({ status, out: '' });
  expect(ran.err).toMatch(/^sriov: .+\n$/);
  expect((await vfsOf(pf.name))[0]).toMatchObject({ trust: false });
});

test('a setting that the driver refuses is listed, the others of the plan are applied', async () => {
  const text = plan('{ vf: 0-3, trust: on }', '{ vf: 2, portGuid: "00:11:22:33:44:55:66:77" }');
  const { status, err } = await run('apply -', text);
  expect(status).toBe(1);
  expect(err).toMatch(new RegExp(`^failed: ${pf.name} vf 2 port-guid: EOPNOTSUPP: .+\n$`));
  expect((await vfsOf(pf.name)).slice(0, 4).map(({ trust }) => trust)).toEqual([true, true, true, true]);
});

test('the example plan works as it is written', async () => {
  const path = fileURLToPath(new URL('../../examples/plan.yaml', import.meta.url));
  expect(await run(`numvfs ${pf.name} 0 --recreate`)).toMatchObject({ status: 0 });
  try {
    const first = await run(`apply ${path} --pf ${pf.name} --verify`);
    expect(first).toMatchObject({ status: 0, err: '' });
    expect(await run(`apply ${path} --pf ${pf.name}`)).toEqual({ status: 0, out: 'no changes\n', err: '' });
    expect(await vfsOf(pf.name)).toHaveLength(64);
  } finally {
    await run(`numvfs ${pf.name} 8 --recreate`);
  }
});
