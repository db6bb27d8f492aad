/**
 * What a host's store says of its claims, read at one revision.
 *
 * Owns the reading and the guards that make a commit fail when the picture is no longer true.
 */
import { formatPlace, type Place } from '../binding/place.ts';
import {
  type Claim,
  claimKey,
  claimPrefix,
  type PortRecord,
  portKey,
  vacatedKey,
} from '../binding/record.ts';
import type { Change, Entry, Guard, Json, Store } from '../store/store.ts';
import type { Before } from './journal.ts';

export interface HeldClaim {
  readonly claim: Claim;
  readonly revision: number;
}

export interface View {
  readonly host: string;
  /** By text of the place. */
  readonly claims: ReadonlyMap<string, HeldClaim>;
  /** Claims of each port; one, or two while it moves. */
  readonly byPort: ReadonlyMap<string, readonly HeldClaim[]>;
  /** By PF. */
  readonly vacated: ReadonlyMap<string, Entry>;
}

/** @param pf - this PF's alone; absent = all */
export async function readView(store: Store, host: string, pf?: string): Promise<View> {
  // First: a release that is committed after this read and before the next makes the guard fail.
  const vacated = await entriesOf(store, vacatedKey(host, ''), pf);
  const entries = await entriesOf(store, claimPrefix(host), pf);
  const claims = new Map<string, HeldClaim>();
  const byPort = new Map<string, HeldClaim[]>();
  for (const { value, revision } of entries) {
    const claim = value as unknown as Claim;
    const held = { claim, revision };
    claims.set(formatPlace(claim.place), held);
    const mine = byPort.get(claim.port);
    if (mine === undefined) byPort.set(claim.port, [held]);
    else mine.push(held);
  }
  const prefix = vacatedKey(host, '');
  return {
    host,
    claims,
    byPort,
    vacated: new Map(vacated.map((entry) => [entry.key.slice(prefix.length), entry])),
  };
}

/** Everything below a prefix, or what is of one PF: its own key, and those of its VFs. */
async function entriesOf(store: Store, prefix: string, pf?: string): Promise<readonly Entry[]> {
  if (pf === undefined) return (await store.range(prefix)).entries;
  const own = await store.get(`${prefix}${pf}`);
  const { entries } = await store.range(`${prefix}${pf}/`);
  return own === undefined ? entries : [own, ...entries];
}

/** Guards for a claim, as the view has it. */
export function claimGuard(view: View, place: Place): Guard {
  return { key: claimKey(view.host, place), revision: view.claims.get(formatPlace(place))?.revision ?? 0 };
}

/** Guard against VFs of a PF that were released since the view was read. */
export function vacatedGuard(view: View, pf: string): Guard {
  return { key: vacatedKey(view.host, pf), revision: view.vacated.get(pf)?.revision ?? 0 };
}

export function claimChange(host: string, claim: Claim): Change {
  return { key: claimKey(host, claim.place), value: toJson(claim) };
}

export function claimBefore(view: View, place: Place): Before {
  const held = view.claims.get(formatPlace(place));
  const key = claimKey(view.host, place);
  return held === undefined ? { key } : { key, value: toJson(held.claim) };
}

export function recordOf(entry: Entry | undefined): PortRecord | undefined {
  return entry?.value as unknown as PortRecord | undefined;
}

export function recordChange(id: string, record: PortRecord | undefined): Change {
  return { key: portKey(id), value: record === undefined ? undefined : toJson(record) };
}

/** Changes that say that VFs of these PFs were released. */
export async function vacate(store: Store, host: string, pfs: Iterable<string>): Promise<Change[]> {
  const changes: Change[] = [];
  for (const pf of new Set(pfs)) {
    const key = vacatedKey(host, pf);
    const count = (await store.get(key))?.value;
    changes.push({ key, value: (typeof count === 'number' ? count : 0) + 1 });
  }
  return changes;
}

/** Records are made of JSON alone; this drops what is undefined, which JSON does not have. */
export function toJson(value: object): Json {
  return withoutUndefined(value) as Json;
}

/** By hand: a way over JSON text takes five times as long, and each port is written four times. */
function withoutUndefined(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutUndefined);
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const field = (value as Record<string, unknown>)[name];
    if (field === undefined) continue;
    // A profile's keys are anyone's; plain assignment would take this one for the prototype.
    if (name === '__proto__') Object.defineProperty(copy, name, { ...OWN, value: withoutUndefined(field) });
    else copy[name] = withoutUndefined(field);
  }
  return copy;
}

const OWN = { enumerable: true, writable: true, configurable: true } as const;
