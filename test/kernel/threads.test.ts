/**
 * Threads and ends: workers that are killed in mid-work, several copies of the addon in one process, a process
 * that ends with work under way. Each in a process of its own, whose descriptors and threads are counted.
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DIST, inChild } from './child.ts';
import { macOf, read, usePf } from './pf.ts';

const PF_MODULE = new URL('./host/physical-function.js', DIST).href;
const ADDON =
  process.env['SRIOV_ADDON'] ?? fileURLToPath(new URL('../../build/Release/sriov.node', import.meta.url));
const has = usePf({ vfs: 256 });
const second = usePf({ vfs: 256 });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'threads-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * A worker: keeps requests under way for ever, once it has proven that it works. It calls the addon itself,
 * since loading the package fifty times takes minutes in an emulated machine.
 */
const BUSY = `
  const { parentPort, workerData: { addon, ifindex, bytes, exits } } = require('node:worker_threads');
  const native = require(addon);
  native.readVfsSync(ifindex, true);
  const program = () => native.programVfs(ifindex, bytes, 0, 1e5, 1e9, 0).then(program);
  const read = () => native.readVfs(ifindex, false).then(read);
  // Not before all of a batch are loaded: work would slow down the loading of the others.
  parentPort.once('message', () => {
    for (let i = 0; i < 4; i++) void program();
    native.readVfs(ifindex, false).then(() => {
      void read();
      parentPort.postMessage('working');
      if (exits) setImmediate(() => process.exit(0));
    });
  });
  parentPort.postMessage('ready');
`;

