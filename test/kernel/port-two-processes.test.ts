/**
 * Two processes bind and release on the VFs of one PF at once: each VF always has the MAC of the port that has it, and
 * nothing of it stays. In memory, with ten thousand tries: test/unit/port/two-at-once.test.ts.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Claim, PortRecord } from '../../src/binding/record.ts';
import { createLinuxHost } from '../../src/port/linux-host.ts';
import { openPorts } from '../../src/port/open.ts';
import { checkStore } from '../../src/store/check.ts';
import { openLmdbStore } from '../../src/store/lmdb-store.ts';
import { each, full, read, UNCUT, usePf } from './pf.ts';

const BINDER = fileURLToPath(new URL('port-binder.mjs', import.meta.url));
const VFS = 16;
/** Of each process; the emulated processor takes 150 ms for one. */
const TRIES = 150;

interface Said {
  readonly tries: number;
  readonly bound: number;
  readonly taken: number;
  readonly conflicts: number;
  readonly looks: number;
  readonly wrong: readonly string[];
}

const its = usePf({ vfs: VFS });
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'port-two-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function binder(name: string, seed: number): Promise<Said> {
  const words = [BINDER, path.join(folder, 'store'), `netdevsim${its.sim.id}`, name, `${TRIES}`, `${seed}`];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (status) => {
      if (status === 0) resolve(JSON.parse(text) as Said);
      else reject(new Error(`process ${name} ended with ${status}`));
    });
  });
}

test('of two processes at once, no VF is given twice, and each has the MAC of the port that claims it', async () => {
  const { failures } = its.pf.programVfsSync(each(VFS, full), UNCUT);
  expect(failures).toEqual([]);
  const before = read(its.pf);
  const store = await openLmdbStore(path.join(folder, 'store'));
  const begun = performance.now();
  const said = await Promise.all([binder('p', 1), binder('q', 2)]);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const sum = (what: Exclude<keyof Said, 'wrong'>): number =>
    said.reduce((total, one) => total + one[what], 0);
  console.log(
    `two processes on netdevsim: ${sum('tries')} tries, ${sum('bound')} bound, ${sum('taken')} refused as taken, ` +
      `${sum('conflicts')} conflicts, ${sum('looks')} MACs read back, ${seconds} s`,
  );
  expect(said.map(({ wrong }) => wrong)).toEqual([[], []]);
  expect(sum('conflicts')).toBeGreaterThan(0);
  expect(sum('bound')).toBeGreaterThan(TRIES);

  const macs = new Map<number, string | null | undefined>(before.map(({ vf, mac }) => [vf, mac]));
  for (const { value } of (await store.range('claim/')).entries) {
    const claim = value as unknown as Claim;
    const record = (await store.get(`port/${claim.port}`))?.value as unknown as PortRecord;
    expect(claim.phase).toBe('bound');
    macs.set(claim.place.vf ?? -1, record.port.mac_address);
  }
  expect(read(its.pf).map(({ vf, mac }) => [vf, mac])).toEqual([...macs]);
  expect(await checkStore(store)).toEqual([]);

  const ports = openPorts({ store, host: createLinuxHost({ name: 'shared' }) });
  expect(await ports.recover()).toMatchObject({ work: [], restored: [], lost: [] });
  await ports.release((await ports.list()).map(({ port }) => port.id));
  expect(read(its.pf)).toEqual(before);
  await store.close();
});
