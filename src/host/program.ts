/**
 * Around a request to program VFs: options to the addon's form, its outcome to a report.
 *
 * Owns the limits of the options and the errors of a request as a whole.
 */
import { errnoName } from '../errno.ts';
import { AbortedError, InvalidConfigError, KernelError } from '../errors.ts';
import type { VfConfig } from '../vf/config.ts';
import { toFailures } from '../vf/failure.ts';
import { fillTable, requireList } from '../vf/fill.ts';
import {
  NUMBER_ABORTED,
  NUMBER_APPLIED,
  NUMBER_COALESCED,
  NUMBER_DURATION_MS,
  NUMBER_ERRNO,
  NUMBER_MESSAGES,
  NUMBER_NUM_VF,
  NUMBER_READS,
  NUMBER_REQUESTED,
  NUMBER_RETRIES,
  NUMBER_ROLLED_BACK,
  NUMBER_UNVERIFIED,
  PROGRAM_ATOMIC,
  PROGRAM_VERIFY,
  type ProgramWords,
} from '../vf/native.ts';
import type { ProgramOptions, ProgramReport } from '../vf/report.ts';
import { VfTable } from '../vf/table.ts';

const DEFAULT_MAX_HOLD_MS = 10;
const DEFAULT_RETRY_MS = 1000;

const KNOWN_OPTIONS: ReadonlySet<string> = new Set(['maxHoldMs', 'retryMs', 'verify', 'atomic', 'signal']);

/** Who is asked, for messages. */
export interface Asked {
  readonly name: string;
  readonly ifindex: number;
}

/** A call in the addon's form. */
export interface ProgramCall {
  readonly flags: number;
  readonly maxHoldNs: number;
  readonly retryNs: number;
}

const DEFAULT_CALL: ProgramCall = {
  flags: 0,
  maxHoldNs: DEFAULT_MAX_HOLD_MS * 1e6,
  retryNs: DEFAULT_RETRY_MS * 1e6,
};

/** @throws InvalidConfigError - an option is unknown or out of range */
export function checkOptions(options: ProgramOptions): ProgramCall {
  let any = false;
  for (const key in options) {
    if (!KNOWN_OPTIONS.has(key)) {
      throw new InvalidConfigError(
        `unknown option ${JSON.stringify(key)}; known are maxHoldMs, retryMs, verify, atomic and, where it can be stopped, signal`,
      );
    }
    any = true;
  }
  if (!any) return DEFAULT_CALL;
  const hold = milliseconds('maxHoldMs', options.maxHoldMs, DEFAULT_MAX_HOLD_MS, 0.1, 10_000);
  const retry = milliseconds('retryMs', options.retryMs, DEFAULT_RETRY_MS, 0, 600_000);
  return {
    flags:
      (flag('verify', options.verify) ? PROGRAM_VERIFY : 0) |
      (flag('atomic', options.atomic) ? PROGRAM_ATOMIC : 0),
    maxHoldNs: Math.round(hold * 1e6),
    retryNs: Math.round(retry * 1e6),
  };
}

function milliseconds(name: string, value: unknown, fallback: number, least: number, most: number): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw new InvalidConfigError(
    `${name} must be a number of milliseconds from ${least} to ${most}, not ${String(value)}`,
  );
}

function flag(name: string, value: unknown): boolean {
  if (value === undefined || value === false) return false;
  if (value === true) return true;
  throw new InvalidConfigError(`${name} must be true or false, not ${String(value)}`);
}

/** By power of two of the capacity: tables of the synchronous path, whose content no one needs afterwards. */
const reused: (VfTable | undefined)[] = [];

/** A table of these settings that is good until the next call. */
export function reusedTable(configs: readonly VfConfig[]): VfTable {
  requireList(configs);
  const power = 32 - Math.clz32(configs.length);
  const table = (reused[power] ??= VfTable.allocate(1 << power));
  fillTable(table, configs);
  return table;
}

/** @throws KernelError - always: there was no thread to do it */
export function noThread(pf: Asked, errno: number): never {
  const code = errnoName(errno);
  throw new KernelError(code, `${pf.name}: no thread for the request: ${code}`, {
    errno: -errno,
    syscall: 'pthread_create',
  });
}

/**
 * @param numbers - of the outcome, from place `at` on
 * @throws KernelError - the request as a whole was refused
 */
export function toReport(
  pf: Asked,
  table: VfTable,
  numbers: Float64Array,
  at: number,
  words: ProgramWords,
): ProgramReport {
  const number = (place: number): number => numbers[at + place] as number;
  const errno = number(NUMBER_ERRNO);
  if (errno !== 0) throw requestError(pf, errno, words?.[0]);
  const numVfs = number(NUMBER_NUM_VF);
  const context = words === undefined ? undefined : { pf: pf.name, table, numVfs };
  return {
    vfs: table.length,
    requested: number(NUMBER_REQUESTED),
    applied: number(NUMBER_APPLIED),
    failures: context === undefined ? [] : toFailures(words?.[1], context),
    rolledBack: number(NUMBER_ROLLED_BACK) !== 0,
    notRestored: context === undefined ? [] : toFailures(words?.[2], context),
    aborted: number(NUMBER_ABORTED) !== 0,
    unverified: number(NUMBER_UNVERIFIED),
    messages: number(NUMBER_MESSAGES),
    reads: number(NUMBER_READS),
    retries: number(NUMBER_RETRIES),
    coalesced: number(NUMBER_COALESCED),
    durationMs: number(NUMBER_DURATION_MS),
  };
}

export function abortedError(pf: Asked, report: ProgramReport | undefined): AbortedError {
  const done =
    report === undefined ? 'nothing was sent' : `${report.applied} of ${report.requested} settings stand`;
  return new AbortedError(`${pf.name}: programming VFs was stopped by its signal; ${done}`, report, {
    pf: pf.name,
  });
}

/** Errors of reading and programming alike, with the way out. */
export function requestError(pf: Asked, errno: number, extendedAck: string | undefined): KernelError {
  const code = errnoName(errno);
  const name = nameIfThere(pf);
  const text = extendedAck === undefined ? '' : ` (${extendedAck})`;
  return new KernelError(
    code,
    `${name}: ${code}${text}: ${REQUEST_ADVICE[code] ?? 'the kernel refused the request'}`,
    {
      errno: -errno,
      syscall: 'sendmsg',
      target: { pf: name },
      ...(extendedAck === undefined ? {} : { extendedAck }),
    },
  );
}

function nameIfThere(pf: Asked): string {
  try {
    return pf.name;
  } catch {
    return `ifindex ${pf.ifindex}`;
  }
}

const REQUEST_ADVICE: Readonly<Record<string, string>> = {
  EPERM:
    'setting VFs needs CAP_NET_ADMIN in the user namespace that owns this network namespace; run as root, or grant it',
  ENODEV: 'the physical function is gone from this network namespace; open it again by its PCI address',
  ENOBUFS:
    'replies of the kernel were lost for lack of memory, so what was set is not known; read the VFs back',
  EMSGSIZE: 'the kernel could not fit the VFs into one answer; a newer kernel can (GUIDs of InfiniBand VFs)',
  EBADMSG: 'the kernel sent an answer that makes no sense; please report it with your kernel version',
  EPROTO: 'the kernel did not answer the request to its end; please report it with your kernel version',
  EMFILE: 'no file descriptor is left for a netlink socket',
  EAGAIN: 'no answer came although the kernel took the request; try again',
};
