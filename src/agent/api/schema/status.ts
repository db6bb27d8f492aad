/**
 * The agent's view as it goes over the wire.
 *
 * Owns the schemas; the types are src/agent/status.ts', and the compiler compares the two.
 */
import { z } from 'zod';
import {
  type AgentCounters,
  type AgentStatus,
  type PfView,
  PORT_STATES,
  type PortState,
  type PortView,
} from '../../status.ts';
import { difference, trigger } from './events.ts';

const count = z.int().min(0);
const ms = z.number().min(0);
const moment = z.iso.datetime();

export const portState: z.ZodType<PortState> = z.enum(PORT_STATES);

export const portView: z.ZodType<PortView> = z.object({
  id: z.string(),
  state: portState,
  place: z.string().nullable(),
  vnicType: z.string(),
  vifType: z.string(),
  bindingStatus: z.string(),
  status: z.string(),
  reason: z.string().nullable(),
  differences: z.array(difference),
  repairs: count,
  lastRepair: moment.nullable(),
  retryInMs: ms.nullable(),
});

export const pfView: z.ZodType<PfView> = z.object({
  pf: z.string(),
  netDevice: z.string().nullable(),
  state: z.enum(['up', 'down', 'absent']),
  numVfs: count.nullable(),
  ports: count,
  lastLook: z.object({ at: moment, trigger, durationMs: ms, repaired: count, failed: count }).nullable(),
  trouble: z.object({ code: z.string(), message: z.string(), retryInMs: ms.nullable() }).nullable(),
});

const counters: z.ZodType<AgentCounters> = z.object({
  looks: count,
  dumps: count,
  messages: count,
  drifts: count,
  repairs: count,
  repairsFailed: count,
  healthyWrites: count,
  guestMacs: count,
  overruns: count,
  workRecovered: count,
  bindsRetried: count,
});

export const agentStatus: z.ZodType<AgentStatus> = z.object({
  host: z.string(),
  version: z.string(),
  pid: z.int(),
  startedAt: moment,
  // A clock that steps back would make it negative, if the agent measured it by that clock.
  uptimeMs: z.number(),
  ready: z.boolean(),
  healthy: z.boolean(),
  reasons: z.array(z.string()),
  seq: count,
  store: z.object({
    path: z.string(),
    state: z.enum(['ok', 'trouble']),
    message: z.string().nullable(),
  }),
  pfs: z.array(pfView),
  ports: z.array(portView),
  counters,
});
