/** Which paths a Unix socket may have. Owns the rule; unix(7): `sun_path` has 108 bytes, the last one is NUL. */

/** Bytes; libuv would cut a longer one off without a word. */
export const MAX_SOCKET_PATH = 107;

/** Relative paths are refused: a service's working directory is nobody's wish. */
export function isSocketPath(path: string): boolean {
  return /^\/[^\0]*[^/\0]$/.test(path) && Buffer.byteLength(path) <= MAX_SOCKET_PATH;
}
