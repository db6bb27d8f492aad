import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { type PlanPf, expandPlan, retarget } from '../../../src/cli/plan/expand.ts';
import { readPlan } from '../../../src/cli/plan/read.ts';
import { parseVfConfigs } from '../../../src/vf/parse.ts';

async function plan(yaml: string): Promise<PlanPf[]> {
  return expandPlan(await readPlan('-', async () => yaml), parseVfConfigs);
}

/** A plan of one PF with these VF entries. */
function vfs(...entries: string[]): Promise<PlanPf[]> {
  return plan(`pfs: [{ pf: pf0, vfs: [${entries.join(', ')}] }]`);
}

test('a range gives its settings to each VF, and counts its MAC up', async () => {
  expect(await vfs('{ vf: 2-4, mac: "02:00:00:00:00:fe", trust: true }')).toEqual([
    {
      pf: 'pf0',
      vfs: [
        { vf: 2, mac: '02:00:00:00:00:fe', trust: true },
        { vf: 3, mac: '02:00:00:00:00:ff', trust: true },
        { vf: 4, mac: '02:00:00:00:01:00', trust: true },
      ],
    },
  ]);
});

test('in a list with gaps the address follows the VF number', async () => {
  const [pf] = await vfs('{ vf: "0,4-5", mac: "02:00:00:00:00:10" }');
  expect(pf?.vfs.map(({ mac }) => mac)).toEqual([
    '02:00:00:00:00:10',
    '02:00:00:00:00:14',
    '02:00:00:00:00:15',
  ]);
});

test('entries that speak of different attributes of a VF are put together', async () => {
  const [pf] = await vfs('{ vf: 0-1, trust: true }', '{ vf: 1, vlan: { id: 7 } }');
  expect(pf?.vfs).toEqual([
    { vf: 0, trust: true },
    { vf: 1, trust: true, vlan: { id: 7 } },
  ]);
});

test('two entries that contradict each other are refused, both named', async () => {
  await expect(vfs('{ vf: 0-3, trust: off }', '{ vf: 2, trust: on }')).rejects.toThrow(
    'pfs[0].vfs[1]: trust of VF 2 is already set otherwise by pfs[0].vfs[0]; write "override: true"',
  );
});

test('two entries that say the same are no contradiction', async () => {
  const [pf] = await vfs('{ vf: 0, vlan: { id: 7, qos: 1 } }', '{ vf: 0, vlan: { qos: 1, id: 7 } }');
  expect(pf?.vfs).toEqual([{ vf: 0, vlan: { id: 7, qos: 1 } }]);
});

test('an entry with override: true replaces what earlier entries say of the attributes it names', async () => {
  const [pf] = await vfs('{ vf: 0-1, trust: off, rate: { max: 5 } }', '{ vf: 1, trust: on, override: true }');
  expect(pf?.vfs).toEqual([
    { vf: 0, trust: false, rate: { max: 5 } },
    { vf: 1, trust: true, rate: { max: 5 } },
  ]);
});

test('null clears, on and off are booleans, a bare VLAN is its id', async () => {
  const [pf] = await vfs(
    '{ vf: 0, mac: null, vlan: null, spoofCheck: on, trust: off }',
    '{ vf: 1, vlan: 7 }',
    '{ vf: 2, vlan: 0 }',
  );
  expect(pf?.vfs).toEqual([
    { vf: 0, mac: null, vlan: null, spoofCheck: true, trust: false },
    { vf: 1, vlan: { id: 7 } },
    { vf: 2, vlan: null },
  ]);
});

test('JSON is a plan as well, and a PF may be named by its ifindex', async () => {
  expect(await plan('{"pfs":[{"pf":4,"numVfs":8}]}')).toEqual([{ pf: 4, numVfs: 8, vfs: [] }]);
});

