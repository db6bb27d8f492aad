/**
 * One source of the addon, open while it has readers, however many they are.
 *
 * Owns opening, closing, errors of the source and whether the process is kept alive. What is taken from it is
 * left to whoever made it.
 */
import { errnoName } from '../errno.ts';
import { KernelError, type SriovError } from '../errors.ts';
import type { LINKS, MonitorNative, UEVENTS } from './native.ts';

/** What a source has to do with each of its readers. */
export interface Reader {
  readonly persistent: boolean;
  readonly watch: ReaderWatch;
}

/** The part of a {@link QueueWatch} that has nothing to do with what it yields. */
export interface ReaderWatch {
  follow(signal: AbortSignal | undefined): void;
  fail(error: SriovError): void;
  close(): void;
}

/** The readers, of all sources, that keep the process alive. */
export class KeepAlive {
  readonly #native: MonitorNative;
  #holders = 0;

  constructor(native: MonitorNative) {
    this.#native = native;
  }

  hold(): void {
    if (this.#holders++ === 0) this.#native.keepMonitorAlive(true);
  }

  release(): void {
    if (--this.#holders === 0) this.#native.keepMonitorAlive(false);
  }
}

export class SharedSource<R extends Reader> {
  readonly readers: Set<R> = new Set<R>();
  readonly #native: MonitorNative;
  readonly #kind: typeof LINKS | typeof UEVENTS;
  readonly #what: string;
  readonly #keepAlive: KeepAlive;
  readonly #onNews: (source: number) => void;
  readonly #onClosed: () => void;
  #source = 0;

  constructor(
    native: MonitorNative,
    keepAlive: KeepAlive,
    kind: typeof LINKS | typeof UEVENTS,
    onNews: (source: number) => void,
    onClosed: () => void,
  ) {
    this.#native = native;
    this.#keepAlive = keepAlive;
    this.#kind = kind;
    this.#what = ['links', 'uevents'][kind] ?? '';
    this.#onNews = onNews;
    this.#onClosed = onClosed;
  }

  /**
   * Adds the reader that `make` makes, unless the signal is aborted already; what it gets is to be called once,
   * when the reader closes.
   *
   * @throws KernelError - the sockets or the thread cannot be had
   */
  join(make: (onClose: () => void) => R, signal: AbortSignal | undefined): R {
    const reader: R = make(() => this.#leave(reader));
    if (signal?.aborted !== true) {
      if (this.#source === 0) this.#open(reader);
      this.readers.add(reader);
      if (reader.persistent) this.#keepAlive.hold();
    }
    reader.watch.follow(signal);
    return reader;
  }

  #open(reader: R): void {
    const opened = this.#native.openMonitor(this.#kind, () => {
      if (this.#source !== 0) this.#onNews(this.#source);
    });
    if (opened > 0) {
      this.#source = opened;
      return;
    }
    reader.watch.close();
    throw this.#error(-opened);
  }

  #leave(reader: R): void {
    if (!this.readers.delete(reader)) return;
    if (reader.persistent) this.#keepAlive.release();
    if (this.readers.size > 0) return;
    this.#native.closeMonitor(this.#source);
    this.#source = 0;
    this.#onClosed();
  }

  /** The source has given up: every reader is told and leaves, and the next one opens it anew. */
  fail(errno: number): void {
    const error = this.#error(errno);
    for (const reader of [...this.readers]) reader.watch.fail(error);
  }

  #error(errno: number): KernelError {
    const code = errnoName(errno);
    return new KernelError(code, `cannot watch ${this.#what}: ${code}`, { errno: -errno });
  }
}
