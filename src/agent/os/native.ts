/**
 * The part of the addon about other processes: the twin of `native/node/process_binding.cc`.
 *
 * Owns the shape of its calls and results; the files beside this one give them meaning.
 */

export interface ProcessNative {
  /** Of the process at the other end of a Unix socket. errno is 0 or positive; the rest holds if it is 0. */
  peerCredentials(
    fd: number,
  ): readonly [errno: number, pid: number, uid: number, gid: number, groups: readonly number[]];
  /** Sends `text` as one datagram to the Unix socket at `path`. 0 or a positive errno. */
  notifySocket(path: string, text: string): number;
}
