/**
 * Who may hold the write lock of a store.
 *
 * Owns the guess. LMDB keeps its lock in shared memory, and the kernel does not tell whose a mutex is; but every process
 * that has the store open holds a lock of byte 0 of its lock file (mdb_env_excl_lock in LMDB's mdb.c), and those the
 * kernel lists in /proc/locks (proc_locks(5)).
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A process that has the store open. */
export interface Suspect {
  readonly pid: number;
  /** Stopped by a signal or a debugger, so that it can't let go. */
  readonly stopped: boolean;
}

/** Other processes that have the store open, those that are stopped first; empty when it can't be known. */
export function suspects(directory: string): readonly Suspect[] {
  try {
    const { ino } = statSync(join(directory, 'lock.mdb'));
    const pids = new Set<number>();
    for (const line of readFileSync('/proc/locks', 'utf8').split('\n')) {
      const [, pid, inode, start, end] =
        /POSIX\s+\S+\s+\S+\s+(\d+) [\da-f]+:[\da-f]+:(\d+) (\d+) (\d+)$/.exec(line) ?? [];
      if (inode === String(ino) && start === '0' && end === '0') pids.add(Number(pid));
    }
    pids.delete(process.pid);
    return [...pids].map((pid) => ({ pid, stopped: isStopped(pid) })).sort(stoppedFirst);
  } catch {
    return [];
  }
}

/** For a message; empty when nobody is known. */
export function nameSuspects(directory: string): string {
  const named = suspects(directory).map(({ pid, stopped }) => (stopped ? `${pid} (stopped)` : `${pid}`));
  return named.length === 0 ? '' : `; it is open in process ${named.join(', ')}`;
}

function stoppedFirst(a: Suspect, b: Suspect): number {
  return Number(b.stopped) - Number(a.stopped) || a.pid - b.pid;
}

function isStopped(pid: number): boolean {
  try {
    // The name before the state may hold anything, brackets too.
    return /\) [Tt] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
