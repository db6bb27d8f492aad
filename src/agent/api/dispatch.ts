/**
 * From a request to its answer: who asks, what for, is it well-formed, what came of it.
 *
 * Owns that order: who may not ask learns nothing of what there is. It never throws, and never ends the agent.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Agent } from '../agent.ts';
import type { Peer } from '../os/peer.ts';
import type { Access, Right } from './access.ts';
import { failureOf, RequestError } from './failure.ts';
import { readBody, readQuery } from './read-request.ts';
import type { Route } from './route.ts';
import { ROUTES } from './routes/table.ts';

export interface DispatchOptions {
  readonly agent: Agent;
  readonly access: () => Access;
  readonly peerOf: (request: IncomingMessage) => Peer;
  /** Answers what the table does not have; false = it doesn't either. */
  readonly extra: ((request: IncomingMessage, response: ServerResponse) => Promise<boolean>) | undefined;
  readonly log: (message: string) => void;
  /** Aborted when the server ends. */
  readonly end: AbortSignal;
}

interface Matcher {
  readonly route: Route;
  readonly pattern: RegExp;
}

const MATCHERS: readonly Matcher[] = ROUTES.map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replaceAll('.', '\\.').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}));

const NO_QUERY = z.strictObject({});

interface Found {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RequestError(400, 'SRIOV_INVALID_CONFIG', `the path has a malformed % in ${text.slice(0, 48)}`);
  }
}

/** Undefined = no such path. @throws RequestError - the path has other methods */
function find(method: string, path: string, response: ServerResponse): Found | undefined {
  const matches = MATCHERS.flatMap(({ route, pattern }) => {
    const match = pattern.exec(path);
    return match === null ? [] : [{ route, groups: match.groups ?? {} }];
  });
  if (matches.length === 0) return undefined;
  const found = matches.find(({ route }) => route.method === method);
  if (found === undefined) {
    const methods = [...new Set(matches.map(({ route }) => route.method))].join(', ');
    response.setHeader('Allow', methods);
    throw new RequestError(405, 'SRIOV_NO_METHOD', `${method} ${path}: this path has ${methods}`);
  }
  const params = Object.entries(found.groups).map(([name, text]) => [name, decode(text)] as const);
  return { route: found.route, params: Object.fromEntries(params) };
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    ...headers,
  });
  response.end(text);
}

/** Ends with the client, or with the server. */
function signalOf(response: ServerResponse, end: AbortSignal): AbortSignal {
  const gone = new AbortController();
  const abort = (): void => gone.abort();
  end.addEventListener('abort', abort, { once: true });
  response.once('close', () => {
    end.removeEventListener('abort', abort);
    abort();
  });
  if (end.aborted) abort();
  return gone.signal;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: DispatchOptions,
): Promise<void> {
  const peer = options.peerOf(request);
  const demand = (right: Right): void => {
    const access = options.access();
    if (!access.may(peer, right)) {
      throw new RequestError(403, 'SRIOV_FORBIDDEN', access.refusal(peer, right));
    }
  };
  demand('read');
  const { method = '', url = '' } = request;
  const [path = '', search = ''] = url.split(/\?(.*)/s);
  const found = find(method, path, response);
  if (found === undefined) {
    if ((await options.extra?.(request, response)) === true) return;
    throw new RequestError(404, 'SRIOV_NO_ROUTE', `there is no ${path.slice(0, 200)}; GET /v1 lists what is`);
  }
  const { route, params } = found;
  demand(route.right);
  const query = readQuery(route.query ?? NO_QUERY, new URLSearchParams(search));
  const body =
    route.body === undefined
      ? undefined
      : await readBody(request, route.body.schema, route.body.optional === true);
  const { agent, end } = options;
  const signal = signalOf(response, end);
  const answered = await route.handle({ agent, params, query, body, request, response, signal });
  if (answered !== undefined) send(response, answered.status, answered.body);
}

export async function dispatch(
  request: IncomingMessage,
  response: ServerResponse,
  options: DispatchOptions,
): Promise<void> {
  try {
    await answer(request, response, options);
  } catch (error) {
    const { status, headers, body, bug } = failureOf(error);
    if (bug) {
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
      options.log(`${request.method} ${request.url}: ${stack}`);
    }
    // A body that nobody reads would keep the connection from its next request.
    const unread = request.complete ? {} : { Connection: 'close' };
    if (response.headersSent) response.destroy();
    else send(response, status, body, { ...headers, ...unread });
  }
}
