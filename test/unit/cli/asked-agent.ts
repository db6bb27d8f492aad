/**
 * A real API server on a real socket, for commands that ask an agent.
 *
 * Owns its life. What the agent says is the test's: ports of a store, and changes of its view.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ApiServer, serveApi } from '../../../src/agent/api/serve.ts';
import type { AgentStatus, PortView } from '../../../src/agent/status.ts';
import { FakeAgent } from '../agent/api/fake-agent.ts';
import { makeWorld, type World } from '../port/world.ts';

/** An agent whose view the test may change. */
export class ShownAgent extends FakeAgent {
  shown: Partial<AgentStatus> = {};
  /** How often it was asked. */
  asked = 0;

  override async status(): Promise<AgentStatus> {
    this.asked++;
    return { ...(await super.status()), ...this.shown };
  }
}

export interface AskedAgent {
  readonly agent: ShownAgent;
  readonly socket: string;
  /** What of the server may be ended and begun again. */
  readonly serve: () => Promise<ApiServer>;
  readonly stop: () => Promise<void>;
  readonly end: () => Promise<void>;
}

export async function askedAgent(
  peer = { pid: 1, uid: process.getuid?.() ?? 0, gid: 0, groups: [] },
): Promise<AskedAgent> {
  const world: World = await makeWorld();
  const agent = new ShownAgent(world);
  const folder = mkdtempSync(path.join(tmpdir(), 'sriov-asked-'));
  const socket = path.join(folder, 'agent.sock');
  const nobody = { users: [], groups: [] };
  let server: ApiServer;
  const serve = async (): Promise<ApiServer> => {
    server = await serveApi({
      agent,
      settings: { socket, read: nobody, write: nobody },
      peerOf: () => peer,
    });
    return server;
  };
  server = await serve();
  return {
    agent,
    socket,
    serve,
    stop: () => server.close(),
    end: async () => {
      await server.close();
      await world.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A port that is as it should be, save what is changed. */
export function portView(id: string, changes: Partial<PortView> = {}): PortView {
  return {
    id,
    state: 'ok',
    place: 'pf0/0',
    vnicType: 'direct',
    vifType: 'hw_veb',
    bindingStatus: 'ACTIVE',
    status: 'ACTIVE',
    reason: null,
    differences: [],
    repairs: 0,
    lastRepair: null,
    retryInMs: null,
    ...changes,
  };
}
