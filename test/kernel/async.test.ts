/**
 * The asynchronous way: the same results as the synchronous one, in order for each PF, several PFs at once,
 * off the event loop, and stopped by a signal.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  AbortedError,
  type ProgramAsyncOptions,
  type ProgramReport,
  type VfConfig,
  VfTable,
} from '../../src/index.ts';
import { clear, each, full, macOf, read, UNCUT, usePf } from './pf.ts';

const COUNT = 256;
const GUID = '00:11:22:33:44:55:66:77';
const has = usePf({ vfs: COUNT });
const second = usePf({ vfs: COUNT });

beforeEach(() => {
  clear(has.pf);
  clear(second.pf);
});

const allMac = (kind: number): VfConfig[] => each(COUNT, (vf) => ({ mac: macOf(vf, kind) }));

/** A report without what differs from run to run. */
function essence(report: ProgramReport): ProgramReport {
  return { ...report, durationMs: 0 };
}

test('both ways say the same of the same request', async () => {
  const cases: VfConfig[][] = [
    [],
    [{ vf: 3 }],
    each(COUNT, full),
    [{ vf: COUNT, trust: true, mac: null }],
    each(COUNT, (vf) => ({ trust: true, ...(vf === 9 ? { nodeGuid: GUID } : {}) })),
    each(COUNT, (vf) => ({ rate: { min: vf } })),
  ];
  for (const configs of cases) {
    for (const options of [{}, { verify: true }, { atomic: true }]) {
      // The first message to a PF of unknown cost is a short one, whoever sends it.
      await has.pf.programVfs(allMac(0), UNCUT);
      clear(has.pf);
      const sync = has.pf.programVfsSync(configs, { ...UNCUT, ...options });
      const afterSync = read(has.pf);
      clear(has.pf);
      const async = await has.pf.programVfs(configs, { ...UNCUT, ...options });
      expect(essence(async)).toEqual(essence(sync));
      expect(read(has.pf)).toEqual(afterSync);
    }
  }
});

test('reads of both ways are alike', async () => {
  has.pf.programVfsSync(each(COUNT, full), UNCUT);
  for (const stats of [false, true]) {
    const sync = has.pf.readVfsSync({ stats });
    expect((await has.pf.readVfs({ stats })).toConfigs()).toEqual(sync.toConfigs());
  }
});

describe('requests to one PF', () => {
  test('are done in the order of the calls, reads among them', async () => {
    const order: number[] = [];
    const note = (index: number) => (): number => order.push(index);
    const reads: Promise<VfTable>[] = [];
    const requests: Promise<unknown>[] = [];
    for (let index = 0; index < 20; index++) {
      requests.push(has.pf.programVfs(allMac(index + 1)).then(note(requests.length)));
      const reading = has.pf.readVfs();
      reads.push(reading);
      requests.push(reading.then(note(requests.length)));
    }
    await Promise.all(requests);
    expect(order).toEqual(Array.from({ length: 40 }, (_, index) => index));
    for (const [index, reading] of reads.entries()) {
      const table = await reading;
      expect(table.row(0).mac).toBe(macOf(0, index + 1));
      expect(table.row(COUNT - 1).mac).toBe(macOf(COUNT - 1, index + 1));
    }
  });

  test('go out together when they wait and touch different VFs; each gets its own report', async () => {
    const first = has.pf.programVfs(allMac(1));
    const single = each(COUNT, (vf) => ({ vlan: { id: vf + 1 } }));
    const rest = single.map((config) => has.pf.programVfs([config]));
    const missing = has.pf.programVfs([{ vf: 3000, trust: true }]);
    await first;
    const reports = await Promise.all(rest);
    for (const report of reports) {
      expect(report).toMatchObject({ vfs: 1, requested: 1, applied: 1, failures: [] });
    }
    expect(Math.max(...reports.map(({ coalesced }) => coalesced))).toBeGreaterThan(1);
    expect(await missing).toMatchObject({
      vfs: 1,
      requested: 1,
      applied: 0,
      failures: [{ vf: 3000, attribute: 'trust', code: 'EINVAL' }],
    });
    expect(read(has.pf).map(({ vlan }) => vlan?.id)).toEqual(single.map(({ vf }) => vf + 1));
  });

  test('never go out together when they touch the same VF: the last one counts', async () => {
    const reports = await Promise.all(
      Array.from({ length: 50 }, (_, index) => has.pf.programVfs([{ vf: 5, vlan: { id: index + 1 } }])),
    );
    expect(new Set(reports.map(({ coalesced }) => coalesced))).toEqual(new Set([1]));
    expect(has.pf.readVfsSync().row(5).vlan?.id).toBe(50);
  });

  test('all or nothing stays apart from its neighbours', async () => {
    const [before, atomic, after] = await Promise.all([
      has.pf.programVfs([{ vf: 0, trust: true }]),
      has.pf.programVfs(
        [
          { vf: 1, trust: true },
          { vf: 2, nodeGuid: GUID },
        ],
        { atomic: true },
      ),
      has.pf.programVfs([{ vf: 3, trust: true }]),
    ]);
    expect([before.coalesced, atomic.coalesced, after.coalesced]).toEqual([1, 1, 1]);
    expect(atomic.rolledBack).toBe(true);
    expect(
      read(has.pf)
        .slice(0, 4)
        .map(({ trust }) => trust),
    ).toEqual([true, false, false, true]);
  });

  test('take the table as it was at the call', async () => {
    const table = VfTable.from(allMac(1));
    const other = VfTable.from(allMac(2));
    const request = has.pf.programVfs(table);
    table.bytes.set(other.bytes);
    await request;
    expect(read(has.pf)[COUNT - 1]?.mac).toBe(macOf(COUNT - 1, 1));
  });
});

