/**
 * The life of a port's binding: asked for, bound or failed, changed, given back.
 *
 * Owns the rules of Neutron's ML2 for one binding (plugins/ml2/plugin.py); several are in `migrate.ts`, the port's
 * status is in `status.ts`. All of it is pure: each function takes a record and returns the next one, or the very
 * same object when nothing changes, or throws a {@link LifeError}; none changes what it is given.
 *
 * Two at once: a record has no revision of its own. Read the entry, make the next record, and commit it with a
 * guard on the entry's revision; when the store says that someone was faster, read and make it anew. So a function
 * that was chosen for a host, vnic type or profile that has changed meanwhile is dropped, and of two that activate
 * at once one succeeds and the other is told 409.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Bound } from '../bound.ts';
import type { PortRequest } from '../port.ts';
import type { BindingRecord, PortRecord } from '../record.ts';
import type { Refusal } from '../refusal.ts';
import { formatPlace } from '../place.ts';
import { LifeError } from './errors.ts';
import { oneMore } from './failures.ts';
import { settleMac } from './mac.ts';
import { addBinding } from './migrate.ts';
import { fillProfile, isSameProfile } from './profile.ts';
import {
  activeBinding,
  bindingOn,
  isBound,
  newBinding,
  replaceBinding,
  requireBinding,
  unbound,
} from './state.ts';
import { withStatus } from './status.ts';

export { activateBinding, addBinding, changeHost, unbindOn } from './migrate.ts';
export { activeBinding, bindingOn, isBound } from './state.ts';
export { portBuild, portDown, portError, portUp } from './status.ts';

/**
 * The record that follows from a request to bind a port on a host.
 *
 * - No record yet: one with an unbound, active binding.
 * - A binding on this host: brought up to date. Another vnic type, profile, network or place unbinds it (vif type
 *   `unbound`, details `{}`, port `DOWN`), so that it is bound anew; other settings change nothing of the binding.
 *   The profile may be what was asked or what the bound port shows.
 * - Bindings on other hosts alone: a further, inactive one, see {@link addBinding}.
 *
 * @param host as in `binding:host_id`; empty = none yet
 * @throws LifeError - `SRIOV_PORT_IN_USE`, `SRIOV_PORT_BOUND`, `SRIOV_NUMA_BOUND`: it is bound, on this host or, for
 *   MAC, NUMA policy and network, on any; `SRIOV_NOT_COMPUTE`
 */
export function requestBinding(
  before: PortRecord | undefined,
  request: PortRequest,
  host: string,
): PortRecord {
  if (before === undefined || before.bindings.length === 0) {
    const binding = newBinding({ ...request, host }, 'ACTIVE');
    return { port: request.port, network: request.network, status: 'DOWN', bindings: [binding] };
  }
  const updated = updatePort(before, request);
  const sameNetwork = isDeepStrictEqual(before.network, request.network);
  const elsewhere = before.bindings.find((other) => other.host !== host && isBound(other));
  if (!sameNetwork && elsewhere !== undefined) {
    // A record has one network; that binding's details and VLAN would be another's.
    const why = `port ${before.port.id} is bound on ${elsewhere.host} to another network segment; release it there first`;
    throw new LifeError('SRIOV_PORT_BOUND', 409, why);
  }
  const binding = bindingOn(updated, host);
  if (binding === undefined) return addBinding(updated, { ...request, host });
  if (isBound(binding) && binding.vnic_type !== request.vnic_type) {
    throw new LifeError(
      'SRIOV_PORT_IN_USE',
      409,
      `port ${before.port.id} is bound as ${binding.vnic_type}; release it before asking for ${request.vnic_type}`,
    );
  }
  const moves =
    request.place !== undefined && binding.place !== null && request.place !== formatPlace(binding.place);
  const same = binding.vnic_type === request.vnic_type && isSameProfile(binding, request.profile);
  if (same && !moves && sameNetwork) return updated;
  const next = { ...unbound(binding), vnic_type: request.vnic_type };
  const profile = same ? next.profile : request.profile;
  const record = settleMac(replaceBinding(updated, host, { ...next, profile }));
  return binding.status === 'ACTIVE' ? withStatus(record, 'DOWN') : record;
}

