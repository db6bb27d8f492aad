/**
 * What cannot be done, and is said so: before the kernel is asked or after, as fits; and nothing has changed.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  InvalidConfigError,
  listPhysicalFunctions,
  NotAPhysicalFunctionError,
  PhysicalFunction,
  SriovError,
  type VfConfig,
  type VfState,
} from '../../src/index.ts';
import type * as Sriov from '../../src/index.ts';
import { inChild } from './child.ts';
import { createNetdevsim } from './netdevsim.mjs';
import { each, full, read, usePf, withPf } from './pf.ts';

/** What was thrown, whatever it was. */
async function thrown(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('settings that make no sense', () => {
  const has = usePf({ vfs: 4 });
  let before: VfState[];
  beforeAll(() => {
    has.pf.programVfsSync(each(4, full));
    before = read(has.pf);
  });
  afterEach(() => {
    if (JSON.stringify(read(has.pf)) !== JSON.stringify(before)) throw new Error('something has changed');
  });

  test.each<[string, object]>([
    ['a multicast MAC', { mac: '01:00:5e:00:00:01' }],
    ['VLAN 4096', { vlan: { id: 4096 } }],
    ['QoS 8', { vlan: { id: 1, qos: 8 } }],
    ['an unknown proto', { vlan: { id: 1, proto: '0x9100' } }],
    ['a minimum above the maximum', { rate: { min: 2, max: 1 } }],
    ['a wrong type', { trust: 'on' }],
    ['an unknown key', { vlanId: 5 }],
    ['a VF that no PF has', { vf: 65_535 }],
    ['a negative VF', { vf: -1 }],
    ['a VF that is named twice', { vf: 0 }],
  ])('%s is refused before the kernel is asked, with all that stood beside it', async (_, settings) => {
    const configs = [
      { vf: 0, mac: null },
      { vf: 1, trust: true },
      { vf: 2, ...settings },
    ] as VfConfig[];
    for (const call of [() => has.pf.programVfsSync(configs), () => has.pf.programVfs(configs)]) {
      const error = await thrown(call);
      expect(error).toBeInstanceOf(InvalidConfigError);
      expect((error as SriovError).errno).toBeUndefined();
    }
  });

  test.each([4, 5, 255, 4095, 65_534])(
    'VF %i, which is beyond the count, is refused by the kernel',
    async (vf) => {
      const report = await has.pf.programVfs([{ vf, trust: true, mac: null }]);
      expect(report).toMatchObject({ requested: 2, applied: 0 });
      expect(report.failures.map(({ vf: of, attribute, code }) => [of, attribute, code])).toEqual([
        [vf, 'mac', 'EINVAL'],
        [vf, 'trust', 'EINVAL'],
      ]);
      expect(report.failures[0]?.message).toContain('the PF has 4 VFs, 0 to 3; raise their number first');
    },
  );

  test('an option that makes no sense is refused before the kernel is asked', async () => {
    const change: VfConfig[] = [{ vf: 0, mac: null }];
    const options = { maxHoldMs: -1 };
    expect(await thrown(() => has.pf.programVfsSync(change, options))).toBeInstanceOf(InvalidConfigError);
    expect(await thrown(() => has.pf.programVfs(change, options))).toBeInstanceOf(InvalidConfigError);
  });
});

describe('a PF that cannot be opened', () => {
  test.each<[string, string | number, string]>([
    ['a name that nobody has', 'no-such-pf', 'ENODEV'],
    ['a long alternative name that nobody has', 'a-name-of-more-than-fifteen-bytes', 'ENODEV'],
    ['an ifindex that nobody has', 2_000_000_000, 'ENODEV'],
    ['the same as text', '2000000000', 'ENODEV'],
    ['a PCI address without a function', '0000:ff:1f.7', 'ENODEV'],
    ['nothing', '', 'SRIOV_INVALID_CONFIG'],
    ['ifindex 0', 0, 'SRIOV_INVALID_CONFIG'],
    ['half an ifindex', 1.5, 'SRIOV_INVALID_CONFIG'],
    ['a device without SR-IOV', 'lo', 'SRIOV_NOT_A_PF'],
    ['the same by ifindex', 1, 'SRIOV_NOT_A_PF'],
  ])('%s (%j) is %s', async (_, id, code) => {
    const error = await thrown(() => PhysicalFunction.open(id));
    expect(error).toBeInstanceOf(SriovError);
    expect(error).toMatchObject({ code });
    expect((error as SriovError).message).toMatch(code === 'ENODEV' ? `${id}: ENODEV: ` : /./);
  });
});

describe('a PF that is gone', () => {
  test('is ENODEV for every call, and never an empty list', async () => {
    const sim = createNetdevsim({ vfs: 8 });
    const pf = PhysicalFunction.open(sim.pf);
    sim.remove();
    const calls: [string, () => unknown][] = [
      ['readVfsSync', () => pf.readVfsSync()],
      ['readVfsSync with statistics', () => pf.readVfsSync({ stats: true })],
      ['readVfs', () => pf.readVfs()],
      ['programVfsSync', () => pf.programVfsSync(each(8, full))],
      ['programVfs', () => pf.programVfs(each(8, full))],
      ['programVfs atomic', () => pf.programVfs(each(8, full), { atomic: true, verify: true })],
      ['a lone minimum', () => pf.programVfsSync([{ vf: 0, rate: { min: 1 } }])],
      ['name', () => pf.name],
    ];
    for (const [what, call] of calls) {
      const { name, code, errno } = (await thrown(call)) as SriovError;
      expect({ what, name, code, errno }).toEqual({ what, name: 'KernelError', code: 'ENODEV', errno: -19 });
    }
    expect(await thrown(() => pf.readVfsSync())).toMatchObject({
      message: expect.stringContaining('open it again by its PCI address'),
    });
    expect([pf.numVfs(), pf.totalVfs(), pf.driver]).toEqual([undefined, undefined, undefined]);
    expect(await thrown(() => pf.setNumVfs(2))).toMatchObject({ code: 'ENODEV' });
  });

  test('in mid-work ends every request with a report or with ENODEV', async () => {
    await withPf(1024, async (pf, sim) => {
      const configs = each(1024, full);
      const requests = Array.from({ length: 12 }, (_, index) =>
        index % 3 === 2 ? pf.readVfs() : pf.programVfs(configs, { maxHoldMs: 0.1 }),
      );
      await requests[0];
      sim.remove();
      const ends = await Promise.allSettled(requests);
      const codes = ends.map((end) => (end.status === 'rejected' ? (end.reason as SriovError).code : 'done'));
      expect(codes[0]).toBe('done');
      expect(new Set(['done', 'ENODEV', ...codes])).toEqual(new Set(['done', 'ENODEV']));
      expect(await thrown(() => pf.readVfs())).toMatchObject({ code: 'ENODEV' });
    });
  });

  test('does not take the place of another one', async () => {
    const first = createNetdevsim({ vfs: 2 });
    const pf = PhysicalFunction.open(first.pf);
    first.remove();
    // The same number, the same name; but another device, with another ifindex.
    const second = createNetdevsim({ id: first.id, vfs: 2 });
    try {
      const other = PhysicalFunction.open(second.pf);
      expect(second.pf).toBe(first.pf);
      expect(await thrown(() => pf.programVfsSync([{ vf: 0, trust: true }]))).toMatchObject({
        code: 'ENODEV',
      });
      expect(other.readVfsSync().row(0).trust).toBe(false);
    } finally {
      second.remove();
    }
  });
});

describe('a PF by another name', () => {
  const has = usePf({ vfs: 2 });

  test('is found by name, ifindex and alternative names, and keeps working when it is renamed', () => {
    const long = 'a-long-alternative-name-of-the-physical-function';
    execFileSync('ip', [
      'link',
      'property',
      'add',
      'dev',
      has.pf.name,
      'altname',
      long,
      'altname',
      'short-pf',
    ]);
    for (const id of [has.sim.pf, has.pf.ifindex, String(has.pf.ifindex), long, 'short-pf']) {
      expect(PhysicalFunction.open(id).ifindex).toBe(has.pf.ifindex);
    }
    execFileSync('ip', ['link', 'set', has.pf.name, 'name', 'renamed0']);
    expect(has.pf.name).toBe('renamed0');
    expect(has.pf.programVfsSync([{ vf: 1, trust: true }]).failures).toEqual([]);
    expect(has.pf.readVfsSync().row(1).trust).toBe(true);
    expect(has.pf.numVfs()).toBe(2);
    expect(PhysicalFunction.open('renamed0').readVfsSync().row(1).trust).toBe(true);
    expect(has.pf.programVfsSync([{ vf: 9, trust: true }]).failures[0]?.message).toMatch(/^renamed0 VF 9: /);
    execFileSync('ip', ['link', 'set', 'renamed0', 'name', has.sim.pf]);
  });

  test('is listed with all others, in order of ifindex', async () => {
    await withPf(3, (other) => {
      const list = listPhysicalFunctions();
      expect(list.map(({ ifindex }) => ifindex)).toEqual(
        expect.arrayContaining([has.pf.ifindex, other.ifindex]),
      );
      const indices = list.map(({ ifindex }) => ifindex);
      expect(indices).toEqual([...indices].sort((a, b) => a - b));
      const entry = list.find(({ ifindex }) => ifindex === other.ifindex);
      expect([entry?.name, entry?.device, entry?.driver, entry?.numVfs(), entry?.pciAddress]).toEqual([
        other.name,
        other.device,
        'netdevsim',
        3,
        undefined,
      ]);
    });
  });
});

describe('without the right to', () => {
  const has = usePf({ vfs: 4 });
  let before: VfState[];
  beforeEach(() => {
    before = read(has.pf);
  });
  afterEach(() => {
    if (JSON.stringify(read(has.pf)) !== JSON.stringify(before)) throw new Error('something has changed');
  });

  /** Tries everything that changes something, and reads. */
  const tryAll = async (
    { PhysicalFunction: Pf }: typeof Sriov,
    name: string,
    drop: boolean,
  ): Promise<{ codes: string[]; messages: string[]; vfs: number[] }> => {
    const pf = Pf.open(name);
    // The sockets that are open already are of no use afterwards: the kernel looks at who sends.
    await pf.readVfs();
    pf.readVfsSync();
    if (drop) {
      // netdevsim's sriov_numvfs may be written by the group.
      process.setgroups?.([]);
      process.setegid?.(65_534);
      process.seteuid?.(65_534);
    }
    const configs = [{ vf: 0, trust: true, mac: '02:00:00:00:00:01' }];
    const errors: { code: string; message: string }[] = [];
    for (const call of [
      () => pf.programVfsSync(configs),
      () => pf.programVfs(configs),
      () => pf.programVfsSync(configs, { atomic: true, verify: true }),
    ]) {
      try {
        await call();
        errors.push({ code: 'none', message: 'it was done' });
      } catch (error) {
        errors.push(error as { code: string; message: string });
      }
    }
    if (drop) {
      try {
        await pf.setNumVfs(0);
      } catch (error) {
        errors.push(error as { code: string; message: string });
      }
    }
    return {
      codes: errors.map(({ code }) => code),
      messages: errors.map(({ message }) => message),
      vfs: [pf.readVfsSync().length, (await pf.readVfs()).length],
    };
  };

  test('no CAP_NET_ADMIN is EPERM, which names it; reading still works', () => {
    const under = ['setpriv', '--bounding-set', '-net_admin', '--inh-caps', '-net_admin'];
    const { codes, messages, vfs } = inChild(tryAll, [has.pf.name, false], { under });
    expect(codes).toEqual(['EPERM', 'EPERM', 'EPERM']);
    for (const message of messages) expect(message).toMatch(/EPERM.*CAP_NET_ADMIN/);
    expect(vfs).toEqual([4, 4]);
  });

  test('a user who is not root any more gets EPERM, and EACCES for the number of VFs', () => {
    const { codes, messages, vfs } = inChild(tryAll, [has.pf.name, true]);
    expect(codes).toEqual(['EPERM', 'EPERM', 'EPERM', 'EACCES']);
    expect(messages[3]).toMatch(/: removing all VFs: EACCES: .+root/);
    expect(vfs).toEqual([4, 4]);
  });

  test('a network namespace without the PF is ENODEV, however it is named, and lists none', () => {
    const found = inChild(
      (sriov, ids: (string | number)[]) => ({
        codes: ids.map((id) => {
          try {
            return sriov.PhysicalFunction.open(id).name;
          } catch (error) {
            return (error as SriovError).code;
          }
        }),
        list: sriov.listPhysicalFunctions().map(({ name }) => name),
      }),
      [[has.pf.name, has.pf.ifindex, String(has.pf.ifindex)]],
      { under: ['unshare', '--net'] },
    );
    expect(found).toEqual({ codes: ['ENODEV', 'ENODEV', 'ENODEV'], list: [] });
  });
});

describe('in switchdev mode', () => {
  const has = usePf({ vfs: 4 });
  const handle = (): string => `netdevsim/${has.pf.device}`;

  test('rates are refused with the way out, all else is applied, and representors are no PFs', async () => {
    has.pf.programVfsSync(each(4, () => ({ rate: { min: 1, max: 10 } })));
    execFileSync('devlink', ['dev', 'eswitch', 'set', handle(), 'mode', 'switchdev']);
    const { failures, applied } = has.pf.programVfsSync(each(4, full));
    expect(applied).toBe(24);
    expect(failures.map(({ vf, attribute, code }) => [vf, attribute, code])).toEqual(
      [0, 1, 2, 3].map((vf) => [vf, 'rate', 'EOPNOTSUPP']),
    );
    expect(failures[0]?.message).toMatch(
      /switchdev mode, where they are set with devlink port function rate$/,
    );
    const shown = read(has.pf);
    for (const [vf, state] of shown.entries()) {
      const { rate: _, ...rest } = { vf, ...full(vf) };
      expect(state).toMatchObject(rest);
    }
    // All or nothing: nothing.
    const atomic = await has.pf.programVfs(
      each(4, () => ({ mac: null, rate: { max: 5 } })),
      { atomic: true },
    );
    expect(atomic).toMatchObject({ applied: 0, rolledBack: true, notRestored: [] });
    expect(read(has.pf)).toEqual(shown);

    const links = readdirSync('/sys/class/net').filter((name) => {
      const port = `/sys/class/net/${name}/phys_port_name`;
      const ours = `/sys/bus/netdevsim/devices/${has.pf.device}/net/${name}`;
      try {
        return existsSync(ours) && /^pf0vf\d+$/.test(readFileSync(port, 'utf8').trim());
      } catch {
        return false;
      }
    });
    expect(links).toHaveLength(4);
    for (const link of links) {
      expect(await thrown(() => PhysicalFunction.open(link))).toBeInstanceOf(NotAPhysicalFunctionError);
    }
    expect(listPhysicalFunctions().filter(({ device }) => device === has.pf.device)).toHaveLength(1);
    execFileSync('devlink', ['dev', 'eswitch', 'set', handle(), 'mode', 'legacy']);
    expect(has.pf.programVfsSync(each(4, () => ({ rate: { min: 0, max: 0 } }))).failures).toEqual([]);
  });
});
