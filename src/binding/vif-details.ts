/**
 * `binding:vif_details`: what a port has got, for those that plug it.
 *
 * Owns the keys and their values, and which of them a vif type can't do without. Keys of others are kept.
 */
import { z } from 'zod';
import { check, checkSize, dropNulls } from './contract/check.ts';
import { booleanLike, mac, vlanWord, word } from './contract/leaf.ts';
import type { UNPLUGGED_VIF_TYPES, VifType } from './vif-type.ts';

/** Keys in use by Neutron's drivers and read by Nova (network/model.py); others are kept. Absent = not given. */
export interface VifDetails {
  /** Whether the driver filters for security groups; never on a VF. */
  readonly port_filter?: boolean;
  readonly ovs_hybrid_plug?: boolean;
  readonly ovs_create_tap?: boolean;
  readonly connectivity?: 'l2' | 'l3' | 'legacy';
  /** VLAN id as text; `"0"` on a flat network. */
  readonly vlan?: string;
  /** Port profile of the switch (802.1Qbh). */
  readonly profileid?: string;
  readonly physical_network?: string;
  /** Of a tap device; lower case with colons. */
  readonly mac_address?: string;
  readonly macvtap_source?: string;
  readonly macvtap_mode?: string;
  readonly physical_interface?: string;
  readonly bridge_name?: string;
  readonly datapath_type?: string;
  readonly vhostuser_mode?: string;
  readonly vhostuser_socket?: string;
  readonly vhostuser_ovs_plug?: boolean;
  readonly vhostuser_fp_plug?: boolean;
  readonly vhostuser_vrouter_plug?: boolean;
  /** Driver of each level (`{"0": "sriovnicswitch"}`); Neutron adds it on read. */
  readonly bound_drivers?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

/** Keys without which a port of that type can't be plugged. */
export const NEEDED_DETAILS = {
  hw_veb: ['vlan'],
  '802.1qbh': ['profileid'],
  macvtap: ['macvtap_source', 'macvtap_mode', 'physical_interface'],
} as const;

type Needed = typeof NEEDED_DETAILS;
type Unplugged = (typeof UNPLUGGED_VIF_TYPES)[number];
type WithNeeded<K extends keyof Needed> = VifDetails & { readonly [P in Needed[K][number]]: string };

/** A vif type with the details that go with it; told apart by `vif_type`. */
export type VifBinding =
  | {
      readonly [K in keyof Needed]: { readonly vif_type: K; readonly vif_details: WithNeeded<K> };
    }[keyof Needed]
  | { readonly vif_type: Unplugged; readonly vif_details: Readonly<Record<string, never>> }
  | {
      readonly vif_type: Exclude<VifType, keyof Needed | Unplugged>;
      readonly vif_details: VifDetails;
    };

const details = z.looseObject({
  port_filter: booleanLike.nullish(),
  ovs_hybrid_plug: booleanLike.nullish(),
  ovs_create_tap: booleanLike.nullish(),
  connectivity: z.enum(['l2', 'l3', 'legacy']).nullish(),
  vlan: vlanWord.nullish(),
  profileid: word.nullish(),
  physical_network: word.nullish(),
  mac_address: mac.nullish(),
  macvtap_source: word.nullish(),
  macvtap_mode: word.nullish(),
  physical_interface: word.nullish(),
  bridge_name: word.nullish(),
  datapath_type: word.nullish(),
  vhostuser_mode: word.nullish(),
  vhostuser_socket: word.nullish(),
  vhostuser_ovs_plug: booleanLike.nullish(),
  vhostuser_fp_plug: booleanLike.nullish(),
  vhostuser_vrouter_plug: booleanLike.nullish(),
  bound_drivers: z.record(z.string(), z.string()).nullish(),
});

/** Every key that is checked. */
export const VIF_DETAILS_KEYS: readonly string[] = Object.keys(details.shape);

export const vifDetailsSchema: z.ZodType<VifDetails> = details
  .superRefine(checkSize('binding:vif_details'))
  .transform((value): VifDetails => dropNulls(value, VIF_DETAILS_KEYS));

const whole = z.object({ 'binding:vif_details': vifDetailsSchema.nullish() });

/**
 * Reads details of any vif type. Absent and null are `{}`; a known key that is null is not given.
 *
 * @throws ContractError - no object, more than 4095 characters of JSON, or a known key whose value is not of its
 *   kind; lists all of them
 */
export function parseVifDetails(value: unknown): VifDetails {
  const key = 'binding:vif_details';
  return check(whole, { [key]: value }, key)[key] ?? {};
}

/** Why these details can't go with that type; empty = they can. */
export function detailFaults(
  type: VifType,
  given: VifDetails,
): readonly { readonly key: string | null; readonly message: string }[] {
  if (type === 'unbound' || type === 'binding_failed') {
    const keys = Object.keys(given);
    if (keys.length === 0) return [];
    return [{ key: null, message: `must be empty on a port that is ${type}, and has ${keys.join(', ')}` }];
  }
  const needed: readonly string[] = type in NEEDED_DETAILS ? NEEDED_DETAILS[type as keyof Needed] : [];
  return needed
    .filter((key) => given[key] === undefined)
    .map((key) => ({ key, message: `is missing, and vif_type ${type} needs it` }));
}
