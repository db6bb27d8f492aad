/**
 * Watches of one open store.
 *
 * Owns who waits and when they look. What changed is read from the log, so nothing is queued for slow readers. One
 * watcher of the data file serves all; a slow look at the counter is there for what the kernel does not tell, such
 * as a file system without inotify or too many watchers.
 */
import { type FSWatcher, watch as watchFile } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from './environment.ts';
import { StoreCompactedError } from './errors.ts';
import { readLog, readMeta } from './ledger.ts';
import { DATA_FILE } from './location.ts';
import type { LogPosition } from './record.ts';
import type { StoreEvent, WatchStoreOptions } from './store.ts';

/** Without inotify this is all there is. */
const POLL_MS = 1000;
/** With it, the kernel tells of every write to the data file; this is for what it may drop when its queue is full. */
const SAFETY_POLL_MS = 30_000;
/**
 * How long after the last write another look is had. The kernel tells of LMDB's head as soon as it is written, and the
 * writer makes its transaction known to readers only after that; a look in between finds nothing new.
 */
const ECHO_MS = 50;
/** Changes read in one go. */
const PAGE = 256;

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** Wakes watches up: after a commit of this store, and when the data file changes. */
export class Watches {
  readonly #environment: Environment;
  readonly #active = new Set<Watch>();
  #watcher: FSWatcher | undefined;
  #poll: NodeJS.Timeout | undefined;
  #echo: NodeJS.Timeout | undefined;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Begins at the call, not when someone asks for the first change. */
  watch(prefix: string, { from, signal }: WatchStoreOptions): AsyncIterable<StoreEvent> {
    const revision = from ?? (this.#environment.read(readMeta)?.revision ?? 0) + 1;
    const start = { revision, index: 0 };
    return { [Symbol.asyncIterator]: () => new Watch(this, this.#environment, prefix, start, signal) };
  }

  wake(): void {
    if (this.#environment.suspended) return;
    for (const watch of this.#active) watch.look();
  }

  add(watch: Watch): void {
    this.#active.add(watch);
    if (this.#poll !== undefined) return;
    try {
      this.#watcher = watchFile(join(this.#environment.directory, DATA_FILE), () => this.#onWrite());
      this.#watcher.on('error', () => this.#pollAlone());
      this.#pollEach(SAFETY_POLL_MS);
    } catch {
      // No inotify, or no more of its watches.
      this.#pollAlone();
    }
  }

  delete(watch: Watch): void {
    if (!this.#active.delete(watch) || this.#active.size > 0) return;
    clearInterval(this.#poll);
    clearTimeout(this.#echo);
    this.#watcher?.close();
    this.#poll = undefined;
    this.#echo = undefined;
    this.#watcher = undefined;
  }

  close(): void {
    for (const watch of this.#active) watch.end();
  }

  #onWrite(): void {
    this.wake();
    if (this.#active.size === 0) return;
    if (this.#echo === undefined) this.#echo = setTimeout(() => this.wake(), ECHO_MS);
    else this.#echo.refresh();
  }

  #pollAlone(): void {
    this.#watcher?.close();
    this.#pollEach(POLL_MS);
  }

  #pollEach(ms: number): void {
    clearInterval(this.#poll);
    this.#poll = setInterval(() => this.wake(), ms);
  }
}

type Result = IteratorResult<StoreEvent, undefined>;

interface Waiter {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Not a generator: its `return` would wait for a `next` that may never come. */
class Watch implements AsyncIterator<StoreEvent, undefined> {
  readonly #watches: Watches;
  readonly #environment: Environment;
  readonly #prefix: string;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.end();
  readonly #waiters: Waiter[] = [];
  #next: LogPosition;
  #events: StoreEvent[] = [];
  #state: 'new' | 'active' | 'ended' = 'new';

  constructor(
    watches: Watches,
    environment: Environment,
    prefix: string,
    start: LogPosition,
    signal: AbortSignal | undefined,
  ) {
    this.#watches = watches;
    this.#environment = environment;
    this.#prefix = prefix;
    this.#next = start;
    this.#signal = signal;
  }

  next(): Promise<Result> {
    if (this.#state === 'new') this.#start();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.look();
    });
  }

  return(): Promise<Result> {
    this.end();
    return Promise.resolve(DONE);
  }

  /** Gives those who wait what there is; the last of it when the watch has ended. */
  look(): void {
    if (this.#environment.suspended && this.#state === 'active') return;
    try {
      while (this.#waiters.length > 0 && this.#state === 'active' && this.#read()) this.#hand();
    } catch (error) {
      const [first] = this.#waiters.splice(0, 1);
      this.end();
      first?.reject(error);
    }
    if (this.#state === 'ended') for (const waiter of this.#waiters.splice(0)) waiter.resolve(DONE);
  }

  end(): void {
    this.#state = 'ended';
    this.#events = [];
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#watches.delete(this);
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(DONE);
  }

  #start(): void {
    if (this.#signal?.aborted === true) return this.end();
    this.#state = 'active';
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#watches.add(this);
  }

  #hand(): void {
    while (this.#waiters.length > 0 && this.#events.length > 0) {
      const [waiter] = this.#waiters.splice(0, 1);
      const [value] = this.#events.splice(0, 1);
      if (value !== undefined) waiter?.resolve({ done: false, value });
    }
  }

  /** False when there is nothing new. */
  #read(): boolean {
    while (this.#events.length === 0) {
      const page = this.#environment.read((database) => {
        const { revision = 0, oldest = 1 } = readMeta(database) ?? {};
        if (revision < this.#next.revision) return undefined;
        if (this.#next.revision < oldest) throw new StoreCompactedError(oldest);
        return readLog(database, this.#next, this.#prefix, PAGE);
      });
      if (page === undefined || page.next === this.#next) return false;
      this.#next = page.next;
      this.#events = [...page.events];
    }
    return true;
  }
}
