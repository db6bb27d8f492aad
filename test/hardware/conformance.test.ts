/** The conformance kit and `sriov capabilities` on igb with a peer, and on netdevsim. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plain } from '../../src/cli/output.ts';
import { runCli } from '../../src/cli/run.ts';
import { runConformance } from '../../src/conformance/run.ts';
import type { ConformanceReport } from '../../src/conformance/result.ts';
import { PhysicalFunction } from '../../src/index.ts';
import { createNetdevsim, type Netdevsim } from '../kernel/netdevsim.mjs';
import { useIgb } from './igb.ts';

async function sriov(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const status = await runCli(args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    readInput: async () => '',
    paint: plain,
    columns: 100,
    interruption: () => new AbortController().signal,
  });
  return { status, out, err };
}

interface Enveloped {
  readonly schema: string;
  readonly data: ConformanceReport & { readonly failures: readonly string[] };
}

const refusedOf = ({ settings }: ConformanceReport): string[] =>
  settings
    .filter(({ outcome }) => outcome === 'refused')
    .map(({ attribute, value, code }) => `${attribute} ${value}: ${code}`);

describe('igb', () => {
  const igb = useIgb(0);
  let ran: { status: number; out: string; err: string };
  let report: Enveloped['data'];
  let schema: string;
  let xml: string;

  beforeAll(async () => {
    const { first, second } = igb.pair;
    const junit = path.join(mkdtempSync(path.join(tmpdir(), 'sriov-junit-')), 'result.xml');
    const words = ['--pf', first.name, '--vfs', '2', '--peer', second.name, '--junit', junit, '--json'];
    ran = await sriov('conformance', ...words);
    const envelope = JSON.parse(ran.out) as Enveloped;
    schema = envelope.schema;
    report = envelope.data;
    xml = readFileSync(junit, 'utf8');
  });

  test('what igb has not is refused with its errno, all else is applied at once', () => {
    expect(refusedOf(report)).toEqual([
      'vlan 100 proto 802.1ad: EPROTONOSUPPORT',
      'rate min 10 max 100: EINVAL',
      'rate max 400000: EINVAL',
      'linkState enable: EOPNOTSUPP',
      'linkState disable: EOPNOTSUPP',
      'linkState auto: EOPNOTSUPP',
      'rssQuery on: EOPNOTSUPP',
      'rssQuery off: EOPNOTSUPP',
      'nodeGuid 02:5a:00:00:00:00:00:01: EOPNOTSUPP',
      'portGuid 02:5a:00:00:00:00:00:01: EOPNOTSUPP',
    ]);
    const others = report.settings.filter(({ outcome }) => outcome !== 'refused');
    expect(new Set(others.map(({ outcome }) => outcome))).toEqual(new Set(['at once']));
    expect(report.settings.every(({ medianMs, longestMs }) => medianMs > 0 && longestMs >= medianMs)).toBe(
      true,
    );
  });

  test('five settings read back after each of three events', () => {
    expect(report.survival).toHaveLength(15);
    expect(report.survival.every(({ survives }) => survives)).toBe(true);
  });

  test("all frame checks pass but one, and that one is QEMU's", () => {
    expect(report.dataPath).toHaveLength(12);
    expect(report.failures).toEqual([
      'spoof check on: the wire shows of a foreign source MAC: untagged, not nothing',
    ]);
    expect(report.dataPath.filter(({ outcome }) => outcome === 'skipped')).toEqual([]);
    expect([ran.status, schema]).toEqual([1, 'sriov/conformance/v1']);
    expect(ran.err).toContain('failed: ');
  });

  test('everything was put back', () => {
    expect(report.notRestored).toEqual([]);
    expect(igb.pair.first.numVfs()).toBe(0);
  });

  test('JUnit XML has the same counts', () => {
    expect(xml).toContain('<testsuite name="settings" tests="26" failures="0" skipped="10">');
    expect(xml).toContain('<testsuite name="data path" tests="12" failures="1" skipped="0">');
    expect(xml).toContain('<testsuite name="restore" tests="1" failures="0" skipped="0">');
  });

  test('capabilities are read without a change', async () => {
    const { first } = igb.pair;
    const { status, out } = await sriov('capabilities', first.name, '--json');
    expect(status).toBe(0);
    const { data } = JSON.parse(out) as { data: Record<string, unknown> };
    expect(data).toMatchObject({ driver: 'igb', numVfs: 0, totalVfs: 7, resets: ['flr', 'pm', 'bus'] });
    expect(first.numVfs()).toBe(0);
  });
});

describe('netdevsim', () => {
  let device: Netdevsim;
  beforeAll(() => {
    device = createNetdevsim({ vfs: 2 });
  });
  afterAll(() => device.remove());

  test('settings of a VF are as before, and the one value that it cuts to 16 bits is found', async () => {
    const pf = PhysicalFunction.open(device.pf);
    const mine = {
      mac: '02:00:00:00:00:01',
      vlan: { id: 7, qos: 1 },
      rate: { min: 5, max: 50 },
      spoofCheck: true,
      trust: true,
      linkState: 'enable',
      rssQuery: true,
    } as const;
    expect((await pf.programVfs([{ vf: 0, ...mine }])).failures).toEqual([]);
    const before = (await pf.readVfs()).toConfigs();
    const report = await runConformance(pf);
    expect((await pf.readVfs()).toConfigs()).toEqual(before);
    expect(report.notRestored).toEqual([]);
    expect(refusedOf(report).map((text) => text.split(' ')[0])).toEqual(['nodeGuid', 'portGuid']);
    expect(
      report.settings
        .filter(({ outcome }) => outcome === 'not applied')
        .map(({ attribute, value }) => [attribute, value]),
    ).toEqual([['rate', 'max 400000']]);
    expect(report.survival.map(({ survives }) => survives)).toEqual(Array(7).fill(true));
    expect(report.skipped).toEqual(['data path: no peer was named']);
  });

  test('a run that is stopped puts everything back and says so', async () => {
    const pf = PhysicalFunction.open(device.pf);
    const before = (await pf.readVfs()).toConfigs();
    const stop = new AbortController();
    const progress = (text: string): void => {
      if (text === 'settings') setTimeout(() => stop.abort(), 20);
    };
    await expect(runConformance(pf, { signal: stop.signal, progress })).rejects.toMatchObject({
      code: 'SRIOV_ABORTED',
      message: `${device.pf}: stopped; everything was put back`,
    });
    expect((await pf.readVfs()).toConfigs()).toEqual(before);
  });

  test('a PF with an address is refused with exit status 75', async () => {
    const { execFileSync } = await import('node:child_process');
    execFileSync('ip', ['addr', 'add', '192.0.2.1/32', 'dev', device.pf]);
    execFileSync('ip', ['link', 'set', device.pf, 'up']);
    const { status, err } = await sriov('conformance', '--pf', device.pf);
    expect(status).toBe(75);
    expect(err).toContain(`${device.pf} has address 192.0.2.1`);
  });

  test('without --pf, or with a wrong number, it is wrong usage', async () => {
    expect((await sriov('conformance')).status).toBe(64);
    expect((await sriov('conformance', '--pf', device.pf, '--vfs', '0')).status).toBe(64);
  });
});
