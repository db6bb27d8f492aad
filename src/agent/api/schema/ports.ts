/**
 * Ports, bindings and what became of work on them, as they go over the wire.
 *
 * Owns the schemas of answers. What a port in a body may look like is the contract's (`schemas/port.json`).
 */
import { z } from 'zod';
import { VF_ATTRIBUTES } from '../../../vf/config.ts';
import { portState, portView } from './status.ts';

const count = z.int().min(0);
const ms = z.number().min(0);

const refusal = z.object({
  code: z.string(),
  place: z.string().optional(),
  message: z.string(),
  detail: z.record(z.string(), z.unknown()).optional(),
});

/** Of the binding on one host, with what only this package keeps of it. */
const binding = z.looseObject({
  host: z.string(),
  vnic_type: z.string(),
  profile: z.record(z.string(), z.unknown()),
  vif_type: z.string(),
  vif_details: z.record(z.string(), z.unknown()),
  status: z.enum(['ACTIVE', 'INACTIVE']),
  place: z.object({ pf: z.string(), vf: count.nullable() }).nullable(),
  added_keys: z.array(z.string()),
  replaced: z.record(z.string(), z.unknown()).optional(),
  failures: z.array(z.object({ at: z.string(), refusals: z.array(refusal) })),
});

export const portRecord: z.ZodType = z.object({
  port: z.looseObject({ id: z.string(), mac_address: z.string().optional() }),
  network: z.looseObject({ network_type: z.string() }),
  status: z.enum(['DOWN', 'BUILD', 'ACTIVE', 'ERROR', 'N/A']),
  bindings: z.array(binding),
  own_mac: z.string().nullable().optional(),
});

/** Settings of a VF; those that its driver does not report are absent. */
const settings = {
  vf: count,
  mac: z.string().nullable().optional(),
  vlan: z
    .object({ id: z.int(), qos: z.int().optional(), proto: z.string().optional() })
    .nullable()
    .optional(),
  rate: z.object({ min: z.int().optional(), max: z.int().optional() }).nullable().optional(),
  spoofCheck: z.boolean().nullable().optional(),
  trust: z.boolean().nullable().optional(),
  linkState: z.enum(['auto', 'enable', 'disable']).nullable().optional(),
  rssQuery: z.boolean().nullable().optional(),
  nodeGuid: z.string().nullable().optional(),
  portGuid: z.string().nullable().optional(),
};
const vfConfig = z.object(settings);

export const vfOfPort: z.ZodType = z.object({
  ...settings,
  /** Whose it is; null = no port of this host's. */
  port: z.string().nullable(),
  state: portState.nullable(),
});

export const onePort: z.ZodType = z.object({
  record: portRecord,
  /** As in the status; null = the agent has nothing to do with it: it is bound on other hosts. */
  view: portView.nullable(),
});

export const portOutcome: z.ZodType = z.object({
  id: z.string(),
  bound: z.boolean(),
  place: z.string().nullable(),
  status: z.string(),
  binding: binding.nullable(),
  refusals: z.array(refusal),
  changes: vfConfig.nullable(),
});

export const bindReport: z.ZodType = z.object({
  ports: z.array(portOutcome),
  messages: count,
  durationMs: ms,
});

const failure = z.object({
  vf: count,
  attribute: z.enum(VF_ATTRIBUTES),
  errno: z.int(),
  code: z.string(),
  message: z.string(),
  extendedAck: z.string().optional(),
});

const notRestored = z.object({
  port: z.string(),
  place: z.string(),
  message: z.string(),
  failures: z.array(failure),
});

export const releaseReport: z.ZodType = z.object({
  released: z.array(z.string()),
  records: z.array(portRecord),
  unknown: z.array(z.string()),
  notRestored: z.array(notRestored),
  messages: count,
  durationMs: ms,
});

export const planReport: z.ZodType = z.object({
  bind: z.array(portOutcome),
  restore: z.array(z.object({ port: z.string(), place: z.string(), changes: vfConfig })),
  lost: z.array(notRestored),
  work: z.array(
    z.object({
      journal: z.string(),
      kind: z.enum(['bind', 'release', 'activate', 'repair']),
      outcome: z.enum(['finished', 'undone', 'kept']),
      ports: z.array(z.string()),
      message: z.string(),
    }),
  ),
});
