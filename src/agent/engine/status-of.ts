/**
 * The agent's view, put together from what its parts know. Asks neither the kernel nor the store.
 */
import { bindingOn } from '../../binding/life/binding.ts';
import { formatPlace } from '../../binding/place.ts';
import type { BindingRecord, PortRecord } from '../../binding/record.ts';
import { pfDirectory } from '../../port/generation.ts';
import { readNumber } from '../../host/sysfs.ts';
import type { AgentStatus, PfView, PortState, PortView } from '../status.ts';
import type { ClaimIndex } from './claim-index.ts';
import type { Held } from './held.ts';
import type { PfTable } from './pf-table.ts';
import type { Recorder } from './recorder.ts';
import type { OpenTrouble, Troubles } from './troubles.ts';
import type { VfStates } from './vf-states.ts';

export interface StatusParts {
  readonly host: string;
  readonly version: string;
  readonly startedAt: Date;
  readonly uptimeMs: number;
  readonly ready: boolean;
  readonly store: string;
  readonly recorder: Recorder;
  readonly troubles: Troubles;
  readonly index: ClaimIndex;
  readonly states: VfStates;
  readonly held: Held;
  readonly pfs: PfTable;
}

export function statusOf(parts: StatusParts): AgentStatus {
  const { host, version, startedAt, uptimeMs, ready, store, recorder, troubles, index } = parts;
  const reasons = ready ? [] : ['it has not looked at everything once yet'];
  for (const { part, pf, message } of troubles.all) reasons.push(`${pf ?? part}: ${message}`);
  const trouble = troubles.get('store');
  return {
    host,
    version,
    pid: process.pid,
    startedAt: startedAt.toISOString(),
    uptimeMs,
    ready,
    healthy: reasons.length === 0,
    reasons,
    seq: recorder.seq,
    store: {
      path: store,
      state: trouble === undefined ? 'ok' : 'trouble',
      message: trouble?.message ?? null,
    },
    pfs: [...new Set([...index.pfs, ...parts.pfs.pfs])].sort().map((pf) => pfView(parts, pf)),
    ports: [...index.ports.values()].map((record) => portView(parts, record)),
    counters: recorder.counters,
  };
}

function pfView({ pfs, index, troubles }: StatusParts, pf: string): PfView {
  const directory = pfDirectory(pf);
  const trouble = troubles.get('pf', pf);
  return {
    pf,
    ...pfs.get(pf),
    numVfs: directory === undefined ? null : (readNumber(`${directory}/sriov_numvfs`) ?? null),
    ports: index.claimsOf(pf).length,
    trouble:
      trouble === undefined
        ? null
        : { code: trouble.code, message: trouble.message, retryInMs: retryInMs(trouble) },
  };
}

function retryInMs({ until }: OpenTrouble): number | null {
  return until === null ? null : Math.max(0, until - performance.now());
}

function portView(parts: StatusParts, record: PortRecord): PortView {
  const { host, states, held } = parts;
  const binding = bindingOn(record, host) as BindingRecord;
  const place = binding.place === null ? null : formatPlace(binding.place);
  const view = place === null ? undefined : states.get(place);
  const hold = place === null ? undefined : held.get(place);
  const { state, reason } = stateOf(parts, binding, place);
  return {
    id: record.port.id,
    state,
    place,
    vnicType: binding.vnic_type,
    vifType: binding.vif_type,
    bindingStatus: binding.status,
    status: record.status,
    reason,
    differences: state === 'held' ? (hold?.differences ?? []) : [],
    repairs: view?.repairs ?? 0,
    lastRepair: view?.lastRepair ?? null,
    retryInMs: state === 'held' && hold !== undefined ? Math.max(0, hold.until - performance.now()) : null,
  };
}

function stateOf(
  { index, states, held }: StatusParts,
  { vif_type: vifType, failures }: BindingRecord,
  place: string | null,
): { readonly state: PortState; readonly reason: string | null } {
  if (vifType === 'binding_failed') {
    const last = failures.at(-1)?.refusals ?? [];
    const reason = [...new Set(last.map(({ message }) => message))].slice(0, 3).join('; ');
    return { state: 'failed', reason: reason || 'it could not be bound' };
  }
  if (place === null) return { state: 'unbound', reason: null };
  const claim = index.claim(place);
  if (claim === undefined) return { state: 'waiting', reason: `nothing holds ${place} for it yet` };
  if (claim.phase === 'reserved') return { state: 'reserved', reason: 'another host has the active binding' };
  if (claim.phase !== 'bound')
    return { state: 'waiting', reason: `work on ${place} is under way: ${claim.phase}` };
  const hold = held.get(place);
  if (hold !== undefined) return { state: 'held', reason: hold.message };
  if (claim.place.vf === null) return { state: 'ok', reason: null };
  const view = states.get(place);
  if (view === undefined) return { state: 'waiting', reason: 'not looked at yet' };
  return { state: view.state, reason: view.reason };
}
