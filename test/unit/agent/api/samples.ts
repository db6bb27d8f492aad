/** One event of each type, as the agent makes them; a type that is missing is a compile error. */
import type { AgentEvent, AgentEventBody, AgentEventOf } from '../../../../src/agent/events.ts';

const at = '2026-01-02T03:04:05.678Z';
const on = { port: 'p1', place: '0000:03:00.0/3', pf: '0000:03:00.0', vf: 3 } as const;
const moment = { seq: 1, at } as const;

export const SAMPLES: { readonly [T in AgentEventBody['type']]: AgentEventOf<T> } = {
  reconciled: {
    ...moment,
    type: 'reconciled',
    pf: '0000:03:00.0',
    trigger: 'link',
    checked: 8,
    repaired: 1,
    failed: 0,
    dumps: 1,
    messages: 1,
    durationMs: 1.25,
    lagMs: 21,
  },
  drift: {
    ...moment,
    ...on,
    type: 'drift',
    trigger: 'link',
    differences: [{ attribute: 'vlan', wanted: { id: 100 }, found: { id: 7 } }],
    recreated: false,
  },
  repaired: {
    ...moment,
    ...on,
    type: 'repaired',
    trigger: 'link',
    attributes: ['vlan'],
    recreated: false,
    lagMs: 3,
  },
  'repair-failed': {
    ...moment,
    ...on,
    type: 'repair-failed',
    code: 'EBUSY',
    message: 'the driver is busy\nwith a reset',
    attempt: 2,
    retryInMs: 2000,
  },
  lost: { ...moment, ...on, type: 'lost', message: 'the PF has 2 VFs' },
  found: { ...moment, ...on, type: 'found' },
  'guest-mac': {
    ...moment,
    ...on,
    type: 'guest-mac',
    wanted: '02:00:00:00:00:01',
    found: '02:00:00:00:00:02',
  },
  'left-over': { ...moment, ...on, vf: null, type: 'left-over', released: true, message: '' },
  work: {
    ...moment,
    type: 'work',
    journal: 'j1',
    kind: 'bind',
    outcome: 'undone',
    ports: ['p1', 'p2'],
    message: 'its process is gone',
  },
  port: {
    ...moment,
    type: 'port',
    port: 'p1',
    binding: { vifType: 'hw_veb', status: 'ACTIVE', portStatus: 'ACTIVE', place: '0000:03:00.0/3' },
  },
  'bind-retried': {
    ...moment,
    type: 'bind-retried',
    port: 'p1',
    bound: false,
    place: null,
    reasons: ['pf0/1 is taken'],
  },
  pf: { ...moment, type: 'pf', pf: '0000:03:00.0', state: 'down', netDevice: 'enp3s0f0' },
  overrun: { ...moment, type: 'overrun', source: 'links' },
  trouble: {
    ...moment,
    type: 'trouble',
    part: 'store',
    pf: null,
    code: 'ENOSPC',
    message: 'no space left',
    attempt: 1,
    retryInMs: null,
  },
  'trouble-over': { ...moment, type: 'trouble-over', part: 'pf', pf: '0000:03:00.0' },
  started: { ...moment, type: 'started', message: '' },
  ready: { ...moment, type: 'ready', message: '2 PFs, 8 ports' },
  reloaded: { ...moment, type: 'reloaded', message: '' },
  stopping: { ...moment, type: 'stopping', message: '' },
  stopped: { ...moment, type: 'stopped', message: '' },
};

export const EVENTS: readonly AgentEvent[] = Object.values(SAMPLES);
