/** Statistics of VFs: there, zero, absent or missing. */
import { afterEach, describe, expect, test } from 'vitest';
import { createMetrics, type AgentMetrics } from '../../../../src/agent/metrics/metrics.ts';
import type { ReadStats } from '../../../../src/agent/metrics/vf-statistics.ts';
import { IncompleteReadError } from '../../../../src/errors.ts';
import { FakeAgent, parseMetrics, PF, pfView, portView, tableOf, ZEROS } from './fake-agent.ts';

let open: AgentMetrics[] = [];
afterEach(() => {
  for (const one of open) one.close();
  open = [];
});

function metricsOf(fake: FakeAgent, readStats?: ReadStats): AgentMetrics {
  const metrics = createMetrics(fake.agent, readStats);
  open.push(metrics);
  return metrics;
}

async function seriesOf(metrics: AgentMetrics): Promise<ReadonlyMap<string, number>> {
  return parseMetrics(await metrics.scrape()).series;
}

describe('statistics of VFs', () => {
  function withPorts(vfStatistics = true): FakeAgent {
    const fake = new FakeAgent();
    fake.settings = { metrics: { listen: null, vfStatistics } };
    fake.ports = [portView('p1', { place: `${PF}/0` }), portView('p2', { place: `${PF}/2` })];
    return fake;
  }

  function traffic(series: ReadonlyMap<string, number>): string[] {
    return [...series.keys()].filter((key) => /^sriov_vf_(?:[rt]x|broadcast|multicast)/u.test(key));
  }

  test('are not read unless they are wanted', async () => {
    let reads = 0;
    const metrics = metricsOf(withPorts(false), () => {
      reads++;
      return Promise.resolve(tableOf([]));
    });
    const series = await seriesOf(metrics);
    expect(reads).toBe(0);
    expect(traffic(series)).toEqual([]);
    expect(series.has(`sriov_vf_statistics_supported{pf="${PF}"}`)).toBe(false);
  });

  test('are absent where all are zero, and there with their zeros once one is not', async () => {
    let table = tableOf([ZEROS, ZEROS, ZEROS]);
    const metrics = metricsOf(withPorts(), () => Promise.resolve(table));
    const idle = await seriesOf(metrics);
    expect(idle.get(`sriov_vf_statistics_supported{pf="${PF}"}`)).toBe(0);
    expect(idle.get(`sriov_vf_statistics_missing{pf="${PF}"}`)).toBe(0);
    expect(traffic(idle)).toEqual([]);
    // VF 1 has no port, but it is the driver that counts.
    table = tableOf([ZEROS, { ...ZEROS, rxBytes: 64n }, { ...ZEROS, txBytes: 1500n }]);
    const busy = await seriesOf(metrics);
    expect(busy.get(`sriov_vf_statistics_supported{pf="${PF}"}`)).toBe(1);
    expect(traffic(busy)).toHaveLength(16);
    expect(busy.get(`sriov_vf_rx_bytes_total{pf="${PF}",vf="0",port="p1"}`)).toBe(0);
    expect(busy.get(`sriov_vf_tx_bytes_total{pf="${PF}",vf="2",port="p2"}`)).toBe(1500);
    // Counters that were reset do not make it unsupported again.
    table = tableOf([ZEROS, ZEROS, ZEROS]);
    expect(traffic(await seriesOf(metrics))).toHaveLength(16);
    expect((await seriesOf(metrics)).get(`sriov_netlink_dumps_total{pf="${PF}"}`)).toBe(4);
  });

  test('that a kernel does not give at all are missing', async () => {
    const metrics = metricsOf(withPorts(), () => Promise.resolve(tableOf([undefined, undefined, undefined])));
    const series = await seriesOf(metrics);
    expect(series.get(`sriov_vf_statistics_missing{pf="${PF}"}`)).toBe(2);
    expect(traffic(series)).toEqual([]);
  });

  test('of which the kernel left VFs out are missing, and counted as a read and an error', async () => {
    const error = new IncompleteReadError('left out', [128], 128, { pf: PF });
    const metrics = metricsOf(withPorts(), () => Promise.reject(error));
    const series = await seriesOf(metrics);
    expect(series.get(`sriov_vf_statistics_missing{pf="${PF}"}`)).toBe(2);
    expect(series.get(`sriov_netlink_dumps_total{pf="${PF}"}`)).toBe(1);
    expect(series.get(`sriov_netlink_errors_total{pf="${PF}",code="SRIOV_INCOMPLETE_READ"}`)).toBe(1);
    expect(series.has(`sriov_vf_statistics_supported{pf="${PF}"}`)).toBe(false);
  });

  test('are read of PFs with bound VFs alone', async () => {
    const fake = withPorts();
    fake.pfs = [pfView(PF), pfView('0000:04:00.0')];
    const read: string[] = [];
    const metrics = metricsOf(fake, (pf) => {
      read.push(pf);
      return Promise.resolve(tableOf([ZEROS, ZEROS, ZEROS]));
    });
    await metrics.scrape();
    expect(read).toEqual([PF]);
  });
});
