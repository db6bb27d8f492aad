/**
 * What a watcher gives to its caller: an async iterator that is fed from outside.
 *
 * Owns waiting, ending and failing. Never holds events itself: those wait in a queue that knows how to coalesce
 * them.
 */
import { AbortedError, type SriovError } from '../errors.ts';

/**
 * Events as they come. For one reader: `for await` it once. Leaving the loop closes it.
 *
 * While it is open it keeps the process alive, unless `persistent: false` was given, whether or not
 * anybody reads. Events that are not read are coalesced, so that it never holds more than there are links or
 * devices.
 */
export interface Watch<E> extends AsyncIterableIterator<E> {
  /** Entries that wait to be read; an entry is at most two events. */
  readonly pending: number;
  /** Ends the iteration; what was not read is dropped. May be called again. */
  close(): void;
  return(): Promise<IteratorResult<E>>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of every watch. */
export interface WatchOptions {
  /** Ends the iteration, which then throws an {@link AbortedError}; what was not read is dropped. */
  readonly signal?: AbortSignal;
  /** Whether the open watch keeps the process alive; true by default, as with `fs.watch`. */
  readonly persistent?: boolean;
}

/** Where the unread events of one reader are. */
export interface EventQueue<E> {
  readonly size: number;
  take(): E | undefined;
  clear(): void;
}

interface Waiting<E> {
  resolve(result: IteratorResult<E>): void;
  reject(error: Error): void;
}

/** The one implementation of {@link Watch}; whoever makes it calls `wake` and `fail`. */
export class QueueWatch<E> implements Watch<E> {
  readonly #queue: EventQueue<E>;
  readonly #onClose: () => void;
  #signal: AbortSignal | undefined;
  readonly #waiting: Waiting<E>[] = [];
  #failure: SriovError | undefined;
  #closed = false;

  /** `onClose` is called once, however the watch ends. */
  constructor(queue: EventQueue<E>, onClose: () => void) {
    this.#queue = queue;
    this.#onClose = onClose;
  }

  /** Ends when the signal is aborted, at once if it is already. */
  follow(signal: AbortSignal | undefined): void {
    this.#signal = signal;
    if (signal?.aborted === true) this.#abort();
    else signal?.addEventListener('abort', this.#abort, { once: true });
  }

  get pending(): number {
    return this.#queue.size;
  }

  next(): Promise<IteratorResult<E>> {
    const event = this.#queue.take();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#failure !== undefined) {
      const failure = this.#failure;
      this.#failure = undefined;
      return Promise.reject(failure);
    }
    if (this.#closed) return Promise.resolve(END);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<E>> {
    this.close();
    return Promise.resolve(END);
  }

  close(): void {
    this.#queue.clear();
    this.#failure = undefined;
    this.#end();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** Gives the reader what has come, if he waits for it. */
  wake(): void {
    while (this.#waiting.length > 0) {
      const value = this.#queue.take();
      if (value === undefined) return;
      this.#waiting.shift()?.resolve({ done: false, value });
    }
  }

  /** Ends the iteration with an error, after what is queued has been read. */
  fail(error: SriovError): void {
    if (this.#closed) return;
    this.wake();
    const first = this.#waiting.shift();
    if (first === undefined) this.#failure = error;
    else first.reject(error);
    this.#end();
  }

  readonly #abort = (): void => {
    this.#queue.clear();
    const error = new AbortedError('the watch was aborted', undefined, {});
    error.cause = this.#signal?.reason;
    this.fail(error);
  };

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#signal?.removeEventListener('abort', this.#abort);
    for (const { resolve } of this.#waiting.splice(0)) resolve(END);
    this.#onClose();
  }
}

const END: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });
