import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addon } from '../../../src/addon.ts';
import { decodeEnumeration } from '../../../src/pci/decode.ts';
import { enumeratePci, enumeratePciSync } from '../../../src/pci/enumerate.ts';
import { classifyPort } from '../../../src/pci/net-device.ts';
import { addPfsWithVfs, FakeSysfs } from './fake-sysfs.mjs';
import { readPlain } from './plain-reader.mjs';

/** Thousands of files are made and read, with a reader in JavaScript among the readers: no case for 5 s. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const trees = new Map<string, FakeSysfs>();
beforeAll(() => {
  for (const [pfs, vfsEach] of [
    [0, 0],
    [16, 256],
    [1, 255],
    [4, 255],
    [16, 255],
  ] as const)
    tree(pfs, vfsEach);
});
afterAll(() => {
  for (const made of trees.values()) made.destroy();
});

function tree(pfs: number, vfsEach: number): string {
  const key = `${pfs}x${vfsEach}`;
  const known = trees.get(key);
  if (known !== undefined) return known.root;
  const made = new FakeSysfs(existsSync('/dev/shm') ? '/dev/shm' : tmpdir());
  trees.set(key, made);
  addPfsWithVfs(made, pfs, vfsEach);
  return made.root;
}

const systemCalls = (root: string): number =>
  decodeEnumeration(addon().enumeratePciSync(root), null).systemCalls;

describe('16 PFs of 256 VFs', () => {
  it('are all found, each VF with its PF and number', async () => {
    const sysfsRoot = tree(16, 256);
    const functions = await enumeratePci({ sysfsRoot });
    expect(functions).toHaveLength(4112);
    const pfs = functions.filter((f) => f.role === 'pf');
    expect(pfs.map((pf) => pf.numVfs)).toEqual(Array(16).fill(256));
    for (const pf of pfs) expect(pf.vfs.map((vf) => vf.index)).toEqual([...Array(256).keys()]);
    expect(functions).toEqual(readPlain(sysfsRoot, classifyPort));
  });

  it('are read off the event loop', async () => {
    const sysfsRoot = tree(16, 256);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const buffer = await addon().enumeratePci(sysfsRoot);
    clearInterval(timer);
    expect(decodeEnumeration(buffer, null).functions).toHaveLength(4112);
    expect(turns).toBeGreaterThan(3);
  });
});

describe('the time of an enumeration', () => {
  it('is at most a third of what a reader with node:fs takes, for 4,096 functions', () => {
    const sysfsRoot = tree(16, 255);
    const times = { addon: [] as number[], plain: [] as number[] };
    // In turns, so that both meet the same machine, and both on this thread: the pool's are shared with the
    // tests that run beside this one. bench/enumerate.mjs has both.
    for (let round = 0; round < 7; round++) {
      const start = performance.now();
      enumeratePciSync({ sysfsRoot });
      const between = performance.now();
      readPlain(sysfsRoot, classifyPort);
      times.addon.push(between - start);
      times.plain.push(performance.now() - between);
    }
    const median = (list: number[]): number => list.toSorted((a, b) => a - b)[3] ?? Number.NaN;
    expect(median(times.plain) / median(times.addon)).toBeGreaterThan(3);
  });
});

describe('the system calls of an enumeration', () => {
  // A PF with 255 VFs; every function has a driver, a NUMA node and an IOMMU group, none a network device.
  it('are constant for a function, from 256 to 4,096', () => {
    const base = systemCalls(tree(0, 0));
    const perPf = [1, 4, 16].map((pfs) => (systemCalls(tree(pfs, 255)) - base) / pfs);
    // Listing /sys/bus/pci/devices takes a call for each 32 KiB of names, which is the only thing that may
    // vary: one more in a thousand functions.
    const [first = 0, second = 0, third = 0] = perPf;
    expect(Math.abs(second - first)).toBeLessThan(2);
    expect(Math.abs(third - first)).toBeLessThan(2);
    expect(first / 256).toBeGreaterThan(9);
    expect(first / 256).toBeLessThan(10.1);
  });

  it('are told truly by the addon: strace counts the same', ({ skip }) => {
    const root = tree(1, 255);
    const script = `require(process.argv[1]).enumeratePciSync(process.argv[2])`;
    const counted = [root, tree(0, 0)].map((each) => straced(script, each));
    if (counted.includes(null)) skip('no strace on this machine, or it may not trace here');
    const [full, empty] = counted as [number, number];
    expect(full - empty).toBe(systemCalls(root) - systemCalls(tree(0, 0)));
  });

  it('grow by a constant for each network device', () => {
    const counts = [0, 1, 2, 3].map((count) => {
      const sysfs = new FakeSysfs();
      sysfs.addFunction({ address: '0000:01:00.0' });
      for (let i = 0; i < count; i++) {
        const device = { on: '0000:01:00.0', carrier: '1', operstate: 'up', speed: '100' };
        sysfs.addNetDevice({ ...device, name: `eth${i}`, ifindex: i + 2 });
      }
      const calls = systemCalls(sysfs.root);
      sysfs.destroy();
      return calls;
    });
    const steps = counts.slice(1).map((calls, i) => calls - (counts[i] ?? 0));
    // readlink 1, open and close 2, carrier, operstate, speed, dev_port, uevent 3 each, two absent names.
    expect(steps).toEqual([20, 20, 20]);
  });
});

describe('the real sysfs of this machine', () => {
  it('reads as the plain reader reads it', ({ skip }) => {
    if (!existsSync('/sys/bus/pci/devices')) skip('this machine has no PCI');
    expect(enumeratePciSync().filter((f) => f.bus === 'pci')).toEqual(readPlain('/sys', classifyPort));
  });
});

/** System calls on files of a run, in a process of its own; null when strace does not work here. */
function straced(script: string, root: string): number | null {
  const calls = 'openat,read,close,readlinkat,getdents64';
  const file =
    process.env['SRIOV_ADDON'] ??
    fileURLToPath(new URL('../../../build/Release/sriov.node', import.meta.url));
  // The main thread alone, which makes them all: Node's other threads read when it suits them.
  const argv = ['-c', '-U', 'calls,name', '-e', `trace=${calls}`, process.execPath, '-e', script, file, root];
  const { status, stderr } = spawnSync('strace', argv, { encoding: 'utf8' });
  const total = /^\s*(\d+)\s+total$/m.exec(stderr)?.[1];
  return status === 0 && total !== undefined ? Number(total) : null;
}
