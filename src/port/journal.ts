/**
 * The journal: what is about to be done to VFs, on disk before the first of them is touched.
 *
 * Owns the record's form and its keys. It says what was intended; what to do about half-done work is up to
 * `recover.ts`. An entry that is done stays as a line of history, the last {@link HISTORY} of a host.
 */
import { randomBytes } from 'node:crypto';
import type { Place } from '../binding/place.ts';
import { journalKey } from '../binding/record.ts';
import type { Change, Entry, Json, Store } from '../store/store.ts';
import type { VfConfig } from '../vf/config.ts';
import { type ProcessIdentity, processIdentity } from './process.ts';

/** Entries of finished work that are kept for each host. */
const HISTORY = 100;

/** `repair`: a bound port's VF is given what it lost. */
export type JournalKind = 'bind' | 'release' | 'activate' | 'repair';

/** The network device of a VF that has, or is to have, a macvtap device on top. */
export interface UpperStep {
  /** Name of the macvtap device. */
  readonly name: string;
  readonly action: 'create' | 'remove';
  /** MAC for the VF's network device and, with it, the macvtap device. */
  readonly mac: string | null;
  /** It was there before: taking the step back leaves it. */
  readonly kept?: true;
  /** As the VF's network device was before the port had it. */
  readonly found: { readonly mac?: string; readonly up: boolean };
}

/** One VF on its way from one state to another; with both null, a function that is only claimed. */
export interface Step {
  readonly port: string;
  readonly place: Place;
  /** Life of the VF in which `before` was read; see `VfHost.generation`. */
  readonly generation: string;
  /** Everything that the driver reports of the VF. */
  readonly before: VfConfig | null;
  readonly after: VfConfig | null;
  readonly upper?: UpperStep;
}

/** What a key held before; without `value` there was none. */
export interface Before {
  readonly key: string;
  readonly value?: Json;
}

/** Work that was begun. All keys that it changed carry the entry's own revision until someone writes them. */
export interface OpenJournal {
  readonly state: 'open';
  readonly kind: JournalKind;
  readonly at: string;
  readonly process: ProcessIdentity;
  readonly ports: readonly string[];
  readonly steps: readonly Step[];
  /** What the store held of the ports and claims. */
  readonly before: readonly Before[];
  /** Of a release: only claims that no binding has any more are given up; bindings stay as they are. */
  readonly left_over?: true;
}

/** What is to be done. A port may be without a step: one whose VF is gone, or whose binding had failed. */
export type Intent = Pick<OpenJournal, 'kind' | 'ports' | 'steps' | 'before' | 'left_over'>;

/** Work that is over: all as `after` (`finished`) or all as `before` (`undone`). */
export interface ClosedJournal {
  readonly state: 'finished' | 'undone';
  readonly kind: JournalKind;
  readonly at: string;
  readonly closed_at: string;
  readonly ports: readonly string[];
  readonly message: string;
}

export type Journal = OpenJournal | ClosedJournal;

/** Transactions that this process is at work on, in all its instances. */
const atWork = new Set<string>();

/** Sorts by time of making. */
export function newJournalId(): string {
  return `${Date.now().toString(36).padStart(9, '0')}-${randomBytes(5).toString('hex')}`;
}

export function openJournal(intent: Intent): OpenJournal {
  return { state: 'open', at: new Date().toISOString(), process: processIdentity(), ...intent };
}

export function closedJournal(
  { kind, at, ports }: OpenJournal,
  state: ClosedJournal['state'],
  message: string,
): ClosedJournal {
  return { state, kind, at, closed_at: new Date().toISOString(), ports, message };
}

/** Runs work while recovery, in this process too, takes its transaction for alive. */
export async function whileAtWork<T>(id: string, work: () => Promise<T>): Promise<T> {
  atWork.add(id);
  try {
    return await work();
  } finally {
    atWork.delete(id);
  }
}

export function isAtWork(id: string): boolean {
  return atWork.has(id);
}

/** Entries of a host, oldest first, with their ids. */
export async function readJournals(
  store: Store,
  host: string,
): Promise<{ readonly id: string; readonly entry: Entry; readonly journal: Journal }[]> {
  const prefix = journalKey(host, '');
  const { entries } = await store.range(prefix);
  return entries.map((entry) => ({
    id: entry.key.slice(prefix.length),
    entry,
    journal: entry.value as unknown as Journal,
  }));
}

/** Deletions that keep the history short; for the commit that closes an entry. */
export async function trimmed(store: Store, host: string): Promise<Change[]> {
  const closed = (await readJournals(store, host)).filter(({ journal }) => journal.state !== 'open');
  const surplus = closed.length - HISTORY + 1;
  return surplus <= 0
    ? []
    : closed.slice(0, surplus).map(({ entry }) => ({ key: entry.key, value: undefined }));
}
