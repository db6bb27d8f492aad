/**
 * Errors of a store.
 */
import { SriovError } from '../errors.ts';

/** The medium failed: disk full, unreadable, wrong owner, a newer schema. `code` is an errno name or `SRIOV_STORE`. */
export class StoreError extends SriovError {}

/** Someone else wrote meanwhile; nothing was changed. `code` is `SRIOV_CONFLICT`. */
export class StoreConflictError extends SriovError {
  /** The first key whose guard does not hold. */
  readonly key: string;
  /** Its revision now; 0 = there is none. */
  readonly revision: number;

  constructor(key: string, revision: number) {
    super(
      'SRIOV_CONFLICT',
      `the store has changed meanwhile: ${key} is at revision ${revision}; read it anew`,
    );
    this.key = key;
    this.revision = revision;
  }
}

/** The history of a watch is no longer kept. `code` is `SRIOV_COMPACTED`. */
export class StoreCompactedError extends SriovError {
  /** The oldest revision that a watch can start from. */
  readonly oldest: number;

  constructor(oldest: number) {
    super('SRIOV_COMPACTED', `changes before revision ${oldest} are no longer kept; read the range anew`);
    this.oldest = oldest;
  }
}