test('50 workers that are ended in mid-work leave nothing behind', () => {
  const found = inChild(
    async ({ PhysicalFunction, VfTable }, busy: string, addon: string, names: string[]) => {
      const { Worker } = process.getBuiltinModule('node:worker_threads');
      const { readdirSync } = process.getBuiltinModule('node:fs');
      const state = (): [fds: number, threads: number] => [
        readdirSync('/proc/self/fd').length,
        readdirSync('/proc/self/task').length,
      ];
      const pfs = names.map((name) => PhysicalFunction.open(name));
      const pf = pfs[0] as (typeof pfs)[0];
      const configs = Array.from({ length: 256 }, (_, vf) => ({ vf, trust: true, vlan: { id: vf + 1 } }));
      const { bytes } = VfTable.from(configs);
      const batch = async (count: number): Promise<void> => {
        const workers = Array.from({ length: count }, (_, index) => {
          // Every fifth ends by itself.
          const { ifindex } = pfs[index % pfs.length] as (typeof pfs)[0];
          const workerData = { addon, ifindex, bytes, exits: index % 5 === 4 };
          const worker = new Worker(busy, { eval: true, execArgv: [], workerData });
          const ended = new Promise((resolve, reject) => {
            worker.once('error', reject);
            worker.once('exit', resolve);
          });
          const ready = new Promise((resolve) => worker.once('message', resolve));
          return { worker, ended, ready };
        });
        await Promise.all(workers.map(({ ready, ended }) => Promise.race([ready, ended])));
        const ends = workers.map(async ({ worker, ended }) => {
          const working = new Promise((resolve) => worker.once('message', resolve));
          // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
          worker.postMessage('go');
          await Promise.race([working, ended]);
          await worker.terminate();
          await ended;
        });
        await Promise.all(ends);
      };
      await batch(5);
      const settled = async (limit: [number, number]): Promise<[number, number]> => {
        const deadline = Date.now() + 30_000;
        for (;;) {
          globalThis.gc?.();
          const now = state();
          if ((now[0] <= limit[0] && now[1] <= limit[1]) || Date.now() > deadline) return now;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      const before = state();
      for (let round = 0; round < 5; round++) await batch(10);
      const after = await settled(before);
      const { failures } = await pf.programVfs([{ vf: 0, mac: '02:00:00:00:00:77' }]);
      return { before, after, failures: failures.length, vfs: (await pf.readVfs()).length };
    },
    [BUSY, ADDON, [has.pf.name, second.pf.name]],
  );
  expect(found.after[0]).toBeLessThanOrEqual(found.before[0]);
  expect(found.after[1]).toBeLessThanOrEqual(found.before[1]);
  expect([found.failures, found.vfs]).toEqual([0, 256]);
  expect(has.pf.readVfsSync().row(0).mac).toBe('02:00:00:00:00:77');
});

test('several copies of the addon and several threads work side by side in one process', () => {
  const copies = [0, 1].map((index) => path.join(folder, `copy-${index}.node`));
  for (const copy of copies) copyFileSync(ADDON, copy);
  const work = `
    const { parentPort, workerData: { module, pf, first, macs } } = require('node:worker_threads');
    import(module).then(async ({ PhysicalFunction }) => {
      const configs = macs.map((mac, index) => ({ vf: first + index, mac }));
      const held = PhysicalFunction.open(pf);
      const reports = await Promise.all(configs.map((config) => held.programVfs([config])));
      held.programVfsSync(configs);
      parentPort.on('message', () => undefined); // stays until it is ended
      parentPort.postMessage(reports.flatMap(({ failures }) => failures).length);
    });
  `;
  const found = inChild(
    async (sriov, code: string, module: string, name: string, addons: (string | null)[], macs: string[]) => {
      const { Worker } = process.getBuiltinModule('node:worker_threads');
      const pf = sriov.PhysicalFunction.open(name);
      const own = pf.programVfs(macs.slice(0, 50).map((mac, vf) => ({ vf, mac })));
      const workers = addons.map((addon, index) => {
        const first = (index + 1) * 50;
        const workerData = { module, pf: name, first, macs: macs.slice(first, first + 50) };
        const env = { ...process.env, ...(addon === null ? {} : { SRIOV_ADDON: addon }) };
        return new Worker(code, { eval: true, execArgv: [], workerData, env });
      });
      const failures = await Promise.all(
        workers.map(
          (worker) =>
            new Promise<number>((resolve, reject) => {
              worker.once('error', reject);
              worker.once('message', resolve);
            }),
        ),
      );
      const maps = process.getBuiltinModule('node:fs').readFileSync('/proc/self/maps', 'utf8');
      const loaded = new Set(maps.match(/\S+\.node$/gm)).size;
      await Promise.all(workers.map((worker) => worker.terminate()));
      return { own: (await own).failures.length, failures, loaded };
    },
    [
      work,
      PF_MODULE,
      has.pf.name,
      [...copies, null, null],
      Array.from({ length: 250 }, (_, vf) => macOf(vf, 8)),
    ],
  );
  expect(found).toEqual({ own: 0, failures: [0, 0, 0, 0], loaded: 3 });
  expect(
    read(has.pf)
      .slice(0, 250)
      .map(({ mac }) => mac),
  ).toEqual(Array.from({ length: 250 }, (_, vf) => macOf(vf, 8)));
});

test('a process may end with requests under way, and an idle one ends by itself', () => {
  const ended = inChild(
    async ({ PhysicalFunction, VfTable }, name: string) => {
      const pf = PhysicalFunction.open(name);
      const table = VfTable.from(Array.from({ length: 256 }, (_, vf) => ({ vf, trust: true })));
      await pf.programVfs(table);
      for (let i = 0; i < 20; i++) void pf.programVfs(table, { maxHoldMs: 0.1 });
      setImmediate(() => process.exit(0));
      return 'under way';
    },
    [has.pf.name],
  );
  expect(ended).toBe('under way');
  // inChild itself proves the other half: every child ends without being told to, with sockets open.
});

test('PFs that are opened and dropped hold nothing', () => {
  const [before, after] = inChild(
    async ({ PhysicalFunction }, name: string) => {
      const { readdirSync } = process.getBuiltinModule('node:fs');
      const count = (): number => readdirSync('/proc/self/fd').length + readdirSync('/proc/self/task').length;
      const use = async (): Promise<void> => {
        const pf = PhysicalFunction.open(name);
        pf.readVfsSync();
        await Promise.all([pf.readVfs(), pf.programVfs([{ vf: 0, trust: true }])]);
      };
      for (let i = 0; i < 20; i++) await use();
      const first = count();
      for (let i = 0; i < 100; i++) await use();
      return [first, count()] as const;
    },
    [has.pf.name],
  );
  expect(after).toBeLessThanOrEqual(before);
});
