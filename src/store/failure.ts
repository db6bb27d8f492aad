/**
 * Turns what the file system or LMDB says into a StoreError that names the path and the way out.
 *
 * Owns the texts.
 */
import { getSystemErrorName } from 'node:util';
import { SriovError } from '../errors.ts';
import { StoreError } from './errors.ts';

/** LMDB's own results (lmdb.h); all else is an errno. */
const MDB: ReadonlyMap<number, readonly [code: string, message: string]> = new Map([
  [-30797, ['SRIOV_STORE', 'a page is missing: the file is damaged']],
  [-30796, ['SRIOV_STORE', 'a page is damaged']],
  [-30795, ['EIO', 'an earlier write failed and the database must be opened anew']],
  [-30794, ['SRIOV_STORE', 'it was made by another version of LMDB']],
  [-30793, ['SRIOV_STORE', 'the file is no LMDB database, or its head is damaged']],
  [-30792, ['ENOSPC', 'the address space for the file is used up']],
  [-30790, ['EAGAIN', 'too many processes have it open']],
]);

const WAYS_OUT: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'free some disk space and try again'],
  ['EDQUOT', 'raise the disk quota or free some space, and try again'],
  ['EIO', "the disk failed: see the kernel's log, and move the store to another disk"],
  ['EACCES', 'run as the user that owns it, or choose another path with SRIOV_STORE'],
  ['EPERM', 'run as the user that owns it, or choose another path with SRIOV_STORE'],
  ['EROFS', 'the file system is read-only: remount it, or choose another path with SRIOV_STORE'],
  ['ENOENT', 'give the path of a store that exists, or bind a port first'],
  ['ENOTDIR', 'give the path of a directory'],
  ['EAGAIN', 'close some of them and try again'],
  ['ENOMEM', 'free some memory, or raise the limit of address space (ulimit -v)'],
  ['EMFILE', 'raise the limit of open files (ulimit -n)'],
]);

const DAMAGED = 'move it away and bring back an export: sriov store import';

/** Errors of this package pass as they are. */
export function toStoreError(error: unknown, path: string, doing: 'open' | 'read' | 'write'): SriovError {
  if (error instanceof SriovError) return error;
  const { code, message } = describe(error);
  const wayOut = WAYS_OUT.get(code) ?? DAMAGED;
  return new StoreError(code, `cannot ${doing} store ${path}: ${message}; ${wayOut}`, { cause: error });
}

/** The store holds what no version of this package has written. */
export function damaged(path: string, what: string): StoreError {
  return new StoreError('SRIOV_STORE', `store ${path} is damaged: ${what}; ${DAMAGED}`);
}

function describe(error: unknown): { readonly code: string; readonly message: string } {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const text = typeof message === 'string' ? message : String(error);
  if (typeof code === 'string') return { code, message: `${code}: ${text.replace(/^E[A-Z]+: /, '')}` };
  if (typeof code !== 'number') return { code: 'SRIOV_STORE', message: text };
  const known = MDB.get(code);
  if (known !== undefined) return { code: known[0], message: known[1] };
  if (code <= 0) return { code: 'SRIOV_STORE', message: text };
  const name = getSystemErrorName(-code);
  return { code: name, message: `${name}: ${text}` };
}
