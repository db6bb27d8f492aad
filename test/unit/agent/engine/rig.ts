/**
 * The agent's engine on a host in memory, with the kernel's news in the test's hand. What VFs and kernels do in
 * truth is shown by the tests in the machine.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentEvent, AgentEventBody } from '../../../../src/agent/events.ts';
import { LocalAgent } from '../../../../src/agent/engine/local-agent.ts';
import type { AgentSettings } from '../../../../src/agent/settings.ts';
import type { LinkEvent, LinkState } from '../../../../src/events/link.ts';
import type { HostUevent } from '../../../../src/events/uevent.ts';
import { makeWorld, type World } from '../../port/world.ts';

export const SETTINGS: AgentSettings = {
  host: 'a',
  store: '/nowhere',
  policy: {},
  reconcile: {
    debounceMs: 1,
    maxDelayMs: 20,
    pollMs: 0,
    concurrency: 4,
    backoffFirstMs: 10,
    backoffMaxMs: 80,
    trustedMac: 'guest',
    retryFailed: true,
  },
  api: { socket: null, read: { users: [], groups: [] }, write: { users: [], groups: [] } },
  metrics: { listen: null, vfStatistics: false },
  log: { level: 'info', format: 'json' },
  onStop: 'keep',
};

/** Events that the test pushes. */
export class Feed<E> {
  #unread: E[] = [];
  #wake: (() => void) | undefined;
  #failure: Error | undefined;

  push(event: E): void {
    this.#unread.push(event);
    this.#wake?.();
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#wake?.();
  }

  async *read(signal: AbortSignal): AsyncGenerator<E> {
    signal.addEventListener('abort', () => this.#wake?.());
    while (!signal.aborted) {
      const event = this.#unread.shift();
      if (event !== undefined) yield event;
      else if (this.#failure !== undefined) {
        const failure = this.#failure;
        this.#failure = undefined;
        throw failure;
      } else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

export interface Rig extends World {
  readonly agent: LocalAgent;
  readonly links: Feed<LinkEvent>;
  readonly uevents: Feed<HostUevent>;
  readonly told: AgentEvent[];
  /** Waits until the agent has told of one like it, and gives it. */
  readonly until: <T extends AgentEventBody['type']>(
    type: T,
    matches?: (event: Extract<AgentEvent, { readonly type: T }>) => boolean,
  ) => Promise<Extract<AgentEvent, { readonly type: T }>>;
  /** The kernel announces a PF that is up. */
  readonly touch: (pf: string, announcements?: number) => void;
}

export function link(pf: string, changes: Partial<LinkState> = {}): LinkState {
  return {
    ifindex: 10 + Number(pf.slice(2)),
    name: pf,
    device: pf,
    bus: 'memory',
    portName: null,
    kind: null,
    up: true,
    carrier: true,
    operState: 'up',
    mtu: 1500,
    mac: null,
    master: null,
    alias: null,
    ...changes,
  };
}

export function common(state: LinkState): {
  ifindex: number;
  name: string;
  device: string | null;
  link: LinkState;
} {
  return { ifindex: state.ifindex, name: state.name, device: state.device, link: state };
}

/** `before` prepares store and host; then the agent starts. */
export async function startRig(
  before: (world: World) => Promise<void>,
  reconcile: Partial<AgentSettings['reconcile']> = {},
  settings: Partial<AgentSettings> = {},
): Promise<Rig> {
  const world = await makeWorld();
  await before(world);
  const links = new Feed<LinkEvent>();
  const uevents = new Feed<HostUevent>();
  for (const pf of ['pf0', 'pf1']) links.push({ type: 'added', ...common(link(pf)) });
  links.push({ type: 'synced', afterLoss: false });
  uevents.push({ type: 'synced', afterLoss: false });
  const agent = new LocalAgent(
    {
      store: world.store,
      host: world.host,
      settings: { ...SETTINGS, ...settings, reconcile: { ...SETTINGS.reconcile, ...reconcile } },
      version: '0',
    },
    { links: (signal) => links.read(signal), uevents: (signal) => uevents.read(signal) },
  );
  const told: AgentEvent[] = [];
  agent.on('event', (event) => told.push(event));
  await agent.start();
  const until: Rig['until'] = async (type, matches = () => true) => {
    type Wanted = Extract<AgentEvent, { readonly type: typeof type }>;
    for (let tries = 0; tries < 1000; tries++) {
      const found = told.find((event): event is Wanted => event.type === type && matches(event as Wanted));
      if (found !== undefined) return found;
      await sleep(5);
    }
    throw new Error(`no ${type} came; there were: ${told.map((event) => JSON.stringify(event)).join('\n')}`);
  };
  const end = async (): Promise<void> => {
    await agent.stop();
    await world.end();
  };
  const touch = (pf: string, announcements = 1): void => {
    links.push({ type: 'touched', ...common(link(pf)), announcements });
  };
  return { ...world, agent, links, uevents, told, until, touch, end };
}
