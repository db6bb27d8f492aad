/**
 * Names of errno values. Owns the one table; decides nothing.
 */
import { constants } from 'node:os';

const names = new Map<number, string>();
for (const [name, value] of Object.entries(constants.errno)) {
  // EWOULDBLOCK and EOPNOTSUPP share their value with EAGAIN and ENOTSUP; the kernel says the former of ours.
  if (name !== 'EWOULDBLOCK' && name !== 'ENOTSUP') names.set(value, name);
}

/** Name of a positive errno, e.g. 22 → `EINVAL`; `ERRNO_524` for one that Node has no name for. */
export function errnoName(errno: number): string {
  return names.get(errno) ?? `ERRNO_${errno}`;
}
