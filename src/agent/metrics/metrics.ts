/**
 * The agent's metrics, in the text form of Prometheus.
 *
 * Owns when each is made: by events and requests as they come, or when someone asks. Between two scrapes nothing runs.
 */
import { IncompleteReadError, SriovError } from '../../errors.ts';
import type { Agent } from '../agent.ts';
import type { AgentEvent } from '../events.ts';
import type { AgentStatus } from '../status.ts';
import { addMeter, type HostMeter } from './counted-host.ts';
import { eventMetrics } from './event-metrics.ts';
import { hostMetrics } from './host-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { Metrics } from './registry.ts';
import { statusMetrics } from './status-metrics.ts';
import { readStatsOfHost, type ReadStats, vfStatistics } from './vf-statistics.ts';

export interface AgentMetrics {
  /** For the HTTP header. */
  readonly contentType: string;
  /** All metrics as text. Those who ask while it is being made are given the same. Never rejects by the agent's fault. */
  scrape(): Promise<string>;
  /** Stops counting. May be called again. */
  close(): void;
}

/**
 * Counts from now on, and those events of before that the agent still has. Requests to the kernel of before, such as
 * those of the first look at everything, are missing; so it is called as soon as there is an agent.
 *
 * @param readStats - absent = from this host's kernel
 * @throws TypeError - the agent's host was not made by `countHost`
 */
export function createMetrics(agent: Agent, readStats: ReadStats = readStatsOfHost): AgentMetrics {
  const metrics = new Metrics();
  const onEvent = eventMetrics(metrics);
  const onStatus = statusMetrics(metrics);
  const meter = hostMetrics(metrics);
  const readVfs = vfStatistics(metrics, countReads(readStats, meter));
  const readProcess = processMetrics(metrics);
  const endMeter = addMeter(agent.host, meter);
  // What was told before someone could listen.
  for (const event of agent.recent()) onEvent(event);
  const take = (event: AgentEvent): void => onEvent(event);
  agent.on('event', take);
  let making: Promise<string> | undefined;

  async function make(): Promise<string> {
    const status = await statusOf(agent);
    onStatus(status);
    await readVfs(agent.settings.metrics.vfStatistics ? status : null);
    readProcess();
    return metrics.registry.metrics();
  }

  return {
    contentType: metrics.registry.contentType,
    scrape() {
      making ??= make().finally(() => {
        making = undefined;
      });
      return making;
    },
    close() {
      agent.off('event', take);
      endMeter();
    },
  };
}

/** The reads of a scrape are requests like all others. */
function countReads(read: ReadStats, meter: HostMeter): ReadStats {
  return async (pf, netDevice) => {
    const start = performance.now();
    try {
      const table = await read(pf, netDevice);
      meter.onRead(pf, performance.now() - start, table.length);
      return table;
    } catch (error) {
      if (error instanceof IncompleteReadError) meter.onRead(pf, performance.now() - start, error.listed);
      if (error instanceof SriovError) meter.onError(pf, error.code);
      throw error;
    }
  };
}

/** Null = it could not be made; what was counted is told all the same. */
async function statusOf(agent: Agent): Promise<AgentStatus | null> {
  try {
    return await agent.status();
  } catch {
    return null;
  }
}
