/** One event of each type, and helpers to have them told. */
import { EventEmitter } from 'node:events';
import type { AgentEvent, AgentEventBody, AgentEventMap } from '../../../../src/agent/events.ts';

export const AT = '2026-01-01T00:00:00.000Z';

export const ON_VF = { port: 'p1', place: '0000:03:00.0/3', pf: '0000:03:00.0', vf: 3 } as const;

/** An emitter that numbers its events as the agent does. */
export class Teller {
  readonly agent = new EventEmitter<AgentEventMap>();
  #seq = 0;

  tell(body: AgentEventBody): AgentEvent {
    const event = { ...body, seq: ++this.#seq, at: AT } as AgentEvent;
    // The map's types can't say of an event of any type that it fits.
    (this.agent as EventEmitter).emit('event', event);
    return event;
  }
}

export const RECONCILED: AgentEventBody = {
  type: 'reconciled',
  pf: ON_VF.pf,
  trigger: 'poll',
  checked: 8,
  repaired: 0,
  failed: 0,
  dumps: 1,
  messages: 0,
  durationMs: 1.5,
  lagMs: null,
};

export const DRIFT: AgentEventBody = {
  type: 'drift',
  ...ON_VF,
  trigger: 'link',
  differences: [{ attribute: 'vlan', wanted: { id: 100 }, found: { id: 0, qos: 0, proto: '802.1Q' } }],
  recreated: false,
};

export const REPAIRED: AgentEventBody = {
  type: 'repaired',
  ...ON_VF,
  trigger: 'link',
  attributes: ['vlan'],
  recreated: false,
  lagMs: 3.14,
};

export const REPAIR_FAILED: AgentEventBody = {
  type: 'repair-failed',
  ...ON_VF,
  code: 'EBUSY',
  message: 'the driver is at work',
  attempt: 1,
  retryInMs: 1000,
};

export const TROUBLE: AgentEventBody = {
  type: 'trouble',
  part: 'store',
  pf: null,
  code: 'ENOSPC',
  message: 'no space',
  attempt: 1,
  retryInMs: 1000,
};

/** One of each type, in the order of `events.ts`. */
export const ONE_OF_EACH: readonly AgentEventBody[] = [
  RECONCILED,
  DRIFT,
  REPAIRED,
  REPAIR_FAILED,
  { type: 'lost', ...ON_VF, message: 'the VF is gone' },
  { type: 'found', ...ON_VF },
  { type: 'guest-mac', ...ON_VF, wanted: 'fa:16:3e:00:00:01', found: 'fa:16:3e:00:00:02' },
  { type: 'left-over', ...ON_VF, released: false, message: 'in use' },
  { type: 'work', journal: 'j1', kind: 'bind', outcome: 'undone', ports: ['p1'], message: '' },
  {
    type: 'port',
    port: 'p1',
    binding: { vifType: 'hw_veb', status: 'ACTIVE', portStatus: 'ACTIVE', place: ON_VF.place },
  },
  { type: 'bind-retried', port: 'p2', bound: false, place: null, reasons: ['no free VF'] },
  { type: 'pf', pf: ON_VF.pf, state: 'down', netDevice: 'enp3s0f0' },
  { type: 'overrun', source: 'links' },
  TROUBLE,
  { type: 'trouble-over', part: 'store', pf: null },
  { type: 'started', message: 'agent 0.1.0' },
  { type: 'ready', message: '' },
  { type: 'reloaded', message: '' },
  { type: 'stopping', message: '' },
  { type: 'stopped', message: '' },
];
