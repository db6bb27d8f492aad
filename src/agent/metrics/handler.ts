/**
 * Metrics, health and readiness as answers to HTTP requests.
 *
 * Owns these three paths and nothing else: a request for another is left to whoever asked.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AgentStatus } from '../status.ts';
import type { AgentMetrics } from './metrics.ts';

/** Where the answers come from. */
export interface MetricsSources {
  readonly metrics: Pick<AgentMetrics, 'contentType' | 'scrape'>;
  /** The agent. */
  readonly health: { status(): Promise<Pick<AgentStatus, 'ready' | 'healthy' | 'reasons'>> };
}

/** Answers, or leaves the request as it is and gives false. Never rejects. */
export type HandleMetrics = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

interface Answer {
  readonly code: number;
  readonly type: string;
  readonly body: string;
}

type Route = () => Promise<Answer>;

/**
 * - `GET /metrics`: 200
 * - `GET /healthz`: 200 for as long as the agent's process answers at all
 * - `GET /readyz`: 200 when the agent is healthy, else 503; JSON with `ready`, `healthy` and `reasons`
 *
 * `HEAD` is answered without the body, other methods by 405.
 */
export function metricsHandler({ metrics, health }: MetricsSources): HandleMetrics {
  const routes: ReadonlyMap<string, Route> = new Map<string, Route>([
    ['/metrics', async () => ({ code: 200, type: metrics.contentType, body: await metrics.scrape() })],
    ['/healthz', () => Promise.resolve({ code: 200, type: 'text/plain; charset=utf-8', body: 'ok\n' })],
    ['/readyz', () => readiness(health)],
  ]);
  return async (request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1);
    const route = routes.get(path);
    if (route === undefined) return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      send(response, { code: 405, type: 'text/plain; charset=utf-8', body: 'GET or HEAD\n' }, true);
      return true;
    }
    send(response, await answerOf(route), request.method === 'GET');
    return true;
  };
}

async function answerOf(route: Route): Promise<Answer> {
  try {
    return await route();
  } catch (error) {
    const body = `${error instanceof Error ? error.message : String(error)}\n`;
    return { code: 500, type: 'text/plain; charset=utf-8', body };
  }
}

/** An agent that can't even say how it is, is not ready. */
async function readiness(health: MetricsSources['health']): Promise<Answer> {
  let state: { readonly ready: boolean; readonly healthy: boolean; readonly reasons: readonly string[] };
  try {
    const { ready, healthy, reasons } = await health.status();
    state = { ready, healthy, reasons };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    state = { ready: false, healthy: false, reasons: [reason] };
  }
  const body = `${JSON.stringify(state)}\n`;
  return { code: state.healthy ? 200 : 503, type: 'application/json', body };
}

function send(response: ServerResponse, { code, type, body }: Answer, withBody: boolean): void {
  response.writeHead(code, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(withBody ? body : undefined);
}
