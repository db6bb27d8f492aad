/**
 * Events to one client, as fast as it reads.
 *
 * Owns the place of a client in the order of events. It keeps no events of its own: a client that is behind reads
 * on from what the agent keeps for all, and is told what it has missed. So no client costs more than the buffer of
 * its socket, however slow it is.
 */
import type { ServerResponse } from 'node:http';
import type { Agent } from '../agent.ts';
import type { AgentEvent } from '../events.ts';
import type { GapEvent } from './gap.ts';

export interface StreamOptions {
  readonly follow: boolean;
  /** The client has those up to this one. */
  readonly since?: number;
  /** `startedAt` of the agent that `since` counts from. */
  readonly started?: string;
  readonly types?: ReadonlySet<string>;
  readonly signal: AbortSignal;
  /** In ms. Default 30,000. */
  readonly heartbeatMs?: number;
}

function line(value: AgentEvent | GapEvent): string {
  return `${JSON.stringify(value)}\n`;
}

/** Begins the response and ends it; resolves when all is said, or the client is gone. */
export async function streamEvents(
  agent: Agent,
  response: ServerResponse,
  { follow, since, started, types, signal, heartbeatMs = 30_000 }: StreamOptions,
): Promise<void> {
  const { startedAt } = await agent.status();
  const kept = agent.recent();
  const newest = kept.at(-1)?.seq ?? 0;
  // Nothing between here and the listener below may wait, or events in between would be told as missing late.
  const restarted = started !== undefined ? started !== startedAt : (since ?? 0) > newest;
  const client = new Client(response, types);
  const first = (kept[0]?.seq ?? 1) - 1;
  client.seq = restarted ? 0 : (since ?? (follow ? newest : first));
  response.writeHead(200, {
    'Content-Type': 'application/x-ndjson',
    'Cache-Control': 'no-store',
    'Sriov-Started': startedAt,
    'Sriov-Seq': String(client.seq),
  });
  response.flushHeaders();
  if (restarted) client.tell({ type: 'gap', reason: 'restarted', from: (since ?? 0) + 1, to: 0 });
  const go = (): void => client.catchUp(agent);
  if (!follow) {
    // All at once: it is bounded by what the agent keeps.
    client.patient = true;
    go();
    response.end();
    return;
  }
  const onEvent = (event: AgentEvent): void => client.onEvent(event, agent);
  const heartbeat = setInterval(() => client.beat(), heartbeatMs);
  agent.on('event', onEvent);
  response.on('drain', go);
  try {
    go();
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
  } finally {
    clearInterval(heartbeat);
    agent.off('event', onEvent);
    response.off('drain', go);
    response.end();
  }
}

class Client {
  readonly #response: ServerResponse;
  readonly #types: ReadonlySet<string> | undefined;
  /** It has, or has been told that it misses, everything up to this one. */
  seq = 0;
  /** Written to even when its buffer is full. */
  patient = false;

  constructor(response: ServerResponse, types: ReadonlySet<string> | undefined) {
    this.#response = response;
    this.#types = types;
  }

  get #behind(): boolean {
    return !this.patient && this.#response.writableNeedDrain;
  }

  tell(value: AgentEvent | GapEvent): void {
    this.#response.write(line(value));
  }

  onEvent(event: AgentEvent, agent: Agent): void {
    if (this.#behind) return;
    if (event.seq === this.seq + 1) this.#give(event);
    else this.catchUp(agent);
  }

  catchUp(agent: Agent): void {
    if (this.#behind) return;
    for (const event of agent.recent(this.seq)) {
      // Told of by the loop already, if a listener of the response made one more begin.
      if (event.seq <= this.seq) continue;
      if (event.seq > this.seq + 1) {
        this.tell({ type: 'gap', reason: 'not-kept', from: this.seq + 1, to: event.seq - 1 });
      }
      this.#give(event);
      if (this.#behind) return;
    }
  }

  #give(event: AgentEvent): void {
    this.seq = event.seq;
    if (this.#types === undefined || this.#types.has(event.type)) this.tell(event);
  }

  beat(): void {
    if (!this.#behind) this.#response.write('\n');
  }
}
