/**
 * The HTTP server of metrics, on a TCP address or a Unix socket of its own.
 *
 * Owns the server's life. Who may connect is decided by the address, or by the mode of the socket's file; what it
 * answers is `handler.ts`'s.
 */
import { chmodSync, existsSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { SriovError } from '../../errors.ts';
import type { MetricsSettings } from '../settings.ts';
import { metricsHandler, type MetricsSources } from './handler.ts';
import { removeStaleSocket } from './stale-socket.ts';

export type Listen = NonNullable<MetricsSettings['listen']>;

export interface MetricsServer {
  /** `http://127.0.0.1:9750`, or `unix:PATH`. */
  readonly address: string;
  /** Answers what was asked, for a second at most, and ends every connection. May be called again. */
  close(): Promise<void>;
}

/** More at the same time are refused: a scraper needs one. */
const MAX_CONNECTIONS = 64;
/** Connections on which nothing is said for so long are ended. */
const SILENCE_MS = 30_000;
const CLOSE_MS = 1000;
/** Owner and group may connect. */
const MODE = 0o660;

/**
 * @throws SriovError - `EADDRINUSE`, `EACCES`, `ENOENT`, ...: it can't listen there; the message has the way out
 * @throws RefusedError - the path of the socket is something else
 */
export async function serveMetrics(listen: Listen, sources: MetricsSources): Promise<MetricsServer> {
  const handle = metricsHandler(sources);
  const answer = async (...[request, response]: Parameters<typeof handle>): Promise<void> => {
    if (await handle(request, response)) return;
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
    response.end('/metrics, /healthz or /readyz\n');
  };
  const onRequest: RequestListener = (request, response) => {
    // A request has no body here.
    request.resume();
    void answer(request, response);
  };
  // Node looks at all connections each 30 s, even where there are none; `timeout` costs nothing until there is one.
  const server = createServer({ connectionsCheckingInterval: 2 ** 31 - 1 }, onRequest);
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = SILENCE_MS;
  if ('path' in listen) {
    // libuv calls it EACCES when the directory is missing (uv_pipe_bind).
    if (!existsSync(dirname(listen.path))) throw cannotListen(listen, { code: 'ENOENT', message: '' });
    await removeStaleSocket(listen.path);
  }
  await begin(server, listen);
  let closing: Promise<void> | undefined;
  return {
    address: addressOf(server, listen),
    close: () => (closing ??= end(server)),
  };
}

function begin(server: Server, listen: Listen): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => reject(cannotListen(listen, error));
    server.once('error', onError);
    const onListening = (): void => {
      server.off('error', onError);
      try {
        if ('path' in listen) chmodSync(listen.path, MODE);
        resolve();
      } catch (error) {
        server.close();
        reject(error);
      }
    };
    if (!('path' in listen)) {
      server.listen({ host: listen.host, port: listen.port }, onListening);
      return;
    }
    server.listen({ path: listen.path }, onListening);
  });
}

function end(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
    server.close(() => {
      clearTimeout(late);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function nameOf(listen: Listen): string {
  if ('path' in listen) return `unix:${listen.path}`;
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  return `http://${host}:${listen.port}`;
}

/** With the port that the kernel chose, where 0 was asked for. */
function addressOf(server: Server, listen: Listen): string {
  if ('path' in listen) return nameOf(listen);
  return nameOf({ host: listen.host, port: (server.address() as AddressInfo).port });
}

const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'another process listens there, another agent maybe; end it, or set metrics.listen to something else',
  EACCES:
    'no permission: a port below 1024 needs CAP_NET_BIND_SERVICE, a socket a directory that the agent may write to',
  EADDRNOTAVAIL: 'this host has no such address; use 127.0.0.1 or ::1',
  ENOENT: 'the directory is not there; make it, or let systemd do so (RuntimeDirectory=)',
};

function cannotListen(listen: Listen, error: Omit<NodeJS.ErrnoException, 'name'>): SriovError {
  const code = error.code ?? 'EIO';
  const why = ADVICE[code] ?? error.message;
  return new SriovError(code, `metrics cannot be served at ${nameOf(listen)}: ${code}: ${why}`, {
    syscall: 'listen',
    ...(error.errno === undefined ? {} : { errno: error.errno }),
    cause: error,
  });
}
