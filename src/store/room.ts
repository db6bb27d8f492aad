/**
 * Whether the disk has room for a commit.
 *
 * Owns the question, asked before each commit: LMDB's library can end the process when a write of its pages fails, so
 * that a full disk must be noticed before it.
 */
import { statfsSync } from 'node:fs';

/** Pages of the trees that a commit copies, and LMDB's list of free ones. */
const SPARE = 1 << 20;

/**
 * @param bytes of keys and values to be written
 * @throws Error - with `code` `ENOSPC`; the file system gives less to us than the commit may take
 */
export function requireRoom(directory: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(directory);
  // Each value may be copied once more within the transaction.
  const needed = SPARE + 2 * bytes;
  if (bavail * bsize >= needed) return;
  throw Object.assign(new Error(`only ${bavail * bsize} bytes are free, and a commit may take ${needed}`), {
    code: 'ENOSPC',
  });
}
