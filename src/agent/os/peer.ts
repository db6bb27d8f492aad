/**
 * Who is at the other end of a Unix socket.
 *
 * Owns the asking; who may do what is decided by whoever asks. Never trusts what the peer itself says.
 */
import type { Socket } from 'node:net';
import { addon } from '../../addon.ts';
import { errnoName } from '../../errno.ts';
import { KernelError } from '../../errors.ts';

/**
 * A process, as the kernel wrote it down when it connected (SO_PEERCRED and SO_PEERGROUPS; socket(7), unix(7)).
 * Effective ids; in terms of this process's user and pid namespaces.
 */
export interface Peer {
  /** 0 = in a pid namespace that is not visible from here. By now another process may have this number. */
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups, which may or may not include {@link gid}. */
  readonly groups: readonly number[];
}

/**
 * The process that connected `socket`, which was accepted by a server on a Unix socket.
 *
 * @throws KernelError - `EBADF`: the socket is closed, or has no file descriptor; `ENODATA`, `EOPNOTSUPP` or
 * another: it is no Unix socket that is connected
 */
export function peerOf(socket: Socket): Peer {
  const fd = descriptorOf(socket);
  if (fd === undefined) throw failure(9, 'the socket is closed, or has no file descriptor');
  const [errno, pid, uid, gid, groups] = addon().peerCredentials(fd);
  if (errno !== 0) throw failure(errno, 'it is no connected Unix socket');
  return { pid, uid, gid, groups };
}

/**
 * Node has no public way to a socket's descriptor, nor to the credentials of a peer. `_handle` is the libuv stream
 * (net.Socket has had it in every version; Node's own cluster module relies on it), whose `fd` is -1 once it is closed.
 */
function descriptorOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd?: unknown } | null };
  const fd = handle?.fd;
  return typeof fd === 'number' && fd >= 0 ? fd : undefined;
}

function failure(errno: number, why: string): KernelError {
  const code = errnoName(errno);
  return new KernelError(code, `cannot tell who is at the other end of a socket: ${code}: ${why}`, {
    errno: -errno,
    syscall: 'getsockopt',
  });
}
