/**
 * What becomes of VFs and agent when the store does not work, and when others use it as well.
 *
 * In each trouble a VF drifts: it can't be repaired, as a repair begins with an entry in the store's journal; it is told
 * why, and it is repaired when the trouble is over.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { checkStore } from '../../src/store/check.ts';
import type { VfState } from '../../src/vf/config.ts';
import { endProcesses, Process } from './agent-processes.ts';
import { type EventOf, eventually, ip, Place, requestOf, type Rig } from './agent-rig.ts';
import { createNetdevsim, type Netdevsim } from './netdevsim.mjs';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const HOLDER = fileURLToPath(new URL('../unit/store/holder.mjs', import.meta.url));
const FOLDER = '/tmp/sriov-agent-store';
const VFS = 8;
/** Long enough for a thread to start in an emulated machine. */
const PATIENCE_MS = 5000;

let place: Place;
let sim: Netdevsim;
let device: string;
let rig: Rig;
let wanted: (readonly VfState[])[];

beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m,mode=700', 'tmpfs', FOLDER]);
  sim = createNetdevsim({ vfs: VFS });
  device = `netdevsim${sim.id}`;
  ip(`link set ${sim.pf} up`);
  place = new Place(FOLDER);
  await place.open(PATIENCE_MS);
  await place.bind([0, 1].map((vf) => requestOf(vf, `${device}/${vf}`)));
  wanted = await place.read(device);
  rig = await place.start();
});
afterEach(endProcesses);
afterAll(async () => {
  await rig?.stop();
  await place.close();
  execFileSync('umount', [FOLDER]);
  rmSync(FOLDER, { recursive: true });
  sim.remove();
});

/** While the store does not work VF 0 drifts; then `mend` puts an end to the trouble, which is given. */
async function whileInTrouble(mend: () => Promise<void> | void): Promise<EventOf<'trouble'>> {
  const from = rig.mark();
  const { messages } = await rig.counters();
  ip(`link set ${sim.pf} vf 0 vlan 7`);
  const trouble = await rig.told.until('trouble', undefined, from);
  try {
    await rig.told.until('trouble', ({ attempt }) => attempt > 1, from);
    const status = await rig.agent.status();
    const message = expect.stringContaining(place.directory) as string;
    expect(status).toMatchObject({ healthy: false, store: { state: 'trouble', message } });
    expect(status.counters.messages).toBe(messages);
    const [now] = await place.read(device);
    expect(now?.[0]?.vlan).toMatchObject({ id: 7 });
    expect(now?.slice(1)).toEqual(wanted[0]?.slice(1));
  } finally {
    await mend();
  }
  await rig.told.until('repaired', ({ vf }) => vf === 0, from);
  await rig.told.until('trouble-over', ({ part }) => part === 'store', from);
  expect(await place.read(device)).toEqual(wanted);
  expect(await rig.agent.status()).toMatchObject({ healthy: true, reasons: [], store: { state: 'ok' } });
  // And the store's news are heard as before.
  const after = rig.mark();
  await place.bind([requestOf(2, `${device}/2`)]);
  await rig.told.until(
    'port',
    ({ port, binding }) => port === 'p2' && binding?.portStatus === 'ACTIVE',
    after,
  );
  await place.ports.release(['p2']);
  await rig.told.until('port', ({ port, binding }) => port === 'p2' && binding === null, after);
  expect(trouble.retryInMs).toBeGreaterThan(0);
  return trouble;
}

