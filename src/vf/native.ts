/**
 * What the addon offers for VFs: the twin of `native/node/vf_binding.cc`.
 *
 * Owns the shape of its calls and results; `../host/` gives them meaning.
 */

/** Bits of `flags`. */
export const PROGRAM_VERIFY = 1;
export const PROGRAM_ATOMIC = 2;
/** Somebody may cancel it, so it is not sent together with other requests. */
export const PROGRAM_STOPPABLE = 4;

/** vf, setting (index in VF_ATTRIBUTES), kind, errno, extended acknowledgement; and so on. */
export type NativeFailures = readonly (number | string | undefined)[] | undefined;

/** Values of a failure's kind. */
export const FAILURE_REFUSED = 0;
export const FAILURE_NOT_APPLIED = 1;
export const FAILURE_NOT_REPORTED = 2;

/** Places in {@link VfNative.exchange}: options of a synchronous call, then the numbers of its outcome. */
export const EXCHANGE_FLAGS = 0;
export const EXCHANGE_MAX_HOLD_NS = 1;
export const EXCHANGE_RETRY_NS = 2;
export const EXCHANGE_NUMBERS = 3;

/** Places in the numbers of an outcome. */
export const NUMBER_ERRNO = 0;
export const NUMBER_REQUESTED = 1;
export const NUMBER_APPLIED = 2;
export const NUMBER_UNVERIFIED = 3;
export const NUMBER_MESSAGES = 4;
export const NUMBER_READS = 5;
export const NUMBER_RETRIES = 6;
export const NUMBER_NUM_VF = 7;
export const NUMBER_ROLLED_BACK = 8;
export const NUMBER_ABORTED = 9;
export const NUMBER_COALESCED = 10;
export const NUMBER_DURATION_MS = 11;

/** Undefined if there is none of it. */
export type ProgramWords =
  | readonly [extendedAck: string | undefined, failures: NativeFailures, notRestored: NativeFailures]
  | undefined;

export type ReadOutcome = readonly [
  errno: number,
  extendedAck: string | undefined,
  numVf: number,
  listed: number,
  hasList: boolean,
  table: ArrayBuffer | undefined,
];

export interface VfNative {
  /** Numbers in and out of `programVfsSync`, which hands them over without a call for each. */
  readonly exchange: Float64Array;
  programVfsSync(ifindex: number, table: Uint8Array): ProgramWords;
  /** Resolves with an errno alone if there was no thread to do it. */
  programVfs(
    ifindex: number,
    table: Uint8Array,
    flags: number,
    maxHoldNs: number,
    retryNs: number,
    id: number,
  ): Promise<readonly [numbers: Float64Array, words: ProgramWords] | number>;
  cancelProgram(id: number): void;
  readVfsSync(ifindex: number, stats: boolean): ReadOutcome;
  readVfs(ifindex: number, stats: boolean): Promise<ReadOutcome | number>;
  /** ifindex, or a negative errno. */
  findLink(name: string): number;
  /** Name, or a negative errno. */
  linkName(ifindex: number): string | number;
  readonly vfTableLayout: {
    readonly magic: number;
    readonly headerBytes: number;
    readonly columns: number;
    readonly bytesFor3Rows: number;
    readonly bytesFor3RowsWithStats: number;
  };
}