test.each([
  ['', 'plan: expected keys (pfs)'],
  ['pfs: []', 'pfs: the plan names no PF'],
  ['pf: x', 'plan: unknown key "pf"; did you mean pfs?'],
  ['pfs: {}', 'pfs: expected a list'],
  ['pfs: [{}]', 'pfs[0].pf: expected a name, an ifindex or a PCI address'],
  ['pfs: [{ pf: x, numvf: 3 }]', 'pfs[0]: unknown key "numvf"; did you mean numVfs?'],
  ['pfs: [{ pf: x, numVfs: -1 }]', 'pfs[0].numVfs: expected a whole number, 0 or more'],
  ['pfs: [{ pf: x, vfs: [3] }]', 'pfs[0].vfs[0]: expected keys'],
  ['pfs: [{ pf: x, vfs: [{ trust: on }] }]', 'pfs[0].vfs[0].vf: expected a VF number'],
  ['pfs: [{ pf: x, vfs: [{ vf: 3-1, trust: on }] }]', 'pfs[0].vfs[0].vf: VF range 3-1 runs backwards'],
  ['pfs: [{ pf: x, vfs: [{ vf: 3 }] }]', 'pfs[0].vfs[0]: sets nothing'],
  ['pfs: [{ pf: x, vfs: [{ vf: 3, spoofchk: on }] }]', 'unknown key "spoofchk"; did you mean spoofCheck?'],
  ['pfs: [{ pf: x, vfs: [{ vf: 3, trust: maybe }] }]', /pfs\[0\]\.vfs\[0\]: .*trust/],
  ['pfs: [{ pf: x, vfs: [{ vf: 3, vlan: 4096 }] }]', /pfs\[0\]\.vfs\[0\]: .*4095/],
  ['pfs: [{ pf: x, vfs: [{ vf: 3, vlan: { id: 1, qos: 8 } }] }]', /pfs\[0\]\.vfs\[0\]: .*qos/],
  ['pfs: [{ pf: x, vfs: [{ vf: 3, mac: "01:00:5e:00:00:01" }] }]', /pfs\[0\]\.vfs\[0\]: .*unicast/],
  [
    'pfs: [{ pf: x, vfs: [{ vf: 0-9, mac: "02:00:00:ff:ff:f8" }] }]',
    'pfs[0].vfs[0].mac: 02:00:00:ff:ff:f8 + 8 for VF 8',
  ],
  [
    'pfs: [{ pf: x, vfs: [{ vf: 0, trust: on, override: yes }] }]',
    'pfs[0].vfs[0].override: expected true or false',
  ],
  ['pfs: [{ pf: x }]\npfs: []', 'no valid YAML'],
  ['a: 1\n---\nb: 2', 'no valid YAML'],
  ['pfs: [', 'plan standard input is no valid YAML'],
  ['pfs: *nowhere', 'no valid YAML'],
])('plan %j is refused: %s', async (yaml, reason) => {
  await expect(plan(yaml)).rejects.toThrow(reason);
  await expect(plan(yaml)).rejects.toMatchObject({ code: 'SRIOV_USAGE' });
});

test('a plan of one PF can be applied to another, a plan of several cannot', async () => {
  const one = await plan('pfs: [{ pf: pf0, numVfs: 4 }]');
  expect(retarget(one, 'enp3s0f0')).toEqual([{ pf: 'enp3s0f0', numVfs: 4, vfs: [] }]);
  const two = await plan('pfs: [{ pf: pf0 }, { pf: pf1 }]');
  expect(() => retarget(two, 'enp3s0f0')).toThrow('--pf enp3s0f0 is for plans with one PF; this one has 2');
});

test('the example plan is valid and names 64 VFs with an address each', async () => {
  const text = await readFile(new URL('../../../examples/plan.yaml', import.meta.url), 'utf8');
  const [pf] = await plan(text);
  expect(pf?.numVfs).toBe(64);
  expect(new Set(pf?.vfs.map(({ mac }) => mac)).size).toBe(64);
  expect(pf?.vfs.at(-1)).toEqual({
    vf: 63,
    mac: '02:00:00:00:01:3f',
    vlan: { id: 200, qos: 5 },
    rate: { min: 100, max: 2000 },
    spoofCheck: false,
    linkState: 'enable',
    trust: true,
  });
});
