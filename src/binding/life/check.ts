/**
 * What must hold of a port's record at any time.
 *
 * Owns the list. It trusts the record's types, not its values; schemas check the former.
 */
import type { BindingRecord, PortRecord } from '../record.ts';
import { FAILURES_KEPT } from './failures.ts';
import { activeBinding, isBound } from './state.ts';

/** What is wrong with a record, in words; empty = nothing. */
export function checkRecord(record: PortRecord): string[] {
  const wrong: string[] = [];
  const hosts = record.bindings.map(({ host }) => host);
  if (new Set(hosts).size < hosts.length) wrong.push('two bindings on one host');
  const active = record.bindings.filter(({ status }) => status === 'ACTIVE');
  if (active.length > 1) wrong.push(`${active.length} active bindings`);
  const runs = record.status === 'ACTIVE' || record.status === 'BUILD';
  const current = activeBinding(record);
  if (runs && (current === undefined || !isBound(current))) wrong.push(`${record.status}, and not bound`);
  if (runs && !record.port.admin_state_up) wrong.push(`${record.status}, and administratively down`);
  if (record.own_mac !== undefined && !hasPf(current))
    wrong.push('has the MAC of a PF that it does not have');
  for (const binding of record.bindings) {
    wrong.push(...checkBinding(binding).map((what) => `binding on ${binding.host || 'no host'}: ${what}`));
  }
  return wrong;
}

function hasPf(binding: BindingRecord | undefined): boolean {
  return binding?.vnic_type === 'direct-physical' && binding.place !== null;
}

function checkBinding(binding: BindingRecord): string[] {
  const { host, vif_type: type, vif_details: details, place, profile, added_keys: added, failures } = binding;
  const wrong: string[] = [];
  if (isBound(binding)) {
    if (host === '') wrong.push('bound without a host');
    if (place === null) wrong.push('bound without a place');
    const missing = added.filter((key) => !Object.hasOwn(profile, key));
    if (missing.length > 0) wrong.push(`keys said to be added are not in the profile: ${missing.join(', ')}`);
  } else {
    if (Object.keys(details).length > 0) wrong.push(`${type} with vif_details`);
    if (place !== null) wrong.push(`${type} with a place`);
    if (added.length > 0 || binding.replaced !== undefined) wrong.push(`${type} with keys of a function`);
  }
  if (type === 'binding_failed' && failures.length === 0) wrong.push('failed without a reason');
  if (new Set(added).size < added.length) wrong.push('added_keys names a key twice');
  if (failures.length > FAILURES_KEPT) wrong.push(`${failures.length} failures kept`);
  return wrong;
}