/** The port's own settings; the binding stays as it is. */
function updatePort(before: PortRecord, { port: wanted, network }: PortRequest): PortRecord {
  const bound = before.bindings.some(isBound);
  const own = before.own_mac === undefined ? before.port.mac_address : (before.own_mac ?? undefined);
  const { mac_address: mac } = wanted;
  // Shown as the PF's while it has one; both that and its own are "the same".
  const sameMac = mac === undefined || mac === before.port.mac_address || mac === own;
  if (bound && !sameMac) {
    throw new LifeError(
      'SRIOV_PORT_BOUND',
      409,
      `port ${before.port.id} is bound with MAC ${before.port.mac_address ?? 'of its function'}; release it before changing that to ${mac}`,
    );
  }
  if (bound && wanted.numa_affinity_policy !== before.port.numa_affinity_policy) {
    throw new LifeError(
      'SRIOV_NUMA_BOUND',
      409,
      `port ${before.port.id} is bound with NUMA policy ${before.port.numa_affinity_policy ?? 'none'}; release it before changing that`,
    );
  }
  const address = sameMac ? before.port.mac_address : mac;
  const port = address === undefined ? wanted : { ...wanted, mac_address: address };
  if (isDeepStrictEqual(port, before.port) && isDeepStrictEqual(network, before.network)) return before;
  const record = { ...before, port, network };
  const runs = record.status === 'ACTIVE' || record.status === 'BUILD';
  return runs && !port.admin_state_up ? withStatus(record, 'DOWN') : record;
}

/** Whether binding on `host` is to be tried: there is a binding, the host is named, and it is unbound or failed. */
export function needsBinding(record: PortRecord, host: string): boolean {
  const binding = bindingOn(record, host);
  return host !== '' && binding !== undefined && !isBound(binding);
}

/**
 * Enters the function that was found: details, place, and its profile keys merged into what was asked. If the
 * binding is the active one, the port takes the status that comes with it, and a PF's MAC.
 *
 * @throws LifeError - `SRIOV_NO_BINDING`; `SRIOV_PORT_BOUND`: someone was faster
 */
export function fillBinding(record: PortRecord, host: string, bound: Bound): PortRecord {
  const binding = requireBinding(record, host);
  if (!needsBinding(record, host)) {
    throw new LifeError(
      'SRIOV_PORT_BOUND',
      409,
      `port ${record.port.id} is bound on ${host || 'no host'} already or names no host`,
    );
  }
  const { vif_type, vif_details, place } = bound;
  const filled = { ...binding, ...fillProfile(binding.profile, bound.profile), vif_type, vif_details, place };
  const next = replaceBinding(record, host, filled);
  if (binding.status === 'INACTIVE') return next;
  return settleMac(withStatus(next, record.port.admin_state_up ? bound.status : 'DOWN'));
}

/**
 * Enters that binding on `host` failed, and why: vif type `binding_failed`, nothing left of a function. The last
 * ten attempts are remembered. Neutron says 2xx and nothing more.
 *
 * @param at ISO 8601, UTC
 * @throws LifeError - `SRIOV_NO_BINDING`
 */
export function failBinding(
  record: PortRecord,
  host: string,
  refusals: readonly Refusal[],
  at: string,
): PortRecord {
  const binding = requireBinding(record, host);
  const failures = oneMore(binding, refusals, at);
  const failed: BindingRecord = { ...unbound(binding), vif_type: 'binding_failed', failures };
  const next = settleMac(replaceBinding(record, host, failed));
  return activeBinding(next)?.host === host ? withStatus(next, 'DOWN') : next;
}
