/**
 * Where a binding is in its life, and the small steps that all others are made of.
 *
 * Owns the meaning of unbound, failed and bound. Internal to the life of a binding.
 */
import type { VifType } from '../vif-type.ts';
import type { BindingRecord, PortRecord } from '../record.ts';
import { LifeError } from './errors.ts';
import { askedProfile } from './profile.ts';

export function bindingOn(record: PortRecord, host: string): BindingRecord | undefined {
  return record.bindings.find((binding) => binding.host === host);
}

export function activeBinding(record: PortRecord): BindingRecord | undefined {
  return record.bindings.find(({ status }) => status === 'ACTIVE');
}

/** Any vif type but Neutron's "unplugged" two. */
export function isBound({ vif_type: type }: { readonly vif_type: VifType }): boolean {
  return type !== 'unbound' && type !== 'binding_failed';
}

/** @throws LifeError - `SRIOV_NO_BINDING` */
export function requireBinding(record: PortRecord, host: string): BindingRecord {
  const binding = bindingOn(record, host);
  if (binding !== undefined) return binding;
  throw new LifeError('SRIOV_NO_BINDING', 404, `port ${record.port.id} has no binding on host ${host}`);
}

export function replaceBinding(record: PortRecord, host: string, next: BindingRecord): PortRecord {
  return { ...record, bindings: record.bindings.map((old) => (old.host === host ? next : old)) };
}

/** A binding that nobody has seen to yet. */
export function newBinding(
  { host, vnic_type, profile }: Pick<BindingRecord, 'host' | 'vnic_type' | 'profile'>,
  status: BindingRecord['status'],
): BindingRecord {
  const base = { host, vnic_type, profile, status };
  return { ...base, vif_type: 'unbound', vif_details: {}, place: null, added_keys: [], failures: [] };
}

/** The same binding without a function; why earlier tries failed is kept. */
export function unbound(binding: BindingRecord): BindingRecord {
  const { replaced: _, ...rest } = binding;
  const profile = askedProfile(binding);
  return { ...rest, profile, added_keys: [], vif_type: 'unbound', vif_details: {}, place: null };
}
