/**
 * The part of the addon that watches the kernel: the twin of `native/node/monitor_binding.cc`.
 *
 * Owns the shape of its calls and results; the monitors beside this file give them meaning.
 */

/** What a source watches: the argument of {@link MonitorNative.openMonitor}. */
export const LINKS = 0;
export const UEVENTS = 1;

/** Values of `sync` in what is taken. */
export const SYNC_NONE = 0;
export const SYNC_AFTER_LOSS = 2;

/** Places in a link's record of {@link MonitorNative.takeLinks}, and how many there are. */
export const LINK = {
  flags: 0,
  ifindex: 1,
  name: 2,
  device: 3,
  bus: 4,
  portName: 5,
  kind: 6,
  netFlags: 7,
  operState: 8,
  mtu: 9,
  mac: 10,
  master: 11,
  alias: 12,
  announcements: 13,
  length: 14,
} as const;

/** Bits of a record's `flags`. */
export const PRESENT = 1;
export const RECREATED = 2;
export const TOUCHED = 4;

/** errno, sync, and then {@link LINK}'s places for each link. */
export type LinkNews = readonly (number | string)[];

export type UeventNews = readonly [
  errno: number,
  sync: number,
  /** subsystem, name, path and driver of each; all that there are, if `sync` is set. */
  devices: readonly string[],
  uevents: readonly string[],
];

export interface MonitorNative {
  /**
   * Number of the new source, or a negative errno. `onNews` is called when there is something to take; it
   * must never throw.
   */
  openMonitor(kind: typeof LINKS | typeof UEVENTS, onNews: () => void): number;
  closeMonitor(source: number): void;
  /** Whether open sources keep the process alive; not before the first was opened. */
  keepMonitorAlive(keep: boolean): void;
  takeLinks(source: number): LinkNews;
  takeUevents(source: number): UeventNews;
}
