/**
 * Events on their way out: numbered, counted, kept for a while, told.
 *
 * Owns order and counters. Must not let a listener's mistake stop the engine.
 */
import type { EventEmitter } from 'node:events';
import type { AgentEvent, AgentEventBody, AgentEventMap } from '../events.ts';
import type { AgentCounters } from '../status.ts';

/** Events that are kept for those who come late. */
export const KEPT = 1024;

export class Recorder {
  readonly #emitter: EventEmitter<AgentEventMap>;
  readonly #kept: AgentEvent[] = [];
  #seq = 0;
  #counters: AgentCounters = {
    looks: 0,
    dumps: 0,
    messages: 0,
    drifts: 0,
    repairs: 0,
    repairsFailed: 0,
    healthyWrites: 0,
    guestMacs: 0,
    overruns: 0,
    workRecovered: 0,
    bindsRetried: 0,
  };

  constructor(emitter: EventEmitter<AgentEventMap>) {
    this.#emitter = emitter;
  }

  get seq(): number {
    return this.#seq;
  }

  get counters(): AgentCounters {
    return this.#counters;
  }

  recent(since = 0): readonly AgentEvent[] {
    const first = this.#kept[0]?.seq ?? 0;
    return this.#kept.slice(Math.max(0, since + 1 - first));
  }

  healthyWrites(count: number): void {
    this.#counters = { ...this.#counters, healthyWrites: this.#counters.healthyWrites + count };
  }

  tell(body: AgentEventBody): void {
    const event = Object.freeze({ ...body, seq: ++this.#seq, at: new Date().toISOString() }) as AgentEvent;
    this.#count(body);
    this.#kept.push(event);
    if (this.#kept.length > KEPT) this.#kept.shift();
    this.#emit('event', event);
    this.#emit(event.type, event);
  }

  #emit(name: keyof AgentEventMap, event: AgentEvent): void {
    try {
      (this.#emitter as EventEmitter).emit(name, event);
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  }

  #count(body: AgentEventBody): void {
    const c = this.#counters;
    switch (body.type) {
      case 'reconciled':
        this.#counters = {
          ...c,
          looks: c.looks + 1,
          dumps: c.dumps + body.dumps,
          messages: c.messages + body.messages,
        };
        break;
      case 'drift':
        this.#counters = { ...c, drifts: c.drifts + 1 };
        break;
      case 'repaired':
        this.#counters = { ...c, repairs: c.repairs + 1 };
        break;
      case 'repair-failed':
        this.#counters = { ...c, repairsFailed: c.repairsFailed + 1 };
        break;
      case 'guest-mac':
        this.#counters = { ...c, guestMacs: c.guestMacs + 1 };
        break;
      case 'overrun':
        this.#counters = { ...c, overruns: c.overruns + 1 };
        break;
      case 'work':
        this.#counters = { ...c, workRecovered: c.workRecovered + 1 };
        break;
      case 'bind-retried':
        this.#counters = { ...c, bindsRetried: c.bindsRetried + 1 };
        break;
    }
  }
}
