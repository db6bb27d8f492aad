/**
 * A profile on its way through binding and back.
 *
 * Owns which keys a binding puts in, and that exactly these are taken out again, whatever the port's user had
 * there before. Neutron strips a fixed list instead, which leaves `capabilities` on the port and takes what the
 * user had set.
 */
import { isDeepStrictEqual } from 'node:util';
import type { BindingProfile } from '../profile.ts';
import { BINDING_PROFILE_KEYS } from '../profile-keys.ts';
import type { BindingRecord } from '../record.ts';

/** Of a binding: the profile, and how to get back to what was asked. */
export type FilledProfile = Pick<BindingRecord, 'profile' | 'added_keys' | 'replaced'>;

/**
 * Puts what binding says into what was asked. Other keys of the request stay; a key that names a function and
 * that `bound` has left out goes, to come back when the binding is over. `allocation` and `arq_uuid` are
 * others' (Placement, Cyborg) and stay.
 */
export function fillProfile(asked: BindingProfile, bound: BindingProfile): FilledProfile {
  const profile: Record<string, unknown> = { ...asked, ...bound };
  const added: string[] = [];
  const replaced: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(bound)) {
    if (isDeepStrictEqual(value, asked[key])) continue;
    added.push(key);
    if (Object.hasOwn(asked, key)) replaced[key] = asked[key];
  }
  for (const key of BINDING_PROFILE_KEYS) {
    const isOthers = key === 'allocation' || key === 'arq_uuid';
    if (isOthers || Object.hasOwn(bound, key) || !Object.hasOwn(asked, key)) continue;
    delete profile[key];
    replaced[key] = asked[key];
  }
  return { profile, added_keys: added, ...(Object.keys(replaced).length > 0 && { replaced }) };
}

/** What the port's user asked for: the profile without what binding did to it. */
export function askedProfile({ profile, added_keys: added, replaced }: FilledProfile): BindingProfile {
  const kept = Object.entries(profile).filter(([key]) => !added.includes(key));
  return { ...Object.fromEntries(kept), ...replaced };
}

/** Whether a request asks for what a binding has: as it was asked, or as it is shown now. */
export function isSameProfile(binding: FilledProfile, wanted: BindingProfile): boolean {
  return (
    isDeepStrictEqual(askedProfile(binding), { ...wanted }) ||
    isDeepStrictEqual({ ...binding.profile }, { ...wanted })
  );
}
