/**
 * An agent with real ports on a host in memory, and events that the test makes.
 *
 * Owns nothing of what the engine decides: views are what the store says.
 */
import { EventEmitter } from 'node:events';
import { formatPlace } from '../../../../src/binding/place.ts';
import type { Agent } from '../../../../src/agent/agent.ts';
import type { AgentEvent, AgentEventBody, AgentEventMap } from '../../../../src/agent/events.ts';
import type { AgentSettings } from '../../../../src/agent/settings.ts';
import type { AgentStatus, PortView } from '../../../../src/agent/status.ts';
import type { World } from '../../port/world.ts';

export const STARTED = '2026-01-02T03:04:05.678Z';

export class FakeAgent extends EventEmitter<AgentEventMap> implements Agent {
  readonly #world: World;
  readonly #kept: AgentEvent[] = [];
  #seq = 0;
  startedAt = STARTED;
  readonly looked: (string | undefined)[] = [];
  /** Thrown by the next status. */
  fault: Error | undefined;

  constructor(world: World) {
    super();
    this.#world = world;
  }

  get settings(): AgentSettings {
    throw new Error('the API has no business with the settings of others');
  }

  get ports(): World['ports'] {
    return this.#world.ports;
  }

  get host(): World['host'] {
    return this.#world.host;
  }

  make(body: AgentEventBody): void {
    const event = { ...body, seq: ++this.#seq, at: STARTED } as AgentEvent;
    this.#kept.push(event);
    if (this.#kept.length > 1024) this.#kept.shift();
    // The map of events is a union of tuples to the compiler, which no one event fits.
    (this as EventEmitter).emit('event', event);
  }

  recent(since = 0): readonly AgentEvent[] {
    return this.#kept.filter(({ seq }) => seq > since);
  }

  async reconcile(pf?: string): Promise<void> {
    this.looked.push(pf);
  }

  async reload(): Promise<void> {
    throw new Error('not over the API');
  }

  async stop(): Promise<void> {
    throw new Error('not over the API');
  }

  async status(): Promise<AgentStatus> {
    const { fault } = this;
    this.fault = undefined;
    if (fault !== undefined) throw fault;
    const ports = await this.#views();
    return {
      host: 'a',
      version: '0.0.0',
      pid: process.pid,
      startedAt: this.startedAt,
      uptimeMs: 1,
      ready: true,
      healthy: true,
      reasons: [],
      seq: this.#seq,
      store: { path: '/var/lib/sriov/store', state: 'ok', message: null },
      pfs: ['pf0', 'pf1'].map((pf) => ({
        pf,
        netDevice: `eth-${pf}`,
        state: 'up' as const,
        numVfs: 4,
        ports: ports.filter(({ place }) => place?.startsWith(`${pf}/`)).length,
        lastLook: { at: STARTED, trigger: 'start' as const, durationMs: 1.5, repaired: 0, failed: 0 },
        trouble: null,
      })),
      ports,
      counters: {
        looks: 2,
        dumps: 2,
        messages: 0,
        drifts: 0,
        repairs: 0,
        repairsFailed: 0,
        healthyWrites: 0,
        guestMacs: 0,
        overruns: 0,
        workRecovered: 0,
        bindsRetried: 0,
      },
    };
  }

  async #views(): Promise<PortView[]> {
    const records = await this.ports.list();
    return records.flatMap(({ port, status, bindings }) =>
      bindings
        .filter(({ host }) => host === 'a')
        .map((binding): PortView => ({
          id: port.id,
          state: binding.place === null ? 'failed' : 'ok',
          place: binding.place === null ? null : formatPlace(binding.place),
          vnicType: binding.vnic_type,
          vifType: binding.vif_type,
          bindingStatus: binding.status,
          status,
          reason: binding.place === null ? 'refused' : null,
          differences: [],
          repairs: 0,
          lastRepair: null,
          retryInMs: null,
        })),
    );
  }
}
