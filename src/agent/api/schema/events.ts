/**
 * The agent's events as they go over the wire.
 *
 * Owns the schemas; the types are src/agent/events.ts', and the compiler compares the two.
 */
import { z } from 'zod';
import { VF_ATTRIBUTES } from '../../../vf/config.ts';
import type { AgentEvent, AgentEventBody, Difference } from '../../events.ts';
import type { GapEvent } from '../gap.ts';

export const trigger: z.ZodType<AgentTrigger> = z.enum([
  'start',
  'link',
  'uevent',
  'store',
  'poll',
  'retry',
  'overrun',
  'request',
  'reload',
]);
type AgentTrigger = Extract<AgentEventBody, { readonly type: 'reconciled' }>['trigger'];

const attribute = z.enum(VF_ATTRIBUTES);

export const difference: z.ZodType<Difference> = z.object({
  attribute,
  wanted: z.unknown(),
  found: z.exactOptional(z.unknown()),
});

const count = z.int().min(0);
const ms = z.number().min(0);
const moment = { seq: z.int().min(1), at: z.iso.datetime() };
const onVf = { ...moment, port: z.string(), place: z.string(), pf: z.string(), vf: count.nullable() };

const reconciled = z.object({
  type: z.literal('reconciled'),
  ...moment,
  pf: z.string(),
  trigger,
  checked: count,
  repaired: count,
  failed: count,
  dumps: count,
  messages: count,
  durationMs: ms,
  lagMs: ms.nullable(),
});

const drift = z.object({
  type: z.literal('drift'),
  ...onVf,
  trigger,
  differences: z.array(difference),
  recreated: z.boolean(),
});

const repaired = z.object({
  type: z.literal('repaired'),
  ...onVf,
  trigger,
  attributes: z.array(attribute),
  recreated: z.boolean(),
  lagMs: ms.nullable(),
});

const repairFailed = z.object({
  type: z.literal('repair-failed'),
  ...onVf,
  code: z.string(),
  message: z.string(),
  attempt: z.int().min(1),
  retryInMs: ms,
});

const work = z.object({
  type: z.literal('work'),
  ...moment,
  journal: z.string(),
  kind: z.enum(['bind', 'release', 'activate', 'repair']),
  outcome: z.enum(['finished', 'undone', 'kept']),
  ports: z.array(z.string()),
  message: z.string(),
});

const port = z.object({
  type: z.literal('port'),
  ...moment,
  port: z.string(),
  binding: z
    .object({
      vifType: z.string(),
      status: z.string(),
      portStatus: z.string(),
      place: z.string().nullable(),
    })
    .nullable(),
});

const bindRetried = z.object({
  type: z.literal('bind-retried'),
  ...moment,
  port: z.string(),
  bound: z.boolean(),
  place: z.string().nullable(),
  reasons: z.array(z.string()),
});

const part = z.enum(['store', 'links', 'uevents', 'pf', 'api', 'metrics']);

const trouble = z.object({
  type: z.literal('trouble'),
  ...moment,
  part,
  pf: z.string().nullable(),
  code: z.string(),
  message: z.string(),
  attempt: count,
  retryInMs: ms.nullable(),
});

const stage = <T extends string>(type: T) =>
  z.object({ type: z.literal(type), ...moment, message: z.string() });

export const agentEvent: z.ZodType<AgentEvent> = z.discriminatedUnion('type', [
  reconciled,
  drift,
  repaired,
  repairFailed,
  z.object({ type: z.literal('lost'), ...onVf, message: z.string() }),
  z.object({ type: z.literal('found'), ...onVf }),
  z.object({ type: z.literal('guest-mac'), ...onVf, wanted: z.string(), found: z.string() }),
  z.object({ type: z.literal('left-over'), ...onVf, released: z.boolean(), message: z.string() }),
  work,
  port,
  bindRetried,
  z.object({
    type: z.literal('pf'),
    ...moment,
    pf: z.string(),
    state: z.enum(['up', 'down', 'absent']),
    netDevice: z.string().nullable(),
  }),
  z.object({ type: z.literal('overrun'), ...moment, source: z.enum(['links', 'uevents']) }),
  trouble,
  z.object({ type: z.literal('trouble-over'), ...moment, part, pf: z.string().nullable() }),
  stage('started'),
  stage('ready'),
  stage('reloaded'),
  stage('stopping'),
  stage('stopped'),
]);

/** Every type that a client may ask for; the record makes one that is missing a compile error. */
const TYPES: Readonly<Record<AgentEventBody['type'], true>> = {
  reconciled: true,
  drift: true,
  repaired: true,
  'repair-failed': true,
  lost: true,
  found: true,
  'guest-mac': true,
  'left-over': true,
  work: true,
  port: true,
  'bind-retried': true,
  pf: true,
  overrun: true,
  trouble: true,
  'trouble-over': true,
  started: true,
  ready: true,
  reloaded: true,
  stopping: true,
  stopped: true,
};
export const EVENT_TYPES = Object.keys(TYPES) as readonly AgentEventBody['type'][];

export const gapEvent: z.ZodType<GapEvent> = z.object({
  type: z.literal('gap'),
  reason: z.enum(['not-kept', 'restarted']),
  from: z.int().min(1),
  to: count,
});
