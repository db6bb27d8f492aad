/**
 * The socket file of the agent.
 *
 * Owns where it may be, who may open it, and what becomes of one that is there already. Never removes anything but a
 * socket that nobody listens on.
 */
import { chmodSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:net';
import path from 'node:path';
import { InvalidConfigError, SriovError } from '../../errors.ts';
import { MAX_SOCKET_PATH } from '../config/socket-path.ts';
import { connectError } from '../os/socket-probe.ts';

function checkPath(file: string): void {
  if (!path.isAbsolute(file)) throw new InvalidConfigError(`api.socket: ${file} is no absolute path`);
  const length = Buffer.byteLength(file);
  if (length <= MAX_SOCKET_PATH) return;
  throw new InvalidConfigError(
    `api.socket: the path of a Unix socket has at most ${MAX_SOCKET_PATH} bytes, and ${file} has ${length}`,
  );
}

function refusal(file: string, error: unknown): SriovError {
  const { code = 'SRIOV_INTERNAL', message } = error as NodeJS.ErrnoException;
  const way =
    code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
      ? "; the agent's user needs write access to that directory (systemd: RuntimeDirectory=), or choose another api.socket"
      : '';
  return new SriovError(code, `api.socket ${file}: ${message}${way}`, { cause: error });
}

/** Whether somebody listens there. */
async function lives(file: string): Promise<boolean> {
  const error = await connectError(file);
  // A full backlog: somebody is there, and slow.
  if (error === undefined || error.code === 'EAGAIN') return true;
  if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') return false;
  throw error;
}

async function makeRoom(file: string): Promise<void> {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new SriovError('EEXIST', `api.socket ${file}: something else than a socket is there; remove it`);
  }
  if (await lives(file)) {
    throw new SriovError(
      'EADDRINUSE',
      `api.socket ${file}: an agent listens there already (sriov status --socket ${file}); end it, or choose another api.socket`,
    );
  }
  unlinkSync(file);
}

/**
 * Listens, after a socket that a dead process left is out of the way. The directory is made if need be.
 *
 * @throws InvalidConfigError - no path for a socket
 * @throws SriovError - `EADDRINUSE`: a living agent; else the errno of what failed, with the path
 */
export async function listenOn(server: Server, file: string): Promise<void> {
  checkPath(file);
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o755 });
    await makeRoom(file);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(file, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    throw error instanceof SriovError ? error : refusal(file, error);
  }
}

/** Who the kernel lets connect; whom the agent answers is decided by who it is. */
export function openTo(file: string, others: boolean): void {
  try {
    chmodSync(file, others ? 0o666 : 0o600);
  } catch (error) {
    throw refusal(file, error);
  }
}
