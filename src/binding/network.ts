/**
 * The network of a port, from the API's form.
 *
 * Owns the two spellings: `network_type` as in a segment, `provider:network_type` as in Neutron's network. Whether
 * a VF can carry it is the business of `segment.ts`.
 */
import { z } from 'zod';
import { check } from './contract/check.ts';
import { booleanLike, word } from './contract/leaf.ts';
import type { Network } from './port.ts';

/** Tunnel keys have up to 32 bits (GRE). */
const segmentId = z.int().min(0).max(0xffffffff);

const network = z.looseObject({
  network_type: word.nullish(),
  physical_network: word.nullish(),
  segmentation_id: segmentId.nullish(),
  'provider:network_type': word.nullish(),
  'provider:physical_network': word.nullish(),
  'provider:segmentation_id': segmentId.nullish(),
  qinq: booleanLike.nullish(),
  vlan_qos: z.int().min(0).max(7).nullish(),
});

type Given = z.infer<typeof network>;

const SPELT_TWICE = ['network_type', 'physical_network', 'segmentation_id'] as const;

export const networkSchema: z.ZodType<Network> = network.superRefine(refuseTwofold).transform(toNetwork);

/** Both spellings may be given when they say the same. */
function refuseTwofold(given: Given, context: z.RefinementCtx): void {
  for (const key of SPELT_TWICE) {
    const [short, long] = [given[key] ?? null, given[`provider:${key}`] ?? null];
    if (short === null || long === null || short === long) continue;
    const message = `${JSON.stringify(long)} contradicts ${key} ${JSON.stringify(short)}; give one of them`;
    context.addIssue({ code: 'custom', path: [`provider:${key}`], message });
  }
  if ((given.network_type ?? given['provider:network_type'] ?? null) === null) {
    const message = 'is missing (as is provider:network_type); of a network with several segments give one';
    context.addIssue({ code: 'custom', path: ['network_type'], message });
  }
}

function toNetwork(given: Given): Network {
  const rest: Record<string, unknown> = { ...given };
  for (const key of SPELT_TWICE) delete rest[`provider:${key}`];
  return {
    ...rest,
    network_type: given.network_type ?? given['provider:network_type'] ?? '',
    physical_network: given.physical_network ?? given['provider:physical_network'] ?? null,
    segmentation_id: given.segmentation_id ?? given['provider:segmentation_id'] ?? null,
    qinq: given.qinq ?? false,
    vlan_qos: given.vlan_qos ?? 0,
  };
}

/**
 * Reads a network or one segment of it. Only the type is required; absent and null of the others are none.
 *
 * @throws ContractError - lists every value that is wrong, and spellings that contradict each other
 */
export function parseNetwork(value: unknown): Network {
  return check(networkSchema, value, 'network');
}
