/**
 * What the agent tells the service manager of itself: sd_notify(3).
 *
 * Owns the words of that protocol and what the environment says of it. Never throws and never decides when something is
 * said: a manager that cannot be reached is no reason to stop work.
 */
import { addon } from '../../addon.ts';
import { errnoName } from '../../errno.ts';
import { KernelError } from '../../errors.ts';

/** Every call but {@link watchdogMs} says one thing, at once; all do nothing if no manager listens. */
export interface Notifier {
  /** The start is complete, or the reload that {@link reloading} told of. */
  ready(): void;
  /** The configuration is being read again; {@link ready} ends it. */
  reloading(): void;
  /** The shutdown has begun. */
  stopping(): void;
  /** One line for people, shown by `systemctl status`. Newlines become spaces; cut at 1000 characters. */
  status(text: string): void;
  /** We are alive; to be said about twice in each {@link watchdogMs}. */
  watchdog(): void;
  /**
   * Milliseconds after which the manager kills a service that says nothing, from 1 to 2^31-1, the longest that a timer
   * of Node takes. Null: it does not watch us (sd_watchdog_enabled(3)).
   */
  readonly watchdogMs: number | null;
}

/** A message of systemd's is at most a page; status lines are far below that, in any script. */
const MOST_STATUS_CHARACTERS = 1000;
const MOST_TIMER_MS = 2 ** 31 - 1;

/**
 * A notifier by `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` of `env`. Without NOTIFY_SOCKET no manager listens.
 *
 * @param onFailure is told of the first message that could not be sent, and of no other. A message waits for a
 * second at most, which blocks the process, when the manager's queue is full.
 */
export function createNotifier(
  env: NodeJS.ProcessEnv,
  onFailure: (error: KernelError) => void = () => {},
): Notifier {
  const path = env['NOTIFY_SOCKET'];
  let failed = false;
  const say = (text: string): void => {
    if (path === undefined || path === '') return;
    const errno = addon().notifySocket(path, text);
    if (errno === 0 || failed) return;
    failed = true;
    onFailure(notSent(path, errno));
  };
  return {
    ready: () => say('READY=1'),
    // The time lets the manager tell this reload's READY from an earlier one (Type=notify-reload). It wants
    // CLOCK_MONOTONIC, which is what hrtime reads on Linux (uv__hrtime).
    reloading: () => say(`RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => say('STOPPING=1'),
    // A line of its own would be another message to the manager.
    status: (text) => say(`STATUS=${text.replaceAll(/[\r\n\0]+/g, ' ').slice(0, MOST_STATUS_CHARACTERS)}`),
    watchdog: () => say('WATCHDOG=1'),
    watchdogMs: path === undefined || path === '' ? null : watchdogOf(env),
  };
}

/** WATCHDOG_PID is for whoever inherits the environment from the process that is meant. */
function watchdogOf(env: NodeJS.ProcessEnv): number | null {
  const pid = env['WATCHDOG_PID'];
  if (pid !== undefined && pid !== String(process.pid)) return null;
  const text = env['WATCHDOG_USEC'];
  if (text === undefined || !/^[0-9]+$/.test(text)) return null;
  const usec = Number(text);
  if (usec === 0) return null;
  return Math.min(Math.max(Math.floor(usec / 1000), 1), MOST_TIMER_MS);
}

function notSent(path: string, errno: number): KernelError {
  const code = errnoName(errno);
  return new KernelError(
    code,
    `cannot notify the service manager at NOTIFY_SOCKET=${path}: ${code}; it will not know the state of this service`,
    { errno: -errno, syscall: 'sendto' },
  );
}
