/** An agent that only says what it is told to say: what is tested is what becomes of it. */
import { EventEmitter } from 'node:events';
import type { Agent } from '../../../../src/agent/agent.ts';
import type { AgentEvent, AgentEventBody, AgentEventMap } from '../../../../src/agent/events.ts';
import { countHost, type HostMeter } from '../../../../src/agent/metrics/counted-host.ts';
import type { AgentStatus, PfView, PortView } from '../../../../src/agent/status.ts';
import type { VfHost } from '../../../../src/port/host.ts';
import type { VfStats } from '../../../../src/vf/config.ts';
import type { VfTable } from '../../../../src/vf/table.ts';
import { MemoryHost } from '../../port/memory-host.ts';

export const PF = '0000:03:00.0';
const NOTHING: HostMeter = { onRead() {}, onProgram() {}, onError() {}, onInventory() {} };

export const ZEROS: VfStats = {
  rxPackets: 0n,
  txPackets: 0n,
  rxBytes: 0n,
  txBytes: 0n,
  broadcast: 0n,
  multicast: 0n,
  rxDropped: 0n,
  txDropped: 0n,
};

/** A table in which each VF has these statistics. */
export function tableOf(stats: readonly (VfStats | undefined)[]): VfTable {
  const rows = stats.map((one, vf) => ({ vf, stats: one }));
  return Object.assign(rows, { find: (vf: number) => rows[vf] }) as unknown as VfTable;
}

export function portView(id: string, view: Partial<PortView> = {}): PortView {
  return {
    id,
    state: 'ok',
    place: null,
    vnicType: 'direct',
    vifType: 'hw_veb',
    bindingStatus: 'ACTIVE',
    status: 'ACTIVE',
    reason: null,
    differences: [],
    repairs: 0,
    lastRepair: null,
    retryInMs: null,
    ...view,
  };
}

export function pfView(pf: string, view: Partial<PfView> = {}): PfView {
  return {
    pf,
    netDevice: 'enp3s0f0',
    state: 'up',
    numVfs: 4,
    ports: 1,
    lastLook: { at: '2026-01-01T00:00:00.500Z', trigger: 'poll', durationMs: 1, repaired: 0, failed: 0 },
    trouble: null,
    ...view,
  };
}

export class FakeAgent extends EventEmitter<AgentEventMap> {
  readonly memory: MemoryHost = new MemoryHost('h', { [PF]: 4 });
  readonly host: VfHost = countHost(this.memory, NOTHING);
  settings = { metrics: { listen: null, vfStatistics: false } };
  pfs: readonly PfView[] = [pfView(PF)];
  ports: readonly PortView[] = [];
  reasons: readonly string[] = [];
  healthyWrites = 0;
  failure: Error | undefined;
  looks = 0;
  readonly before: AgentEvent[] = [];

  get agent(): Agent {
    return this as unknown as Agent;
  }

  recent(): readonly AgentEvent[] {
    return this.before;
  }

  status(): Promise<AgentStatus> {
    this.looks++;
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const healthy = this.reasons.length === 0;
    const { pfs, ports, reasons, healthyWrites } = this;
    return Promise.resolve({
      version: '0.1.0',
      ready: true,
      healthy,
      reasons,
      store: { path: '/s', state: healthy ? 'ok' : 'trouble', message: null },
      pfs,
      ports,
      counters: { healthyWrites },
    } as unknown as AgentStatus);
  }

  tell(body: AgentEventBody): void {
    (this as EventEmitter).emit('event', { ...body, seq: 1, at: '2026-01-01T00:00:00.000Z' });
  }
}

/** Series by `name{label="value",...}`, labels in the order of the text; names and types of all metrics. */
export interface Scraped {
  readonly series: ReadonlyMap<string, number>;
  readonly types: ReadonlyMap<string, string>;
}

/** Parses the text form of Prometheus; throws where a line is not of it. */
export function parseMetrics(text: string): Scraped {
  const series = new Map<string, number>();
  const types = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# HELP ')) continue;
    const [, typed, type] = /^# TYPE ([a-z_]+) (counter|gauge|histogram)$/u.exec(line) ?? [];
    if (typed !== undefined && type !== undefined) {
      types.set(typed, type);
      continue;
    }
    const [, name, labels = '', value] =
      /^([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\]|\\.)*",?)+\})? (\S+)$/u.exec(line) ?? [];
    if (name === undefined || Number.isNaN(Number(value === '+Inf' ? Infinity : value))) {
      throw new Error(`not a line of metrics: ${line}`);
    }
    if (series.has(name + labels)) throw new Error(`twice: ${name}${labels}`);
    series.set(name + labels, Number(value));
  }
  return { series, types };
}
