/**
 * What the store holds of a port, and of a VF that a port has.
 *
 * Owns the types and the keys. A record is plain JSON.
 */
import type { VfConfig } from '../vf/config.ts';
import type { Network, Port, PortBinding, PortStatus } from './port.ts';
import type { Place } from './place.ts';
import { formatPlace } from './place.ts';
import type { BindingProfile } from './profile.ts';
import type { Refusal } from './refusal.ts';

/** A failed attempt to bind, kept as history (the last 10). */
export interface FailedAttempt {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly refusals: readonly Refusal[];
}

/** A binding and what only this package needs of it. */
export interface BindingRecord extends PortBinding {
  /** Null while unbound or failed. */
  readonly place: Place | null;
  /** Keys that binding added to the profile; removed again when the port is released. */
  readonly added_keys: readonly string[];
  /** What the profile held under keys that binding changed or took out; put back then. Absent = nothing. */
  readonly replaced?: BindingProfile;
  /** Newest last. */
  readonly failures: readonly FailedAttempt[];
}

/** `port/<id>`. At most one binding for a host, at most one of them ACTIVE. */
export interface PortRecord {
  readonly port: Port;
  readonly network: Network;
  readonly status: PortStatus;
  readonly bindings: readonly BindingRecord[];
  /** MAC of the port before it took that of its PF; null = it had none. Absent = `port.mac_address` is its own. */
  readonly own_mac?: string | null;
}

/** Where a claim's VF is on its way; anything but `bound` is half-done work. */
export type ClaimPhase = 'reserved' | 'applying' | 'bound' | 'releasing';

/** `claim/<host>/<place>`: a VF (or PF) belongs to a port, and what it was like before. */
export interface Claim {
  readonly port: string;
  readonly place: Place;
  readonly phase: ClaimPhase;
  /** The transaction that is at work on it, or was last. */
  readonly journal: string;
  readonly boot_id: string;
  /** Of the VF when `found` was read; see `VfHost.generation`. */
  readonly generation: string;
  /** Values before, of every attribute in `wanted`; what the driver does not report is absent. */
  readonly found: VfConfig | null;
  /** Null for a PF, and while only reserved. */
  readonly wanted: VfConfig | null;
  /** macvtap: the upper device, and the VF's network device as it was found. */
  readonly macvtap?: {
    readonly name: string;
    /** Without `mac` when it had no network device just then. */
    readonly found: { readonly mac?: string; readonly up: boolean };
  };
}

export const PORT_PREFIX = 'port/';
export const CLAIM_PREFIX = 'claim/';
export const JOURNAL_PREFIX = 'journal/';

export function portKey(id: string): string {
  return `${PORT_PREFIX}${id}`;
}

export function claimPrefix(host: string): string {
  return `${CLAIM_PREFIX}${host}/`;
}

export function claimKey(host: string, place: Place): string {
  return `${claimPrefix(host)}${formatPlace(place)}`;
}

export function journalKey(host: string, id: string): string {
  return `${JOURNAL_PREFIX}${host}/${id}`;
}

/** `vacated/<host>/<PF>`: counts releases, so that a VF read while it was someone's is not taken as found. */
export const VACATED_PREFIX = 'vacated/';

export function vacatedKey(host: string, pf: string): string {
  return `${VACATED_PREFIX}${host}/${pf}`;
}
