/**
 * What is tried on a VF: every attribute, with the ends of its range.
 *
 * Owns the list. Each value differs from the one before it, so that the driver can't take it for done.
 */
import type { VfAttribute, VfConfig } from '../vf/config.ts';

/** One setting that a driver may accept or not. */
export interface Probe {
  readonly attribute: VfAttribute;
  /** The value in words, as in the report. */
  readonly value: string;
  readonly config: Omit<VfConfig, 'vf'>;
}

/** Locally administered, so that no card has them. */
const FIRST_MAC = '02:5a:00:00:00:01';
const SECOND_MAC = '02:5a:00:00:00:02';
const GUID = '02:5a:00:00:00:00:00:01';

const probe = (attribute: VfAttribute, value: string, setting: unknown): Probe => ({
  attribute,
  value,
  config: { [attribute]: setting },
});

/** In the order in which they are tried; at the end of an attribute's list it is clear again. */
export const PROBES: readonly Probe[] = [
  probe('mac', FIRST_MAC, FIRST_MAC),
  probe('mac', SECOND_MAC, SECOND_MAC),
  probe('mac', 'none', null),
  probe('vlan', '1', { id: 1 }),
  probe('vlan', '4094', { id: 4094 }),
  probe('vlan', '4095', { id: 4095 }),
  probe('vlan', '100 qos 7', { id: 100, qos: 7 }),
  probe('vlan', '0 qos 3', { id: 0, qos: 3 }),
  probe('vlan', '100 proto 802.1ad', { id: 100, proto: '802.1ad' }),
  probe('vlan', 'none', null),
  probe('rate', 'max 100', { min: 0, max: 100 }),
  probe('rate', 'max 1', { min: 0, max: 1 }),
  probe('rate', 'min 10 max 100', { min: 10, max: 100 }),
  probe('rate', 'max 400000', { min: 0, max: 400_000 }),
  probe('rate', 'none', { min: 0, max: 0 }),
  probe('spoofCheck', 'off', false),
  probe('spoofCheck', 'on', true),
  probe('linkState', 'enable', 'enable'),
  probe('linkState', 'disable', 'disable'),
  probe('linkState', 'auto', 'auto'),
  probe('rssQuery', 'on', true),
  probe('rssQuery', 'off', false),
  probe('trust', 'on', true),
  probe('trust', 'off', false),
  probe('nodeGuid', GUID, GUID),
  probe('portGuid', GUID, GUID),
];

/** Times that each probe is repeated for its cost, with what clears it between. */
export const REPEATS = 3;
