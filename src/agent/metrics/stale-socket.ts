/**
 * The file of a Unix socket that a dead process left.
 *
 * Owns when it is removed: only if it is a socket on which no one listens. It never removes anything else.
 */
import { lstatSync, unlinkSync } from 'node:fs';
import { RefusedError } from '../../errors.ts';
import { connectError } from '../os/socket-probe.ts';

/** @throws RefusedError - the path is something else than a socket */
export async function removeStaleSocket(path: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isSocket()) {
    throw new RefusedError(`${path} is there and is no socket; remove it, or name another path`);
  }
  if ((await connectError(path))?.code !== 'ECONNREFUSED') return;
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
