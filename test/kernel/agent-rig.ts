/**
 * Agents on netdevsim for tests of what they survive: with the Linux host, a store on disk and the kernel's own news.
 *
 * Owns starting and ending them, and waiting for what they tell; expects nothing. What is done behind their back is
 * done by other processes. Inside the test machine only.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Agent } from '../../src/agent/agent.ts';
import type { AgentEvent, AgentEventBody } from '../../src/agent/events.ts';
import type { AgentSettings } from '../../src/agent/settings.ts';
import { startAgent } from '../../src/agent/start.ts';
import type { AgentCounters } from '../../src/agent/status.ts';
import type { PortRequest } from '../../src/binding/port.ts';
import type { VfHost } from '../../src/port/host.ts';
import { createLinuxHost } from '../../src/port/linux-host.ts';
import { openPorts } from '../../src/port/open.ts';
import type { Ports } from '../../src/port/ports.ts';
import { openLmdbStore } from '../../src/store/lmdb-store.ts';
import type { Store } from '../../src/store/store.ts';
import { openWithProgram } from '../../src/store/threaded/open.ts';
import type { VfState } from '../../src/vf/config.ts';

/** The store's thread is not run from sources: Node can't. */
const PROGRAM = new URL('../../dist/store/threaded/worker.js', import.meta.url);
/** In ms; only ends what hangs. */
const PATIENCE = 60_000;
const HOST = 'h1';

export type EventOf<T extends AgentEventBody['type']> = Extract<AgentEvent, { readonly type: T }>;

/** What an agent has told so far, to be waited for. */
export class Told {
  readonly all: AgentEvent[] = [];

  of<T extends AgentEventBody['type']>(type: T, from = 0): EventOf<T>[] {
    return this.all.slice(from).filter((event): event is EventOf<T> => event.type === type);
  }

  /** The first one that is like it, of those after the first `from`. */
  async until<T extends AgentEventBody['type']>(
    type: T,
    matches: (event: EventOf<T>) => boolean = () => true,
    from = 0,
  ): Promise<EventOf<T>> {
    const found = await waitFor(() => this.of(type, from).find(matches));
    if (found !== undefined) return found;
    const came = this.all.slice(from).map((event) => JSON.stringify(event));
    throw new Error(`no ${type} came as it should; what came:\n${came.join('\n')}`);
  }
}

/** Looks again and again until there is something; undefined when time is up. */
export async function waitFor<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T | undefined> {
  for (const end = performance.now() + PATIENCE; performance.now() < end; await sleep(10)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Does it until it does not fail, as what a driver makes may not be there yet. */
export async function eventually(holds: () => void | Promise<void>): Promise<void> {
  let last: unknown;
  const held = await waitFor(async () => {
    try {
      await holds();
      return true;
    } catch (error) {
      last = error;
      return undefined;
    }
  });
  if (held !== true) throw last;
}

/** iproute2, the best known of those who change things behind an agent's back. */
export function ip(line: string): string {
  return execFileSync('ip', line.split(' '), { encoding: 'utf8' });
}

/** Several lines of `ip` by one process. */
export function ipBatch(lines: readonly string[]): void {
  execFileSync('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n` });
}

export function macOfPort(index: number): string {
  return `02:00:00:00:0b:${index.toString(16).padStart(2, '0')}`;
}

export interface Wish {
  readonly trusted?: boolean;
  readonly maxKbps?: number;
}

/** A `direct` port on VLAN 100 that asks for this place. */
export function requestOf(index: number, place?: string, { trusted, maxKbps }: Wish = {}): PortRequest {
  return {
    port: {
      id: `p${index}`,
      mac_address: macOfPort(index),
      admin_state_up: true,
      port_security_enabled: trusted !== true,
      propagate_uplink_status: true,
      numa_affinity_policy: null,
      device_owner: 'compute:nova',
      device_id: `instance-${index}`,
      qos_rules:
        maxKbps === undefined ? [] : [{ type: 'bandwidth_limit', max_kbps: maxKbps, direction: 'egress' }],
    },
    network: {
      network_type: 'vlan',
      physical_network: null,
      segmentation_id: 100,
      qinq: false,
      vlan_qos: 0,
    },
    vnic_type: 'direct',
    profile: trusted === true ? { trusted: true } : {},
    ...(place === undefined ? {} : { place }),
  };
}

export interface Rig {
  readonly agent: Agent;
  readonly told: Told;
  /** All events so far, to wait for what comes after them. */
  readonly mark: () => number;
  readonly counters: () => Promise<AgentCounters>;
  readonly stop: () => Promise<void>;
}

/** A store and a host, on which agents are started, and which others may use as well. */
export class Place {
  readonly folder: string;
  readonly directory: string;
  readonly host: VfHost = createLinuxHost({ name: HOST });
  #store: Store | undefined;

  constructor(folder: string = mkdtempSync('/tmp/sriov-agent-')) {
    this.folder = folder;
    this.directory = path.join(folder, 'store');
  }

  get store(): Store {
    if (this.#store === undefined) throw new Error('the store is not open');
    return this.#store;
  }

  /** Ports as another program would use them: what they do is not the agent's. */
  get ports(): Ports {
    return openPorts({ store: this.store, host: createLinuxHost({ name: HOST }) });
  }

  /** With a thread of its own when `patienceMs` says for how long that may wait; without, which starts faster. */
  async open(patienceMs?: number): Promise<void> {
    this.#store =
      patienceMs === undefined
        ? await openLmdbStore(this.directory)
        : await openWithProgram(PROGRAM, this.directory, { patienceMs });
  }

  async close(): Promise<void> {
    await this.#store?.close();
    this.#store = undefined;
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Binds, and throws what was refused. */
  async bind(requests: readonly PortRequest[]): Promise<void> {
    const { ports } = await this.ports.bind(requests);
    const refused = ports.flatMap(({ refusals }) => refusals);
    if (refused.length > 0) throw new Error(JSON.stringify(refused));
  }

  /** All VFs, of these PFs. */
  async read(...pfs: string[]): Promise<(readonly VfState[])[]> {
    return Promise.all(pfs.map((pf) => this.host.read(pf)));
  }

  async start(
    reconcile: Partial<AgentSettings['reconcile']> = {},
    settings: Partial<AgentSettings> = {},
  ): Promise<Rig> {
    const agent = await startAgent({
      store: this.store,
      // As in life: an agent has a process of its own.
      host: createLinuxHost({ name: HOST }),
      settings: { ...settingsOf(this.directory, reconcile), ...settings },
      version: '0.0.0',
    });
    const told = new Told();
    told.all.push(...agent.recent());
    agent.on('event', (event) => told.all.push(event));
    return {
      agent,
      told,
      mark: () => told.all.length,
      counters: async () => (await agent.status()).counters,
      stop: () => agent.stop(),
    };
  }
}

/** Without a poll, unless the test is about it: what is found is found by events. */
function settingsOf(store: string, reconcile: Partial<AgentSettings['reconcile']>): AgentSettings {
  return {
    host: HOST,
    store,
    policy: {},
    reconcile: {
      debounceMs: 10,
      maxDelayMs: 200,
      pollMs: 0,
      concurrency: 4,
      backoffFirstMs: 200,
      backoffMaxMs: 1000,
      trustedMac: 'guest',
      retryFailed: true,
      ...reconcile,
    },
    api: { socket: null, read: { users: [], groups: [] }, write: { users: [], groups: [] } },
    metrics: { listen: null, vfStatistics: false },
    log: { level: 'info', format: 'json' },
    onStop: 'keep',
  };
}
