/**
 * The API's server.
 *
 * Owns its life: listening, other settings, the end. What is answered is `dispatch.ts`'s.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Agent } from '../agent.ts';
import type { Peer } from '../os/peer.ts';
import type { ApiSettings } from '../settings.ts';
import { type Access, createAccess } from './access.ts';
import { dispatch } from './dispatch.ts';
import { listenOn, openTo } from './socket.ts';

export interface ServeApiOptions {
  readonly agent: Agent;
  readonly settings: ApiSettings;
  /** Answers what the API does not have (metrics, health), for those who may read; false = it doesn't either. */
  readonly extra?: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
  /** Told of bugs that a request came upon, with their stack. */
  readonly log?: (message: string) => void;
  /** Who is at the other end. Absent = the kernel is asked, by the addon. */
  readonly peerOf?: (socket: Socket) => Peer;
}

export interface ApiServer {
  /** Null while the settings name no socket. */
  readonly path: string | null;
  /**
   * Goes on with other settings; open connections keep theirs to the end, but each request is judged by the new ones.
   *
   * @throws as {@link serveApi}; then everything is as it was
   */
  update(settings: ApiSettings): Promise<void>;
  /** Answers what is being answered, ends streams, and is gone. May be called again. */
  close(): Promise<void>;
}

/** In ms; a client that says nothing, or half of it, does not stay. */
const PATIENCE = 10_000;
/** In ms: what is left of answers when the server closes. */
const GRACE = 1000;
/** Those who may not ask can connect all the same, and must not take all descriptors of the agent. */
const MAX_CONNECTIONS = 256;

/**
 * @throws InvalidConfigError - a user, a group or a path that can't be
 * @throws SriovError - `EADDRINUSE`: another agent listens there; else the errno of what failed
 */
export async function serveApi(options: ServeApiOptions): Promise<ApiServer> {
  const peerOf = options.peerOf ?? (await import('../os/peer.ts')).peerOf;
  const server = new AgentServer(options, peerOf);
  await server.update(options.settings);
  return server;
}

interface Listening {
  readonly path: string;
  readonly http: Server;
  readonly end: AbortController;
}

class AgentServer implements ApiServer {
  readonly #options: ServeApiOptions;
  readonly #peerOf: (socket: Socket) => Peer;
  /** Of each connection, since the kernel tells who connected and not who asks. */
  readonly #peers = new WeakMap<Socket, Peer>();
  #access: Access | undefined;
  #listening: Listening | undefined;

  constructor(options: ServeApiOptions, peerOf: (socket: Socket) => Peer) {
    this.#options = options;
    this.#peerOf = peerOf;
  }

  get path(): string | null {
    return this.#listening?.path ?? null;
  }

  async update(settings: ApiSettings): Promise<void> {
    const access = createAccess(settings, process.getuid?.() ?? 0);
    const before = this.#listening;
    if (settings.socket !== (before?.path ?? null)) {
      this.#listening = settings.socket === null ? undefined : await this.#listen(settings.socket);
    }
    this.#access = access;
    if (this.#listening !== undefined) openTo(this.#listening.path, access.others);
    if (before !== undefined && before !== this.#listening) await this.#end(before);
  }

  async close(): Promise<void> {
    const listening = this.#listening;
    this.#listening = undefined;
    if (listening !== undefined) await this.#end(listening);
  }

  async #listen(path: string): Promise<Listening> {
    const { agent, extra, log = () => undefined } = this.#options;
    const end = new AbortController();
    const http = createServer({ headersTimeout: PATIENCE, requestTimeout: PATIENCE * 6 });
    http.maxConnections = MAX_CONNECTIONS;
    http.on('request', (request, response) => {
      void dispatch(request, response, {
        agent,
        access: () => this.#access ?? createAccess(this.#options.settings, process.getuid?.() ?? 0),
        peerOf: ({ socket }) => this.#peer(socket),
        extra,
        log,
        end: end.signal,
      });
    });
    await listenOn(http, path);
    return { path, http, end };
  }

  #peer(socket: Socket): Peer {
    const known = this.#peers.get(socket);
    if (known !== undefined) return known;
    const peer = this.#peerOf(socket);
    this.#peers.set(socket, peer);
    return peer;
  }

  async #end({ http, end }: Listening): Promise<void> {
    end.abort();
    const closed = new Promise<void>((resolve) => http.close(() => resolve()));
    http.closeIdleConnections();
    const force = setTimeout(() => http.closeAllConnections(), GRACE);
    await closed;
    clearTimeout(force);
  }
}
