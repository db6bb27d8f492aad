/**
 * The binding of a port as a resource of its own, from and to the API's form.
 *
 * Owns that form (neutron-lib, api/definitions/portbindings_extended.py). The same attributes on the port itself
 * are read in `flat.ts`.
 */
import { z } from 'zod';
import { check } from './contract/check.ts';
import { word } from './contract/leaf.ts';
import type { PortBinding } from './port.ts';
import { profileSchema } from './profile.ts';
import { detailFaults, type VifBinding, type VifDetails, vifDetailsSchema } from './vif-details.ts';
import { VIF_TYPES, type VifType } from './vif-type.ts';
import { parseVnicType, VNIC_TYPES } from './vnic-type.ts';

/** A binding whose `vif_details` are told apart by its `vif_type`. */
export type TypedPortBinding = PortBinding & VifBinding;

/** Today's words and `virtio`, which {@link parseVnicType} makes `normal`. */
export const vnicWord: z.ZodType<string, string> = z.enum([...VNIC_TYPES, 'virtio']);

const resource = z.looseObject({
  host: word,
  vnic_type: vnicWord.nullish(),
  profile: profileSchema.nullish(),
  vif_type: z.enum(VIF_TYPES).nullish(),
  vif_details: vifDetailsSchema.nullish(),
  status: z.enum(['ACTIVE', 'INACTIVE']).nullish(),
});

export const portBindingSchema: z.ZodType<PortBinding> = resource
  .superRefine((given, context) => {
    refuseDetails('vif_details', given.vif_type, given.vif_details, context);
  })
  .transform((given): PortBinding => ({
    ...given,
    vnic_type: parseVnicType(given.vnic_type),
    profile: given.profile ?? {},
    vif_type: given.vif_type ?? 'unbound',
    vif_details: given.vif_details ?? {},
    status: given.status ?? 'ACTIVE',
  }));

/** Adds what is wrong with the details for the type; `name` is the key that holds the details. */
export function refuseDetails(
  name: string,
  type: VifType | null | undefined,
  details: VifDetails | null | undefined,
  context: z.RefinementCtx,
): void {
  for (const { key, message } of detailFaults(type ?? 'unbound', details ?? {})) {
    context.addIssue({ code: 'custom', path: key === null ? [name] : [name, key], message });
  }
}

/**
 * Reads a binding. `host` is required; without the others it is an unbound, active binding of vnic type `normal`.
 * Unknown keys (`project_id`) are kept.
 *
 * @throws ContractError - lists every value that is wrong, and details that don't go with the vif type
 */
export function parsePortBinding(value: unknown): TypedPortBinding {
  return check(portBindingSchema, value, 'binding') as TypedPortBinding;
}

/** Keys of a binding in the store that no API knows. */
const OURS: readonly string[] = ['place', 'added_keys', 'failures'];

/** The resource as the API has it: without what only this package keeps of a binding. */
export function formatPortBinding(binding: PortBinding): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(binding).filter(([key]) => !OURS.includes(key)));
}
