/**
 * What is asked of a commit, checked and made ready for the disk.
 *
 * Owns the checks that need no store, so that nothing but the disk and the guards can refuse a commit later on.
 */
import { InvalidConfigError } from '../errors.ts';
import type { EncodedChange } from './ledger.ts';
import { checkJson, encodeKey } from './record.ts';
import type { Change, CommitOptions, Guard } from './store.ts';

export interface EncodedCommit {
  readonly guards: readonly Guard[];
  readonly changes: readonly EncodedChange[];
}

/** @throws InvalidConfigError */
export function encodeCommit({ guards = [], changes }: CommitOptions): EncodedCommit {
  for (const { revision } of guards) {
    if (!Number.isSafeInteger(revision) || revision < 0) {
      throw new InvalidConfigError(`revision ${revision} of a guard: expected a number from 0`);
    }
  }
  return { guards, changes: encodeChanges(changes) };
}

/** Of several changes of one key the last counts. */
export function encodeChanges(changes: readonly Change[]): EncodedChange[] {
  const last = new Map(changes.map((change) => [change.key, change]));
  return [...last.values()].map(({ key, value }) => {
    if (value !== undefined) checkJson(key, value);
    return { key: encodeKey(key), value: value === undefined ? undefined : JSON.stringify(value) };
  });
}
