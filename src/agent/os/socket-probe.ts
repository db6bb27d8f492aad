/**
 * Whether somebody listens on a Unix socket.
 *
 * Owns the asking. What an error means for the socket's file is up to who asks.
 */
import { connect } from 'node:net';

/** @returns why nobody answered, e.g. `ECONNREFUSED`: a dead process left the file; undefined = somebody listens */
export function connectError(path: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', resolve);
  });
}
