/**
 * What bindings are kept in: an ordered map from text keys to JSON, with revisions, that several processes
 * share.
 *
 * Owns the interface. It is shaped so that etcd fits it as well as the embedded default (`lmdb-store.ts`):
 * one counter for the whole store, compare-and-swap on a key's last revision, watches from a revision on.
 */

/** What a value may be. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface Entry {
  /** 1 to 512 bytes of UTF-8, levels divided by `/`. */
  readonly key: string;
  readonly value: Json;
  /** The store's revision at which this key was last written; from 1. */
  readonly revision: number;
}

/** What must be so for a commit to be done. */
export interface Guard {
  readonly key: string;
  /** Revision of the entry as it was read; 0 = there must be none. */
  readonly revision: number;
}

/** One change of a commit: a value, or `undefined` to delete. */
export interface Change {
  readonly key: string;
  readonly value: Json | undefined;
}

export interface CommitOptions {
  readonly guards?: readonly Guard[];
  readonly changes: readonly Change[];
}

/** Entries of a prefix in order of key, and the revision at which they were read. */
export interface Range {
  readonly entries: readonly Entry[];
  readonly revision: number;
}

/** A change seen by a watch, in the order of revisions; `value` undefined = deleted. */
export interface StoreEvent {
  readonly key: string;
  readonly value: Json | undefined;
  readonly revision: number;
}

export interface WatchStoreOptions {
  /** First revision to be seen. Absent = what is committed from now on. */
  readonly from?: number;
  /** Ends the watch without an error. */
  readonly signal?: AbortSignal;
}

/**
 * A store. Every method rejects with a {@link StoreError} when the medium fails; what a commit that rejected
 * has done is: nothing.
 */
export interface Store {
  get(key: string): Promise<Entry | undefined>;
  /** All entries whose key starts with `prefix`, read at one revision. */
  range(prefix: string, options?: { readonly limit?: number; readonly after?: string }): Promise<Range>;
  /**
   * All changes at once, on disk when the promise resolves, or none.
   *
   * @returns the new revision
   * @throws StoreConflictError - a guard does not hold; it names the key
   */
  commit(options: CommitOptions): Promise<number>;
  /**
   * Changes below a prefix, of all processes, each once and in order.
   *
   * @throws StoreCompactedError - from the iterator: `from` is older than the history that is kept; read the
   *   range anew
   */
  watch(prefix: string, options?: WatchStoreOptions): AsyncIterable<StoreEvent>;
  close(): Promise<void>;
}
