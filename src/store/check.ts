/**
 * Whether the records in a store agree with each other.
 *
 * Owns the findings. It reads the store alone: whether the host agrees is for recovery to find out. Records are
 * looked at as unknown JSON, since a wrong one is what is searched for.
 */
import { formatPlace, type Place } from '../binding/place.ts';
import {
  CLAIM_PREFIX,
  claimKey,
  JOURNAL_PREFIX,
  PORT_PREFIX,
  portKey,
  VACATED_PREFIX,
} from '../binding/record.ts';
import type { Entry, Json, Store } from './store.ts';

export type FindingCode =
  | 'UNKNOWN_KEY'
  | 'MALFORMED'
  | 'CLAIM_WITHOUT_PORT'
  | 'PORT_WITHOUT_CLAIM'
  | 'CLAIM_OF_ANOTHER'
  | 'SEVERAL_ACTIVE'
  | 'OPEN_JOURNAL';

export interface Finding {
  readonly code: FindingCode;
  /** Of the entry that is wrong. */
  readonly key: string;
  readonly message: string;
}

interface Binding {
  readonly host: string;
  readonly status: string;
  readonly place: Place | null;
}

/** Findings in order of key; empty = all is well. */
export async function checkStore(store: Store): Promise<readonly Finding[]> {
  const { entries } = await store.range('');
  const byKey = new Map(entries.map((entry) => [entry.key, entry]));
  return entries.flatMap((entry) => {
    if (entry.key.startsWith(PORT_PREFIX)) return checkPort(entry, byKey);
    if (entry.key.startsWith(CLAIM_PREFIX)) return checkClaim(entry, byKey);
    if (entry.key.startsWith(JOURNAL_PREFIX)) return checkJournal(entry);
    if (entry.key.startsWith(VACATED_PREFIX)) return [];
    return [{ code: 'UNKNOWN_KEY', key: entry.key, message: 'no record of this package has such a key' }];
  });
}

function checkPort({ key, value }: Entry, byKey: ReadonlyMap<string, Entry>): Finding[] {
  const bindings = readBindings(value);
  if (bindings === undefined || portKey(stringAt(value, 'port', 'id') ?? '') !== key) {
    return [{ code: 'MALFORMED', key, message: 'it is no record of the port that its key names' }];
  }
  const findings: Finding[] = [];
  const active = bindings.filter(({ status }) => status === 'ACTIVE');
  if (active.length > 1) {
    const hosts = active.map(({ host }) => host).join(', ');
    findings.push({ code: 'SEVERAL_ACTIVE', key, message: `its bindings are ACTIVE on ${hosts}` });
  }
  for (const { host, place } of bindings) {
    if (place === null) continue;
    const claim = byKey.get(claimKey(host, place));
    const owner = stringAt(claim?.value, 'port');
    const where = `${formatPlace(place)} on ${host}`;
    if (claim === undefined) {
      findings.push({
        code: 'PORT_WITHOUT_CLAIM',
        key,
        message: `it is bound to ${where}, which nobody claims`,
      });
    } else if (owner !== undefined && portKey(owner) !== key) {
      findings.push({
        code: 'CLAIM_OF_ANOTHER',
        key,
        message: `it is bound to ${where}, claimed by port ${owner}`,
      });
    }
  }
  return findings;
}

function checkClaim({ key, value }: Entry, byKey: ReadonlyMap<string, Entry>): Finding[] {
  const port = stringAt(value, 'port');
  const place = readPlace(fieldOf(value, 'place'));
  if (port === undefined || place === undefined || !key.endsWith(`/${formatPlace(place)}`)) {
    return [{ code: 'MALFORMED', key, message: 'it is no claim of the place that its key names' }];
  }
  const owner = byKey.get(portKey(port));
  if (owner === undefined) return [{ code: 'CLAIM_WITHOUT_PORT', key, message: `there is no port ${port}` }];
  // While work is under way a port may hold a place that it is not bound to; its journal is then open.
  const bound = readBindings(owner.value)?.some(
    (binding) => binding.place !== null && claimKey(binding.host, binding.place) === key,
  );
  if (bound === true || fieldOf(value, 'phase') !== 'bound') return [];
  return [{ code: 'CLAIM_WITHOUT_PORT', key, message: `port ${port} is not bound to it` }];
}

function checkJournal({ key, value }: Entry): Finding[] {
  const state = stringAt(value, 'state');
  if (state === 'finished' || state === 'undone') return [];
  if (state !== 'open') return [{ code: 'MALFORMED', key, message: 'it is no journal' }];
  const what = `${stringAt(value, 'kind') ?? 'work'} begun at ${stringAt(value, 'at') ?? 'an unknown time'}`;
  return [{ code: 'OPEN_JOURNAL', key, message: `${what} is not finished; sriov recover sees to it` }];
}

function fieldOf(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return (value as { readonly [key: string]: Json })[name];
}

function stringAt(value: Json | undefined, ...path: readonly string[]): string | undefined {
  const found = path.reduce(fieldOf, value);
  return typeof found === 'string' ? found : undefined;
}

function readPlace(value: Json | undefined): Place | undefined {
  const pf = stringAt(value, 'pf');
  const vf = fieldOf(value, 'vf');
  return pf !== undefined && (vf === null || typeof vf === 'number') ? { pf, vf } : undefined;
}

/** Undefined when one of them is none. */
function readBindings(value: Json): readonly Binding[] | undefined {
  const list = fieldOf(value, 'bindings');
  if (!Array.isArray(list)) return undefined;
  const bindings: Binding[] = [];
  for (const binding of list as readonly Json[]) {
    const host = stringAt(binding, 'host');
    const status = stringAt(binding, 'status');
    const at = fieldOf(binding, 'place');
    const place = at === null ? null : readPlace(at);
    if (host === undefined || status === undefined || place === undefined) return undefined;
    bindings.push({ host, status, place });
  }
  return bindings;
}
