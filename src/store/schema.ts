/**
 * Versions of the records' form, and the way from one to the next.
 *
 * Owns the table of migrations. Bindings written by an older version of this package must never be lost, and a store
 * of a newer one must never be touched.
 */
import { StoreError } from './errors.ts';
import type { Change, Entry } from './store.ts';

/**
 * From version n to n+1: all entries in order of key in, what changes out. It is written in the transaction that
 * raises the version, under one new revision that watches see.
 */
export type Migration = (entries: readonly Entry[]) => readonly Change[];

/** The first leads from version 1 to 2. Version 1 is the first form, so there is none yet. */
export const MIGRATIONS: readonly Migration[] = [];

/** The version that a table leads to. */
export function newestSchema(migrations: readonly Migration[]): number {
  return migrations.length + 1;
}

/** @throws StoreError - the store is newer, or was migrated while it was open */
export function refuseSchema(found: number, known: number, path: string): void {
  if (found === known) return;
  const why =
    found > known
      ? `has schema version ${found}, and this version of sriov knows ${known}; install a newer one`
      : `has schema version ${found}, which no version of sriov goes back to; open it anew`;
  throw new StoreError('SRIOV_STORE', `store ${path} ${why}; nothing was changed`);
}
