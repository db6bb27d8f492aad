/**
 * The agent of this host, as its clients see it.
 *
 * Owns the way there and back over the socket. It loads no library: the command starts with it.
 */
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { PortRecord } from '../../binding/record.ts';
import type { ReleaseReport } from '../../port/report.ts';
import type { AgentEvent, AgentEventBody } from '../events.ts';
import type { AgentStatus, PfView, PortState, PortView } from '../status.ts';
import type { BindAnswer } from './answers.ts';
import { DEFAULT_SOCKET } from './default-socket.ts';
import { AgentRefusedError, AgentUnreachableError } from './errors.ts';
import type { GapEvent } from './gap.ts';
import { lines } from './lines.ts';

export interface EventsOptions {
  /** The caller has those up to this one. Absent = what is kept, with `follow` only those to come. */
  readonly since?: number;
  /** Goes on for ever, over restarts of the agent. Default false. */
  readonly follow?: boolean;
  readonly types?: readonly AgentEventBody['type'][];
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal;
  /** Called once the stream stands, and again after each loss of it. */
  readonly onOpen?: () => void;
  /** Called when a stream that stood was lost; it is tried again. */
  readonly onLost?: (error: AgentUnreachableError) => void;
}

/** @throws of each method: AgentUnreachableError, AgentRefusedError */
export interface AgentClient {
  /** @param signal - given up then, with an AgentUnreachableError */
  status(signal?: AbortSignal): Promise<AgentStatus>;
  ports(state?: PortState): Promise<readonly PortView[]>;
  port(id: string): Promise<{ readonly record: PortRecord; readonly view: PortView | null }>;
  /** Ports as Neutron writes them, each with `network`. Refused as a whole only when none was bound. */
  bind(ports: readonly Readonly<Record<string, unknown>>[]): Promise<BindAnswer>;
  release(ids: readonly string[]): Promise<ReleaseReport>;
  reconcile(pf?: string): Promise<readonly PfView[]>;
  /** The first connection must stand; with `follow`, one that is lost later is made again, and what was missed is told. */
  events(options?: EventsOptions): AsyncGenerator<AgentEvent | GapEvent, void, undefined>;
}

/** In ms, between attempts to reach an agent that was there. */
const FIRST_WAIT = 200;
const LONGEST_WAIT = 5000;

function unreachable(path: string, error: unknown): AgentUnreachableError {
  if (error instanceof AgentUnreachableError) return error;
  const { code = 'SRIOV_NO_ANSWER', message } = error as NodeJS.ErrnoException;
  return new AgentUnreachableError(path, code.startsWith('E') ? code : 'SRIOV_NO_ANSWER', message, error);
}

class SocketClient implements AgentClient {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async status(signal?: AbortSignal): Promise<AgentStatus> {
    return (await this.#ask('GET', '/v1/status', undefined, signal)) as AgentStatus;
  }

  async ports(state?: PortState): Promise<readonly PortView[]> {
    const answer = await this.#ask('GET', `/v1/ports${state === undefined ? '' : `?state=${state}`}`);
    return (answer as { readonly ports: readonly PortView[] }).ports;
  }

  async port(id: string): Promise<{ readonly record: PortRecord; readonly view: PortView | null }> {
    const answer = await this.#ask('GET', `/v1/ports/${encodeURIComponent(id)}`);
    return answer as { readonly record: PortRecord; readonly view: PortView | null };
  }

  async bind(ports: readonly Readonly<Record<string, unknown>>[]): Promise<BindAnswer> {
    return (await this.#ask('POST', '/v1/ports', { ports })) as BindAnswer;
  }

  async release(ids: readonly string[]): Promise<ReleaseReport> {
    return (await this.#ask('POST', '/v1/ports/release', { ids })) as ReleaseReport;
  }

  async reconcile(pf?: string): Promise<readonly PfView[]> {
    const answer = await this.#ask('POST', '/v1/reconcile', pf === undefined ? {} : { pf });
    return (answer as { readonly pfs: readonly PfView[] }).pfs;
  }

  async *events(options: EventsOptions = {}): AsyncGenerator<AgentEvent | GapEvent, void, undefined> {
    const { follow = false, signal, onOpen, onLost } = options;
    let { since } = options;
    let started: string | undefined;
    let stood = false;
    let pause = FIRST_WAIT;
    const ended = (): boolean => signal?.aborted === true;
    while (!ended()) {
      try {
        const response = await this.#openEvents(options, since, started);
        const header = response.headers['sriov-started'];
        started = typeof header === 'string' ? header : undefined;
        since = Number(response.headers['sriov-seq'] ?? since);
        [stood, pause] = [true, FIRST_WAIT];
        onOpen?.();
        for await (const line of lines(response)) {
          if (line === '') continue;
          const event = JSON.parse(line) as AgentEvent | GapEvent;
          since = event.type === 'gap' ? event.to : event.seq;
          yield event;
        }
        if (!follow) return;
        throw new AgentUnreachableError(this.#path, 'SRIOV_NO_ANSWER', 'it has ended the stream');
      } catch (error) {
        if (ended()) return;
        if (!follow || !stood || error instanceof AgentRefusedError) throw error;
        onLost?.(unreachable(this.#path, error));
        await wait(pause, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
        pause = Math.min(pause * 2, LONGEST_WAIT);
      }
    }
  }

  #openEvents(
    { follow = false, types, signal }: EventsOptions,
    since: number | undefined,
    started: string | undefined,
  ): Promise<IncomingMessage> {
    const query = new URLSearchParams({
      follow: String(follow),
      ...(since === undefined ? {} : { since: String(since) }),
      ...(started === undefined ? {} : { started }),
      ...(types === undefined || types.length === 0 ? {} : { types: types.join(',') }),
    });
    return this.#open('GET', `/v1/events?${query.toString()}`, undefined, signal);
  }

  async #ask(method: string, path: string, body?: object, signal?: AbortSignal): Promise<unknown> {
    const response = await this.#open(method, path, body, signal);
    return this.#json(response);
  }

  async #json(response: IncomingMessage): Promise<unknown> {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
      return JSON.parse(Buffer.concat(chunks).toString('utf8'));
    } catch (error) {
      throw unreachable(this.#path, error);
    }
  }

  /** The response's head. @throws AgentRefusedError - its status is no success */
  async #open(method: string, path: string, body?: object, signal?: AbortSignal): Promise<IncomingMessage> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = httpRequest({
        socketPath: this.#path,
        method,
        path,
        // One connection each: an agent that has ended must not be seen through an old one.
        agent: false,
        headers: {
          host: 'localhost',
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        },
        ...(signal === undefined ? {} : { signal }),
      });
      request.once('response', resolve);
      request.once('error', (error) => reject(unreachable(this.#path, error)));
      request.end(text);
    });
    if (response.statusCode === 200) return response;
    const answer = (await this.#json(response)) as { readonly error?: Readonly<Record<string, unknown>> };
    throw new AgentRefusedError(response.statusCode ?? 0, answer.error ?? {});
  }
}

/**
 * A client of the agent that listens on a Unix socket. Nothing is connected before the first request.
 *
 * @example
 * for await (const event of connectAgent().events({ follow: true, types: ['drift', 'repaired'] })) console.log(event);
 */
export function connectAgent(path: string = DEFAULT_SOCKET): AgentClient {
  return new SocketClient(path);
}
