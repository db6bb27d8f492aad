/**
 * What the agent serves to others: API and metrics.
 *
 * Owns which servers there are, also after a change of settings. One that can't be had any more leaves the one that
 * was there before.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Agent } from '../../agent/agent.ts';
import { type ApiServer, serveApi } from '../../agent/api/serve.ts';
import type { AgentLog } from '../../agent/log/log.ts';
import { metricsHandler, type MetricsSources } from '../../agent/metrics/handler.ts';
import { createMetrics } from '../../agent/metrics/metrics.ts';
import { type Listen, type MetricsServer, serveMetrics } from '../../agent/metrics/serve.ts';
import type { AgentSettings } from '../../agent/settings.ts';

export interface Services {
  /** @throws SriovError - a server can't be had with these; what was served before goes on */
  update(settings: Pick<AgentSettings, 'api' | 'metrics'>): Promise<void>;
  /** Takes no more requests and ends those under way. */
  close(): Promise<void>;
}

/** @throws SriovError, InvalidConfigError - as `serveApi` and `serveMetrics`; then nothing is served */
export async function startServices(agent: Agent, log: AgentLog): Promise<Services> {
  const metrics = createMetrics(agent);
  const sources: MetricsSources = { metrics, health: agent };
  const api = await serveApi({
    agent,
    settings: agent.settings.api,
    extra: metricsHandler(sources),
    log: (message) => log.write('error', { event: 'api-error' }, message),
  });
  const services = new AgentServices(api, sources, () => metrics.close());
  try {
    await services.update(agent.settings);
    return services;
  } catch (error) {
    await services.close();
    throw error;
  }
}

class AgentServices implements Services {
  readonly #api: ApiServer;
  readonly #sources: MetricsSources;
  readonly #stopCounting: () => void;
  #listen: Listen | null = null;
  #metrics: MetricsServer | undefined;

  constructor(api: ApiServer, sources: MetricsSources, stopCounting: () => void) {
    this.#api = api;
    this.#sources = sources;
    this.#stopCounting = stopCounting;
  }

  async update({ api, metrics: { listen } }: Pick<AgentSettings, 'api' | 'metrics'>): Promise<void> {
    if (!isDeepStrictEqual(listen, this.#listen)) {
      const before = this.#metrics;
      this.#metrics = listen === null ? undefined : await serveMetrics(listen, this.#sources);
      this.#listen = listen;
      await before?.close();
    }
    await this.#api.update(api);
  }

  async close(): Promise<void> {
    await Promise.all([this.#api.close(), this.#metrics?.close()]);
    this.#stopCounting();
  }
}
