/**
 * Who began a piece of work, and whether he is still there.
 *
 * Owns the identity of a process across reboots and reused process ids. Must never say `dead` when it can't know.
 */
import { readlinkSync } from 'node:fs';
import { readText } from '../host/sysfs.ts';

/** Plain data for the journal. */
export interface ProcessIdentity {
  /** /proc/sys/kernel/random/boot_id */
  readonly boot_id: string;
  readonly pid: number;
  /** When it was started, in clock ticks since boot (proc(5), field 22 of /proc/PID/stat): ids are used again. */
  readonly started: number;
  /** Inode number of its PID namespace: in another one its id means someone else. */
  readonly pid_ns: number;
}

let known = '';

/** Id of this boot of the kernel, which no process outlives: read once. Empty when it can't be read. */
export function bootId(): string {
  known ||= readText('/proc/sys/kernel/random/boot_id') ?? '';
  return known;
}

/** This process. */
export function processIdentity(): ProcessIdentity {
  const { started } = statOf('self') ?? { started: 0 };
  return { boot_id: bootId(), pid: process.pid, started, pid_ns: pidNamespace() };
}

/**
 * Whether the process is still there. `dead`: it has ended, or the kernel was booted since. `unknown`: it is of another PID
 * namespace, or its state can't be read.
 */
export function isAlive({ boot_id, pid, started, pid_ns }: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  const boot = bootId();
  if (boot === '' || boot_id === '') return 'unknown';
  if (boot !== boot_id) return 'dead';
  if (pid_ns !== pidNamespace() || pid_ns === 0) return 'unknown';
  if (!exists(pid)) return 'dead';
  const now = statOf(`${pid}`);
  // It is there, but hidden from us (hidepid), or it ended between the two looks.
  if (now === undefined) return exists(pid) ? 'unknown' : 'dead';
  if (now.started !== started) return started === 0 ? 'unknown' : 'dead';
  return ENDED.has(now.state) ? 'dead' : 'alive';
}

/** A zombie does no more work, though nobody has collected its exit status (fs/proc/array.c). */
const ENDED: ReadonlySet<string> = new Set(['Z', 'X', 'x']);

function exists(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function statOf(pid: string): { readonly state: string; readonly started: number } | undefined {
  const text = readText(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The second field is the command in parentheses, which may hold both spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const started = Number(fields[22 - 3]);
  return Number.isSafeInteger(started) ? { state: fields[0] ?? '', started } : undefined;
}

function pidNamespace(): number {
  try {
    return Number(/^pid:\[(\d+)\]$/.exec(readlinkSync('/proc/self/ns/pid'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