test('requests to several PFs are independent of one another', async () => {
  const [one, other, reading] = await Promise.all([
    has.pf.programVfs(each(COUNT, (vf) => ({ trust: true, ...(vf === 3 ? { nodeGuid: GUID } : {}) }))),
    second.pf.programVfs(allMac(4), { atomic: true, verify: true }),
    second.pf.readVfs(),
  ]);
  expect([one.applied, one.failures.length, other.applied, other.failures.length]).toEqual([
    COUNT,
    1,
    COUNT,
    0,
  ]);
  expect(reading.row(7).mac).toBe(macOf(7, 4));
  expect(read(has.pf).every(({ trust, mac }) => trust === true && mac?.startsWith('00'))).toBe(true);
});

/** Is under way for `ms`: netdevsim keeps rates in 16 bits, so this one never reads back. */
const lasting = (ms: number): [VfConfig[], ProgramAsyncOptions] => [
  [{ vf: COUNT - 1, rate: { max: 65_536 } }],
  { verify: true, retryMs: ms },
];

test('the event loop turns while a request is under way', async () => {
  let turns = 0;
  let done = false;
  const count = (): void => {
    turns++;
    if (!done) setImmediate(count);
  };
  setImmediate(count);
  const { failures } = await has.pf.programVfs(...lasting(200));
  done = true;
  expect(failures).toMatchObject([{ vf: COUNT - 1, attribute: 'rate', code: 'NOT_APPLIED' }]);
  expect(turns).toBeGreaterThan(10);
});

describe('a signal', () => {
  const aborted = async (request: Promise<unknown>): Promise<AbortedError> => {
    try {
      await request;
    } catch (error) {
      if (error instanceof AbortedError) return error;
      throw error;
    }
    throw new Error('it was not stopped');
  };

  test('that is set already keeps everything from being sent', async () => {
    const before = read(has.pf);
    const error = await aborted(has.pf.programVfs(allMac(1), { signal: AbortSignal.abort() }));
    expect([error.code, error.report]).toEqual(['SRIOV_ABORTED', undefined]);
    expect(read(has.pf)).toEqual(before);
  });

  test('that comes while the request waits keeps it from being sent; its neighbours are done', async () => {
    const controller = new AbortController();
    const first = has.pf.programVfs(...lasting(200));
    const stopped = has.pf.programVfs([{ vf: 0, vlan: { id: 77 } }], { signal: controller.signal });
    const last = has.pf.programVfs([{ vf: 1, vlan: { id: 78 } }]);
    controller.abort();
    const { report } = await aborted(stopped);
    expect(report).toMatchObject({ requested: 1, applied: 0, messages: 0, aborted: true, failures: [] });
    expect(await first).toMatchObject({ requested: 1, aborted: false });
    expect(await last).toMatchObject({ applied: 1, aborted: false });
    expect(
      read(has.pf)
        .slice(0, 2)
        .map(({ vlan }) => vlan),
    ).toEqual([null, { id: 78, qos: 0, proto: '802.1Q' }]);
  });

  test('ends the waiting for a driver that applies late', async () => {
    for (const atomic of [false, true]) {
      const controller = new AbortController();
      const [slow, options] = lasting(600_000);
      const configs = [{ vf: 0, mac: macOf(0, 3) }, ...slow];
      const request = has.pf.programVfs(configs, { ...options, atomic, signal: controller.signal });
      while (has.pf.readVfsSync().row(0).mac !== macOf(0, 3)) await new Promise(setImmediate);
      controller.abort();
      // Nothing was left unsent, so this is a report and no AbortedError.
      const report = await request;
      expect(report).toMatchObject({ applied: atomic ? 0 : 1, rolledBack: atomic, notRestored: [] });
      expect(report.failures).toMatchObject([{ vf: COUNT - 1, attribute: 'rate', code: 'NOT_APPLIED' }]);
      expect(has.pf.readVfsSync().row(0).mac).toBe(atomic ? '00:00:00:00:00:00' : macOf(0, 3));
      clear(has.pf);
    }
  });

  test('at any moment leaves exactly what the report says', async () => {
    for (let attempt = 0; attempt < 12; attempt++) {
      clear(has.pf);
      const atomic = attempt % 2 === 1;
      const controller = new AbortController();
      const options = { maxHoldMs: 0.1, atomic, signal: controller.signal };
      const request = has.pf.programVfs(allMac(6), options);
      for (let turn = 0; turn < attempt >> 1; turn++) await new Promise(setImmediate);
      controller.abort();
      const report = await request.catch((error: unknown) => (error as AbortedError).report);
      const stands = read(has.pf).filter(({ vf, mac }) => mac === macOf(vf, 6)).length;
      expect(report).toMatchObject({ applied: stands, failures: [], notRestored: [] });
      expect([0, COUNT]).toContain(atomic ? stands : 0);
      expect(report?.aborted).toBe(stands < COUNT);
    }
  });

  test('after the end changes nothing', async () => {
    const controller = new AbortController();
    const report = await has.pf.programVfs(allMac(5), { signal: controller.signal });
    controller.abort();
    expect(report).toMatchObject({ applied: COUNT, aborted: false });
  });
});
