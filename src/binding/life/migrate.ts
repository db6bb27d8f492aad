/**
 * Several bindings of one port, for live migration: bound on the target before it moves, activated when it has.
 *
 * Owns how bindings come, go and swap (Neutron, plugins/ml2/plugin.py, `binding-extended`). At most one is active
 * in every record that comes out of here. Pure, as `binding.ts` says.
 */
import type { PortRequest } from '../port.ts';
import type { BindingRecord, PortRecord } from '../record.ts';
import { LifeError } from './errors.ts';
import { settleMac } from './mac.ts';
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

/** Owners whose ports move between hosts while in use: instances, and shares of Manila. */
const OWNERS = ['compute:', 'manila:'];

/** What a further binding asks for. */
export interface BindingRequest extends Pick<PortRequest, 'vnic_type' | 'profile'> {
  readonly host: string;
}

/**
 * A further binding: unbound, and inactive, so that it can be bound on its host while the active one is in use.
 * The port's status stays. A port without any active binding gets it as the active one.
 *
 * @throws LifeError - `SRIOV_BINDING_EXISTS`; `SRIOV_NOT_COMPUTE`: `device_owner` is neither `compute:…` nor Manila's
 */
export function addBinding(record: PortRecord, { host, vnic_type, profile }: BindingRequest): PortRecord {
  const { id, device_owner: owner } = record.port;
  if (!OWNERS.some((prefix) => owner.startsWith(prefix))) {
    const why = `port ${id} belongs to ${JSON.stringify(owner)}; only ports of instances (compute:…) and of Manila's shares have bindings on several hosts`;
    throw new LifeError('SRIOV_NOT_COMPUTE', 400, why);
  }
  if (bindingOn(record, host) !== undefined) {
    throw new LifeError('SRIOV_BINDING_EXISTS', 409, `port ${id} has a binding on host ${host} already`);
  }
  const status: BindingRecord['status'] = activeBinding(record) === undefined ? 'ACTIVE' : 'INACTIVE';
  const binding = newBinding({ host, vnic_type, profile }, status);
  return { ...record, bindings: [...record.bindings, binding] };
}

/**
 * The record without its binding on `host`. When that was the active one the port is `DOWN` and has its own MAC
 * again; another has to be activated.
 *
 * @throws LifeError - `SRIOV_NO_BINDING`
 */
export function unbindOn(record: PortRecord, host: string): PortRecord {
  const binding = requireBinding(record, host);
  const next = { ...record, bindings: record.bindings.filter((other) => other !== binding) };
  return binding.status === 'ACTIVE' ? settleMac(withStatus(next, 'DOWN')) : next;
}

/**
 * Makes the binding on `host` the active one. The one that was so becomes inactive and unbound, the port is `DOWN`
 * until it is set up on its new host, and has the MAC of a PF that it has there.
 *
 * @throws LifeError - `SRIOV_NO_BINDING`; `SRIOV_BINDING_ACTIVE`; `SRIOV_NOT_BOUND`: it is unbound or has failed
 */
export function activateBinding(record: PortRecord, host: string): PortRecord {
  const target = requireBinding(record, host);
  const refuse = (code: string, why: string): LifeError =>
    new LifeError(code, 409, `the binding of port ${record.port.id} on host ${host} ${why}`);
  if (target.status === 'ACTIVE') throw refuse('SRIOV_BINDING_ACTIVE', 'is active already');
  if (!isBound(target)) throw refuse('SRIOV_NOT_BOUND', `is ${target.vif_type}; bind it first`);
  const bindings = record.bindings.map((binding): BindingRecord => {
    if (binding === target) return { ...target, status: 'ACTIVE' };
    return binding.status === 'ACTIVE' ? { ...unbound(binding), status: 'INACTIVE' } : binding;
  });
  return settleMac(withStatus({ ...record, bindings }, 'DOWN'));
}

/**
 * Moves the active binding to another host, as writing `binding:host_id` does (cold migration): it is unbound and
 * has to be bound there. The same host again changes nothing.
 *
 * @param host empty = no host
 * @throws LifeError - `SRIOV_NO_BINDING`: none is active; `SRIOV_BINDING_EXISTS`: there is an inactive one on that
 *   host, which is to be activated instead
 */
export function changeHost(record: PortRecord, host: string): PortRecord {
  const active = activeBinding(record);
  const { id } = record.port;
  if (active === undefined) throw new LifeError('SRIOV_NO_BINDING', 404, `port ${id} has no active binding`);
  if (active.host === host) return record;
  if (bindingOn(record, host) !== undefined) {
    throw new LifeError(
      'SRIOV_BINDING_EXISTS',
      409,
      `port ${id} has an inactive binding on host ${host}; activate it`,
    );
  }
  // What was tried elsewhere says nothing of the new host.
  const moved = { ...unbound(active), host, failures: [] };
  return settleMac(withStatus(replaceBinding(record, active.host, moved), 'DOWN'));
}
