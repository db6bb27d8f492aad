/**
 * A port with its binding in one flat object, as Neutron's API has it, from and to the typed form.
 *
 * Owns the attributes and their defaults (neutron-lib, api/definitions/portbindings.py and port.py). What is
 * known is checked, what is not is kept, so that reading what was written gives the same again.
 */
import { z } from 'zod';
import { check, dropNulls } from './contract/check.ts';
import { booleanLike, mac, word } from './contract/leaf.ts';
import { refuseDetails, type TypedPortBinding, vnicWord } from './port-binding.ts';
import type { Port, PortBinding, PortStatus } from './port.ts';
import { type BindingProfile, profileSchema } from './profile.ts';
import { vifDetailsSchema } from './vif-details.ts';
import { VIF_TYPES } from './vif-type.ts';
import { parseVnicType } from './vnic-type.ts';

/** A port and the binding that its flat attributes describe. */
export interface ParsedPort {
  readonly port: Port;
  readonly status: PortStatus;
  /** `host` is `''` while nobody said which; the one binding of a flat port is always `ACTIVE`. */
  readonly binding: TypedPortBinding;
}

const direction = z.enum(['egress', 'ingress']).nullish();
/** Neutron's limit (neutron-lib, db/constants.py, DB_INTEGER_MAX_VALUE). */
const kbps = z.int().min(0).max(0x7fffffff);

const ruleFault = (type: unknown): string =>
  `${type === undefined ? 'is missing' : `${JSON.stringify(type)} can't be had on a VF`}; known are bandwidth_limit, minimum_bandwidth`;

const qosRule = z
  .discriminatedUnion(
    'type',
    [
      z.looseObject({ type: z.literal('bandwidth_limit'), max_kbps: kbps, direction }),
      z.looseObject({ type: z.literal('minimum_bandwidth'), min_kbps: kbps, direction }),
    ],
    {
      error: ({ code, input }) => (code === 'invalid_union' ? ruleFault(Object(input).type) : undefined),
    },
  )
  .transform((rule) => ({ ...rule, direction: rule.direction ?? ('egress' as const) }));

const flat = z.looseObject({
  id: word,
  name: z.string().nullish(),
  mac_address: mac.nullish(),
  admin_state_up: booleanLike.nullish(),
  port_security_enabled: booleanLike.nullish(),
  propagate_uplink_status: booleanLike.nullish(),
  numa_affinity_policy: z.enum(['required', 'preferred', 'legacy', 'socket']).nullish(),
  device_owner: z.string().nullish(),
  device_id: z.string().nullish(),
  qos_rules: z.array(qosRule).nullish(),
  trusted: booleanLike.nullish(),
  hardware_offload_type: word.nullish(),
  status: z.enum(['DOWN', 'BUILD', 'ACTIVE', 'ERROR', 'N/A']).nullish(),
  'binding:vnic_type': vnicWord.nullish(),
  'binding:host_id': z.string().nullish(),
  'binding:profile': profileSchema.nullish(),
  'binding:vif_type': z.enum(VIF_TYPES).nullish(),
  'binding:vif_details': vifDetailsSchema.nullish(),
});

type Flat = z.infer<typeof flat>;

export const flatPortSchema: z.ZodType<ParsedPort> = flat
  .superRefine((given, context) => {
    refuseDetails('binding:vif_details', given['binding:vif_type'], given['binding:vif_details'], context);
  })
  .transform(split);

function split(given: Flat): ParsedPort {
  const {
    status,
    'binding:vnic_type': vnicType,
    'binding:host_id': host,
    'binding:profile': profile,
    'binding:vif_type': vifType,
    'binding:vif_details': details,
    ...rest
  } = given;
  const port = dropNulls(rest, Object.keys(flat.shape));
  // Neutron's port-trusted-vif shows the attribute in the profile, where the host side looks for it.
  const trust = port.trusted === undefined ? {} : { trusted: port.trusted };
  const offload = port.hardware_offload_type === 'switchdev' ? withSwitchdev(profile?.capabilities) : {};
  const binding: PortBinding = {
    host: host ?? '',
    vnic_type: parseVnicType(vnicType),
    profile: { ...profile, ...trust, ...offload },
    vif_type: vifType ?? 'unbound',
    vif_details: details ?? {},
    status: 'ACTIVE',
  };
  return {
    port: {
      ...port,
      admin_state_up: port.admin_state_up ?? true,
      port_security_enabled: port.port_security_enabled ?? true,
      propagate_uplink_status: port.propagate_uplink_status ?? true,
      numa_affinity_policy: port.numa_affinity_policy ?? null,
      device_owner: port.device_owner ?? '',
      device_id: port.device_id ?? '',
      qos_rules: port.qos_rules ?? [],
    },
    status: status ?? 'DOWN',
    binding: binding as TypedPortBinding,
  };
}

/** As Neutron does when such a port is created; without it a VF would be bound that offloads nothing. */
function withSwitchdev(given: readonly string[] = []): Pick<BindingProfile, 'capabilities'> {
  return { capabilities: given.includes('switchdev') ? given : [...given, 'switchdev'] };
}

/**
 * Reads a port as Neutron shows or takes it. Only `id` is required; a known attribute that is null counts as
 * absent. A `trusted` of the port itself wins over that of the profile, and `hardware_offload_type` `switchdev`
 * adds that capability to it, as in Neutron.
 *
 * @throws ContractError - lists every value that is wrong, with its path (`binding:profile.pci_slot`)
 */
export function parsePort(value: unknown): ParsedPort {
  return check(flatPortSchema, value, 'port');
}

/**
 * A port with one of its bindings in the flat form. Without a binding it is shown as Neutron shows an unbound
 * port: host `''`, profile and details `{}`.
 */
export function formatFlatPort(
  { port, status }: { readonly port: Port; readonly status: PortStatus },
  binding: PortBinding | null,
): Readonly<Record<string, unknown>> {
  return {
    ...port,
    status,
    'binding:vnic_type': binding?.vnic_type ?? 'normal',
    'binding:host_id': binding?.host ?? '',
    'binding:profile': { ...binding?.profile },
    'binding:vif_type': binding?.vif_type ?? 'unbound',
    'binding:vif_details': { ...binding?.vif_details },
  };
}
