/**
 * The commit that ends a transaction: claims and records as they are now, the journal's entry closed.
 *
 * Owns the retry when someone else wrote a port's record meanwhile: what is to be written is then made anew from
 * what he wrote. Claims of a transaction are nobody else's, so its own entry guards them.
 */
import { type Claim, claimKey, journalKey, type PortRecord, portKey } from '../binding/record.ts';
import { StoreConflictError } from '../store/errors.ts';
import type { Change, Store } from '../store/store.ts';
import type { Place } from '../binding/place.ts';
import { type ClosedJournal, closedJournal, type OpenJournal, trimmed } from './journal.ts';
import { recordChange, recordOf, toJson, vacate } from './view.ts';

/** What becomes of one port. */
export interface Ending {
  readonly port: string;
  /**
   * From the record as it is in the store now, and its revision (0 = there is none); one without bindings is
   * deleted, undefined is left alone.
   */
  readonly record: (now: PortRecord | undefined, revision: number) => PortRecord | undefined;
  /** Claims to be written, and places to be given up. */
  readonly claims: readonly Claim[];
  readonly vacated: readonly Place[];
}

export interface Closing {
  readonly id: string;
  readonly journal: OpenJournal;
  /** Of the journal's entry. */
  readonly revision: number;
  readonly state: ClosedJournal['state'];
  readonly message: string;
  readonly endings: readonly Ending[];
}

/**
 * @returns the records as they are now, by port
 * @throws StoreConflictError - the journal's entry is not as it was: someone took the work over
 */
export async function closeWork(
  store: Store,
  host: string,
  closing: Closing,
): Promise<ReadonlyMap<string, PortRecord | undefined>> {
  const key = journalKey(host, closing.id);
  for (;;) {
    const records = new Map<string, PortRecord | undefined>();
    const guards = [{ key, revision: closing.revision }];
    const changes: Change[] = [];
    for (const ending of closing.endings) {
      const entry = await store.get(portKey(ending.port));
      const now = recordOf(entry);
      const at = entry?.revision ?? 0;
      const record = ending.record(now, at);
      guards.push({ key: portKey(ending.port), revision: at });
      records.set(ending.port, record);
      if (record !== undefined && record !== now) {
        changes.push(recordChange(ending.port, record.bindings.length === 0 ? undefined : record));
      }
      for (const claim of ending.claims) {
        changes.push({ key: claimKey(host, claim.place), value: toJson(claim) });
      }
      for (const place of ending.vacated) changes.push({ key: claimKey(host, place), value: undefined });
    }
    const vacated = closing.endings.flatMap((ending) => ending.vacated.map(({ pf }) => pf));
    const closed = closedJournal(closing.journal, closing.state, closing.message);
    changes.push(...(await vacate(store, host, vacated)), ...(await trimmed(store, host)));
    changes.push({ key, value: toJson(closed) });
    try {
      await store.commit({ guards, changes });
      return records;
    } catch (error) {
      if (!(error instanceof StoreConflictError) || error.key === key) throw error;
    }
  }
}
