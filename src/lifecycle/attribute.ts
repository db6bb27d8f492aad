/**
 * Reading and writing a sysfs attribute that may take seconds, or never come back: because of the driver, or because
 * someone else holds the device's lock.
 *
 * Owns the deadline and the rule that nothing else is begun on a device while the kernel is still at work on it for
 * us. Must never block the JavaScript thread: the calls are made on libuv's pool.
 */
import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { DeadlineError, type ErrorTarget, KernelError, RefusedError } from '../errors.ts';

export interface WriteOptions {
  /** For messages: what is being done, such as `eth0: making 7 VFs`. */
  readonly doing: string;
  /** Steps on the same device wait for no other; the second one is refused. */
  readonly device: string;
  readonly timeoutMs: number;
  /** What an errno means here. */
  readonly advice?: Readonly<Record<string, string>>;
  readonly target?: ErrorTarget;
}

/** Longest time limit, in ms: what setTimeout takes. */
const LONGEST = 2 ** 31 - 1;

/** How long an earlier write to the same device is waited for, in ms: it may be done and only its end not seen. */
const GRACE = 100;

/** By device: what the kernel has not finished. */
const unfinished = new Map<string, { readonly doing: string; readonly end: Promise<void> }>();

/**
 * Writes once, as sysfs wants it: one write call for one value.
 *
 * @throws DeadlineError - `stillRunning`: a write to sysfs sleeps in the driver under the device's lock, and no
 *   signal ends it (drivers/pci/pci-sysfs.c: sriov_numvfs_store, drivers/base/bus.c: bind_store). The thread of
 *   the pool that waits for it is not free before it ends, and neither can the process end before.
 * @throws RefusedError - an earlier write to the device is still running
 * @throws KernelError - the errno of the driver
 */
export async function writeAttribute(path: string, text: string, options: WriteOptions): Promise<void> {
  const { doing, device, target = {} } = options;
  await settle(device);
  // From here to the entry in the table without a pause, so that of two calls one is refused.
  refuseUnfinished(device, target);
  const written = writeOnce(path, text).finally(() => unfinished.delete(device));
  // Whoever gives up at the deadline leaves this promise alone.
  unfinished.set(device, { doing, end: written.catch(() => undefined) });
  const ended = await withDeadline(
    written.then(() => true),
    options.timeoutMs,
  ).catch((error: unknown) => {
    throw asKernelError(error, path, options);
  });
  if (ended === undefined) {
    throw new DeadlineError(
      `${doing}: not done after ${options.timeoutMs} ms; the kernel is still running it and cannot be stopped`,
      true,
      target,
    );
  }
}

/**
 * Refuses while a write to the device that overran its deadline is still running.
 *
 * @throws RefusedError
 */
export async function requireFinished(device: string, target: ErrorTarget = {}): Promise<void> {
  await settle(device);
  refuseUnfinished(device, target);
}

async function settle(device: string): Promise<void> {
  const earlier = unfinished.get(device);
  if (earlier !== undefined) await withDeadline(earlier.end, GRACE);
}

function refuseUnfinished(device: string, target: ErrorTarget): void {
  const earlier = unfinished.get(device);
  if (earlier === undefined) return;
  throw new RefusedError(
    `the kernel is still at work on ${device} (${earlier.doing}); wait for it to end`,
    target,
  );
}

/**
 * Text of an attribute whose reading takes the device's lock, which whoever binds a driver or sets the number of
 * VFs holds until the driver is done: sriov_numvfs and driver_override (drivers/pci/pci-sysfs.c, drivers/pci/iov.c).
 *
 * @returns undefined if there is no such attribute
 * @throws DeadlineError
 */
export async function readAttribute(path: string, timeoutMs: number): Promise<string | undefined> {
  const reading = readFile(path, 'utf8').then(
    (text) => ({ text: text.trim() }),
    () => ({ text: undefined }),
  );
  const read = await withDeadline(reading, timeoutMs);
  if (read === undefined) {
    throw new DeadlineError(
      `${path} cannot be read after ${timeoutMs} ms: someone else holds the lock of the device, which is being changed`,
      true,
    );
  }
  return read.text;
}

/** Checks a time limit. */
export function checkTimeout(value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (value > 0 && value <= LONGEST) return value;
  throw new RefusedError(`timeoutMs must be above 0 and at most ${LONGEST}, not ${value}`);
}

async function writeOnce(path: string, text: string): Promise<void> {
  // Neither O_CREAT nor O_TRUNC: where there is no such attribute the errno should be ENOENT.
  const file = await open(path, constants.O_WRONLY);
  try {
    await file.write(text);
  } finally {
    await file.close();
  }
}

/** Undefined when the time was over first. */
async function withDeadline<T>(work: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeoutMs);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'writing to sysfs needs root, or CAP_DAC_OVERRIDE',
  EPERM: 'this needs root, or CAP_NET_ADMIN',
  EROFS: '/sys is mounted read-only here, as it is in a container; give it write access to sysfs',
  ENODEV: 'the device is gone',
};

function asKernelError(error: unknown, path: string, { doing, advice, target }: WriteOptions): KernelError {
  const { code = 'EIO', errno } = error as NodeJS.ErrnoException;
  const why = advice?.[code] ?? ADVICE[code] ?? `writing ${path} failed; the reason may be in the kernel log`;
  return new KernelError(code, `${doing}: ${code}: ${why}`, {
    syscall: 'write',
    cause: error,
    ...(target === undefined ? {} : { target }),
    ...(errno === undefined ? {} : { errno }),
  });
}
