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

export type ProgramOutcome = readonly [
  errno: number,
  requested: number,
  applied: number,
  unverified: number,
  messages: number,
  reads: number,
  retries: number,
  numVf: number,
  rolledBack: number,
  aborted: number,
  coalesced: number,
  durationMs: number,
  extendedAck: string | undefined,
  failures: NativeFailures,
  notRestored: NativeFailures,
];

export type ReadOutcome = readonly [
  errno: number,
  extendedAck: string | undefined,
  numVf: number,
  listed: number,
  hasList: boolean,
  table: ArrayBuffer | undefined,
];

export interface VfNative {
  programVfsSync(
    ifindex: number,
    table: Uint8Array,
    flags: number,
    maxHoldNs: number,
    retryNs: number,
  ): ProgramOutcome;
  /** Resolves with an errno alone if there was no thread to do it. */
  programVfs(
    ifindex: number,
    table: Uint8Array,
    flags: number,
    maxHoldNs: number,
    retryNs: number,
    id: number,
  ): Promise<ProgramOutcome | number>;
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
