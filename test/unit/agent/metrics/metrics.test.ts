/** What is counted, and what is not there. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { createMetrics, type AgentMetrics } from '../../../../src/agent/metrics/metrics.ts';
import type { ReadStats } from '../../../../src/agent/metrics/vf-statistics.ts';
import { MemoryHost } from '../../port/memory-host.ts';
import { DRIFT, ONE_OF_EACH, RECONCILED, REPAIRED, TROUBLE } from '../log/events.ts';
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

describe('events', () => {
  test('each counts where it belongs, with times in seconds', async () => {
    const fake = new FakeAgent();
    const metrics = metricsOf(fake);
    for (const body of ONE_OF_EACH) fake.tell(body);
    fake.tell({ ...RECONCILED, lagMs: 20 } as typeof RECONCILED);
    const series = await seriesOf(metrics);
    expect(series.get('sriov_agent_reconciles_total{trigger="poll"}')).toBe(2);
    expect(series.get('sriov_agent_reconcile_duration_seconds_sum')).toBeCloseTo(0.003);
    expect(series.get('sriov_agent_event_lag_seconds_count')).toBe(1);
    expect(series.get('sriov_agent_event_lag_seconds_sum')).toBeCloseTo(0.02);
    expect(series.get('sriov_agent_repair_lag_seconds_sum')).toBeCloseTo(0.00314);
    expect(series.get(`sriov_agent_drifts_total{pf="${PF}",attribute="vlan"}`)).toBe(1);
    expect(series.get(`sriov_agent_repairs_total{pf="${PF}"}`)).toBe(1);
    expect(series.get(`sriov_agent_repair_failures_total{pf="${PF}",code="EBUSY"}`)).toBe(1);
    expect(series.get(`sriov_agent_guest_macs_total{pf="${PF}"}`)).toBe(1);
    expect(series.get('sriov_agent_left_overs_total{outcome="kept"}')).toBe(1);
    expect(series.get('sriov_agent_work_recovered_total{kind="bind",outcome="undone"}')).toBe(1);
    expect(series.get('sriov_agent_bind_retries_total{result="refused"}')).toBe(1);
    expect(series.get('sriov_agent_overruns_total{source="links"}')).toBe(1);
    expect(series.get('sriov_agent_trouble_total{part="store",code="ENOSPC"}')).toBe(1);
    for (const { type } of ONE_OF_EACH) {
      expect(series.get(`sriov_agent_events_total{type="${type}"}`)).toBe(type === 'reconciled' ? 2 : 1);
    }
  });

  test('trouble is a gauge by part that goes back when it is over', async () => {
    const fake = new FakeAgent();
    const metrics = metricsOf(fake);
    const trouble = async (part: string): Promise<number | undefined> =>
      (await seriesOf(metrics)).get(`sriov_agent_trouble{part="${part}"}`);
    expect(await trouble('store')).toBe(0);
    for (const attempt of [1, 2]) fake.tell({ ...TROUBLE, attempt } as typeof TROUBLE);
    for (const pf of ['a', 'b']) fake.tell({ ...TROUBLE, part: 'pf', pf } as typeof TROUBLE);
    expect(await trouble('store')).toBe(1);
    expect(await trouble('pf')).toBe(2);
    fake.tell({ type: 'trouble-over', part: 'store', pf: null });
    fake.tell({ type: 'trouble-over', part: 'pf', pf: 'a' });
    fake.tell({ type: 'pf', pf: 'b', state: 'absent', netDevice: null });
    expect(await trouble('store')).toBe(0);
    expect(await trouble('pf')).toBe(0);
  });

  test('those of before are counted, and none after the end', async () => {
    const fake = new FakeAgent();
    fake.before.push({ ...REPAIRED, seq: 1, at: '' } as (typeof fake.before)[number]);
    const metrics = metricsOf(fake);
    fake.tell(REPAIRED);
    metrics.close();
    fake.tell(REPAIRED);
    expect((await seriesOf(metrics)).get(`sriov_agent_repairs_total{pf="${PF}"}`)).toBe(2);
    expect(fake.listenerCount('event')).toBe(0);
  });
});

describe('requests to the kernel', () => {
  test('dumps, messages and refusals are counted by PF', async () => {
    const fake = new FakeAgent();
    const metrics = metricsOf(fake);
    fake.memory.refusals.set(`${PF}/1 trust`, 'EOPNOTSUPP');
    await fake.host.read(PF);
    const report = await fake.host.program(PF, [{ vf: 1, trust: true, mac: '02:00:00:00:00:01' }]);
    await expect(fake.host.read('0000:0a:00.0')).rejects.toThrow('ENODEV');
    const series = await seriesOf(metrics);
    expect(series.get(`sriov_netlink_dumps_total{pf="${PF}"}`)).toBe(1 + report.reads);
    expect(series.get(`sriov_netlink_messages_total{pf="${PF}"}`)).toBe(report.messages - report.reads);
    expect(series.get(`sriov_netlink_settings_total{pf="${PF}"}`)).toBe(report.applied);
    expect(series.get(`sriov_netlink_setting_failures_total{pf="${PF}",code="EOPNOTSUPP"}`)).toBe(1);
    expect(series.get('sriov_netlink_errors_total{pf="0000:0a:00.0",code="ENODEV"}')).toBe(1);
    expect(series.get('sriov_netlink_read_duration_seconds_count')).toBe(1);
  });

  test('what requests had in common is divided among them, and the hold is time by message', async () => {
    const fake = new FakeAgent();
    const report = {
      ...(await fake.memory.program(PF, [])),
      messages: 5,
      reads: 1,
      coalesced: 2,
      durationMs: 10,
    };
    Object.defineProperty(fake.memory, 'program', { value: () => Promise.resolve(report) });
    const metrics = metricsOf(fake);
    await Promise.all([fake.host.program(PF, []), fake.host.program(PF, [])]);
    const series = await seriesOf(metrics);
    expect(series.get(`sriov_netlink_messages_total{pf="${PF}"}`)).toBe(4);
    expect(series.get(`sriov_netlink_dumps_total{pf="${PF}"}`)).toBe(1);
    expect(series.get('sriov_rtnl_hold_seconds_sum')).toBeCloseTo(0.004);
  });

  test('a host that is not counted is refused, since its metrics would stay 0 for ever', () => {
    const fake = new FakeAgent();
    Object.defineProperty(fake, 'host', { value: new MemoryHost('h', {}) });
    expect(() => createMetrics(fake.agent)).toThrow(TypeError);
  });
});

describe('the view', () => {
  test('has one series for each bound VF, and one count for each state', async () => {
    const fake = new FakeAgent();
    fake.ports = [
      portView('p1', { place: `${PF}/3` }),
      portView('p2', { place: `${PF}/1`, state: 'held', bindingStatus: 'INACTIVE' }),
      portView('p3', { place: '0000:04:00.0', vnicType: 'direct-physical', vifType: 'hostdev_physical' }),
      portView('p4', { state: 'failed', vifType: 'binding_failed' }),
    ];
    const series = await seriesOf(metricsOf(fake));
    const states = [...series.keys()].filter((key) => key.startsWith('sriov_vf_config_state'));
    expect(states).toEqual([
      `sriov_vf_config_state{pf="${PF}",vf="3",state="ok"}`,
      `sriov_vf_config_state{pf="${PF}",vf="1",state="held"}`,
      'sriov_vf_config_state{pf="0000:04:00.0",vf="",state="ok"}',
    ]);
    expect(series.get('sriov_ports{state="ok"}')).toBe(2);
    expect(series.get('sriov_ports{state="lost"}')).toBe(0);
    expect(series.get('sriov_bindings{vif_type="hw_veb",status="INACTIVE"}')).toBe(1);
    expect(series.get(`sriov_pf_last_look_timestamp_seconds{pf="${PF}"}`)).toBe(1_767_225_600.5);
  });

  test('of a PF that is gone has no series left', async () => {
    const fake = new FakeAgent();
    fake.pfs = [pfView(PF), pfView('0000:04:00.0', { state: 'absent', numVfs: null, netDevice: null })];
    const metrics = metricsOf(fake);
    const before = await seriesOf(metrics);
    expect(before.get('sriov_pf_state{pf="0000:04:00.0",state="absent"}')).toBe(1);
    expect(before.has('sriov_pf_vfs{pf="0000:04:00.0"}')).toBe(false);
    fake.pfs = [pfView(PF, { state: 'down' })];
    const after = await seriesOf(metrics);
    expect([...after.keys()].filter((key) => key.includes('0000:04:00.0'))).toEqual([]);
    expect(after.has(`sriov_pf_state{pf="${PF}",state="up"}`)).toBe(false);
    expect(after.get(`sriov_pf_state{pf="${PF}",state="down"}`)).toBe(1);
  });

  test('that can not be made leaves what was counted, and says so', async () => {
    const fake = new FakeAgent();
    const metrics = metricsOf(fake);
    fake.tell(REPAIRED);
    await metrics.scrape();
    fake.failure = new Error('the store is gone');
    const series = await seriesOf(metrics);
    expect(series.get(`sriov_agent_repairs_total{pf="${PF}"}`)).toBe(1);
    expect(series.get('sriov_agent_healthy')).toBe(0);
    expect(series.get('sriov_agent_status_failures_total')).toBe(1);
    expect([...series.keys()].filter((key) => key.startsWith('sriov_pf_'))).toEqual([]);
  });

  test('is made once for all who ask at the same time', async () => {
    const fake = new FakeAgent();
    const metrics = metricsOf(fake);
    const texts = await Promise.all([metrics.scrape(), metrics.scrape(), metrics.scrape()]);
    expect(new Set(texts).size).toBe(1);
    expect(fake.looks).toBe(1);
  });
});

test('nothing is kept that the event loop waits for or is woken by', async () => {
  const before = process.getActiveResourcesInfo().length;
  const fake = new FakeAgent();
  const metrics = metricsOf(fake);
  fake.tell(DRIFT);
  await metrics.scrape();
  expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before);
});

test('docs/metrics.md has each metric with its type and labels, and no other', async () => {
  const fake = new FakeAgent();
  fake.settings = { metrics: { listen: null, vfStatistics: true } };
  fake.ports = [portView('p1', { place: `${PF}/0` })];
  const metrics = metricsOf(fake, () => Promise.resolve(tableOf([{ ...ZEROS, rxBytes: 1n }])));
  for (const body of ONE_OF_EACH) fake.tell(body);
  fake.tell({ ...DRIFT, recreated: true } as typeof DRIFT);
  fake.memory.refusals.set(`${PF}/1 trust`, 'EOPNOTSUPP');
  await fake.host.program(PF, [{ vf: 1, trust: true }]);
  await expect(fake.host.read('0000:0a:00.0')).rejects.toThrow('ENODEV');
  const retried = { ...(await fake.memory.program(PF, [])), retries: 1 };
  Object.defineProperty(fake.memory, 'program', { value: () => Promise.resolve(retried) });
  await fake.host.program(PF, []);
  const { series, types } = parseMetrics(await metrics.scrape());
  const labels = new Map([...types.keys()].map((name) => [name, new Set<string>()]));
  for (const key of series.keys()) {
    const name = key.replace(/\{.*/u, '');
    const metric = types.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/u, '');
    for (const [, label] of key.matchAll(/([a-z_]+)="/gu)) {
      if (label !== 'le') labels.get(metric)?.add(label as string);
    }
  }
  const made = [...types].map(
    ([name, type]) => `${name} ${type} ${[...(labels.get(name) ?? [])].join(', ')}`,
  );
  const docs = readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8');
  const told = [...docs.matchAll(/^\| `([a-z_]+)` +\| (\w+) +\| ([a-z_`, ]*?) *\|/gmu)].map(
    ([, name, type, list = '']) => `${name} ${type} ${list.replaceAll('`', '')}`,
  );
  expect(told.sort()).toEqual(made.sort());
});