describe('a store', () => {
  test('whose lock is held by a process that is stopped: the agent goes on, and repairs when it may', async () => {
    const holder: ChildProcess = spawn(process.execPath, [HOLDER, DIST, place.directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (holder.stdout === null) throw new Error('it has no output');
    await once(holder.stdout, 'data');
    const trouble = await whileInTrouble(async () => {
      const exit = once(holder, 'exit');
      holder.kill('SIGCONT');
      await exit;
    });
    const message = expect.stringContaining(`${holder.pid} (stopped)`) as string;
    expect(trouble).toMatchObject({ part: 'store', code: 'EBUSY', message });
  });

  test('on a disk that is full', async () => {
    const filler = path.join(FOLDER, 'filler');
    expect(() => writeFileSync(filler, Buffer.alloc(8 << 20))).toThrow(/ENOSPC/);
    const trouble = await whileInTrouble(() => rmSync(filler));
    const message = expect.stringContaining(FOLDER) as string;
    expect(trouble).toMatchObject({ part: 'store', code: 'ENOSPC', message });
  });

  test('that was taken away', async () => {
    const away = path.join(FOLDER, 'away');
    renameSync(place.directory, away);
    const trouble = await whileInTrouble(() => renameSync(away, place.directory));
    const message = expect.stringContaining(place.directory) as string;
    expect(trouble).toMatchObject({ part: 'store', code: 'ENOENT', message });
  });

  test('that is hidden by another file system', async () => {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', place.directory]);
    const trouble = await whileInTrouble(() => void execFileSync('umount', [place.directory]));
    const message = expect.stringContaining(place.directory) as string;
    expect(trouble).toMatchObject({ part: 'store', code: 'ENOENT', message });
  });
});

describe('another process', () => {
  test('binds and releases: the agent tells of its ports and writes nothing', async () => {
    const from = rig.mark();
    const { messages, drifts } = await rig.counters();
    const other = new Process('agent-other.mjs', [place.directory]);
    await other.hear('ready');
    await other.ask({ bind: [4, 5].map((vf) => requestOf(vf, `${device}/${vf}`)) }, 'ports');
    for (const port of ['p4', 'p5']) {
      const { binding } = await rig.told.until(
        'port',
        (event) => event.port === port && event.binding?.portStatus === 'ACTIVE',
        from,
      );
      expect(binding).toMatchObject({ vifType: 'hw_veb', place: `${device}/${port.slice(1)}` });
    }
    await eventually(async () => {
      const { ports } = await rig.agent.status();
      expect(ports.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'ok']);
    });
    // They are kept as wanted from now on, and as they were no more once they are released.
    ip(`link set ${sim.pf} vf 5 vlan 9`);
    await rig.told.until('repaired', ({ vf }) => vf === 5, from);
    await other.ask({ release: ['p4', 'p5'] }, 'released');
    for (const port of ['p4', 'p5']) {
      await rig.told.until('port', (event) => event.port === port && event.binding === null, from);
    }
    await rig.agent.reconcile();
    expect(await other.end()).toBe(0);
    expect(await place.read(device)).toEqual(wanted);
    const counters = await rig.counters();
    expect(counters).toMatchObject({ messages: messages + 1, drifts: drifts + 1, healthyWrites: 0 });
  });

  test('is killed in the midst of binding: the agent undoes what it began', async () => {
    const from = rig.mark();
    const other = new Process('agent-other.mjs', [place.directory]);
    await other.hear('ready');
    const bind = [4, 5, 6].map((vf) => requestOf(vf, `${device}/${vf}`));
    await other.ask({ bind, stopAfter: 2 }, 'stopped');
    const [half] = await place.read(device);
    expect(half?.[4]?.vlan).toMatchObject({ id: 100 });
    await other.kill();
    const work = await rig.told.until('work', undefined, from);
    expect(work).toMatchObject({ kind: 'bind', outcome: 'undone', ports: ['p4', 'p5', 'p6'] });
    expect(await place.read(device)).toEqual(wanted);
    // The key of the one that held the lock is not of this package.
    const findings = await checkStore(place.store);
    expect(findings.filter(({ key }) => key !== 'holder')).toEqual([]);
    expect((await place.ports.list()).map(({ port }) => port.id)).toEqual(['p0', 'p1']);
    expect(await rig.agent.status()).toMatchObject({ healthy: true, counters: { healthyWrites: 0 } });
  });
});
