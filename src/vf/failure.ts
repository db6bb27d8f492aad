/**
 * The words of a failure: what was asked of which VF, why it failed, and the way out.
 *
 * Owns the advice for each errno; sources are the kernel's do_setvfinfo (net/core/rtnetlink.c) and what
 * drivers return from their ndo_set_vf_* operations.
 */
import { errnoName } from '../errno.ts';
import { VF_ATTRIBUTES, type VfAttribute } from './config.ts';
import { FAILURE_NOT_APPLIED, FAILURE_NOT_REPORTED, type NativeFailures } from './native.ts';
import type { VfFailure } from './report.ts';
import type { VfTable } from './table.ts';

/** What the words are about. */
export interface FailureContext {
  /** Name of the PF. */
  readonly pf: string;
  /** What was asked for. */
  readonly table: VfTable;
  /** VFs that the PF has; 0 if not known. */
  readonly numVfs: number;
}

/** Turns the addon's list into failures with words, sorted by VF and attribute. */
export function toFailures(native: NativeFailures, context: FailureContext): VfFailure[] {
  const failures: VfFailure[] = [];
  if (native === undefined) return failures;
  for (let i = 0; i < native.length; i += 5) {
    const vf = native[i] as number;
    const attribute = VF_ATTRIBUTES[native[i + 1] as number] as VfAttribute;
    const kind = native[i + 2] as number;
    const errno = native[i + 3] as number;
    const extendedAck = native[i + 4] as string | undefined;
    failures.push({
      vf,
      attribute,
      errno: errno === 0 ? 0 : -errno,
      code: codeOf(kind, errno),
      message: describe(vf, attribute, kind, errno, extendedAck, context),
      ...(extendedAck === undefined ? {} : { extendedAck }),
    });
  }
  const order = (failure: VfFailure): number => VF_ATTRIBUTES.indexOf(failure.attribute);
  return failures.sort((a, b) => a.vf - b.vf || order(a) - order(b));
}

function codeOf(kind: number, errno: number): string {
  if (kind === FAILURE_NOT_APPLIED) return 'NOT_APPLIED';
  return kind === FAILURE_NOT_REPORTED ? 'NOT_REPORTED' : errnoName(errno);
}

function describe(
  vf: number,
  attribute: VfAttribute,
  kind: number,
  errno: number,
  extendedAck: string | undefined,
  context: FailureContext,
): string {
  const value = context.table.find(vf)?.[attribute];
  const what = `${context.pf} VF ${vf}: ${attribute} ${show(value)}`;
  if (kind === FAILURE_NOT_APPLIED) {
    return `${what} was accepted but does not read back: the driver has not applied it; read the PF again later, or raise retryMs`;
  }
  if (kind === FAILURE_NOT_REPORTED) {
    return `${what} was set and cannot be put back: the driver does not report what was there before`;
  }
  const text = extendedAck === undefined ? '' : ` (${extendedAck})`;
  return `${what}: ${errnoName(errno)}${text}: ${advice(vf, attribute, errno, context.numVfs)}`;
}

function advice(vf: number, attribute: VfAttribute, errno: number, numVfs: number): string {
  if (numVfs > 0 && vf >= numVfs) {
    return `the PF has ${numVfs} VFs, 0 to ${numVfs - 1}; raise their number first`;
  }
  switch (errnoName(errno)) {
    case 'EOPNOTSUPP':
      return attribute === 'rate'
        ? 'the driver has no rate limits, or the PF is in switchdev mode, where they are set with devlink port function rate'
        : 'the driver has no such setting';
    case 'EPROTONOSUPPORT':
      return 'the driver has no such VLAN protocol; use 802.1Q';
    case 'EINVAL':
      return einval(attribute);
    case 'ERANGE':
      return 'the driver does not take this value';
    case 'EBUSY':
    case 'EAGAIN':
    case 'EINTR':
      return 'still busy when the time for retries was over; try again, or raise retryMs';
    case 'EPERM':
    case 'EACCES':
      return 'the driver or the firmware does not let the host set it';
    case 'EADDRNOTAVAIL':
      return 'the driver does not take this address';
    default:
      return 'the driver refused it; its reason may be in the kernel log';
  }
}

function einval(attribute: VfAttribute): string {
  switch (attribute) {
    case 'rate':
      return 'the driver refused the limits: max must not be below min nor above the link speed, the link may have to be up, and many drivers have no min';
    case 'mac':
      return 'the driver refused the address, or the VF does not exist';
    default:
      return 'the driver refused the value, or the VF does not exist';
  }
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'cleared');
}
