/**
 * The store for a process whose event loop must never stand still.
 *
 * Owns the {@link Store} over two threads: commits in one of their own, where they may wait for LMDB's lock and for the
 * disk, and reads here, which take no lock. The two share one database of the process, so that after a failed write
 * both let go of it, and the writer opens it first.
 */
import { encodeCommit } from '../commit.ts';
import { StoreError } from '../errors.ts';
import { type LmdbStore, openLmdbReader } from '../lmdb-store.ts';
import { defaultStorePath } from '../location.ts';
import { decodeKey } from '../record.ts';
import type { CommitOptions, Entry, Range, Store, StoreEvent, WatchStoreOptions } from '../store.ts';
import { StoreThread, type ThreadOptions } from './thread.ts';

export { isStuck } from './thread.ts';

const PATIENCE_MS = 10_000;
/** How long until opening anew after a failure is tried once more. */
const REOPEN_MS = 1000;
/** Told before LMDB was asked to write, so that the open database is as good as it was. */
const UNHARMED: ReadonlySet<string> = new Set(['EBUSY', 'ENOENT', 'ESTALE', 'EACCES']);

export interface ThreadedStoreOptions {
  /** How long a request may take, in ms, before it rejects with `EBUSY`; default 10,000. */
  readonly patienceMs?: number;
  /**
   * A commit has taken as long as that and can no longer be given up: it is being written, and the disk does not answer.
   * Called once a commit, which goes on and settles when the disk does.
   */
  readonly onSlow?: (error: StoreError) => void;
}

/**
 * A {@link Store} that never blocks the thread that uses it.
 *
 * What rejects with `EBUSY` has done nothing and will not do it later.
 */
export interface ThreadedStore extends Store {
  /** The directory's real path. */
  readonly directory: string;
  /**
   * Ends the store's thread. When that waits for a lock or the disk, this resolves after `patienceMs` all the same, and
   * `isStuck()` tells that `process.exit` would wait for it: end the process by a signal then.
   */
  close(): Promise<void>;
}

/**
 * Opens a store as `openLmdbStore` does, with a thread of its own for all that waits. Open it once in a process.
 *
 * @param path - as in `openLmdbStore`
 * @throws StoreError - as `openLmdbStore`; or `EBUSY`: another process holds the lock, or the disk does not answer
 */
export function openThreadedStore(path?: string, options: ThreadedStoreOptions = {}): Promise<ThreadedStore> {
  const program = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  return openWithProgram(new URL(program, import.meta.url), path, options);
}

/** {@link openThreadedStore} with the thread's program in another place, for tests of sources that Node can't run. */
export async function openWithProgram(
  program: URL,
  path: string | undefined,
  { patienceMs = PATIENCE_MS, onSlow = () => {} }: ThreadedStoreOptions,
): Promise<ThreadedStore> {
  const options: ThreadOptions = { patienceMs, onSlow };
  const thread = new StoreThread(program, path ?? defaultStorePath(), options);
  try {
    const { directory } = await thread.opened;
    return new TwoThreads(thread, await openLmdbReader(directory));
  } catch (error) {
    const closed = thread.close();
    // Else it waits for the lock; who opened it has waited long enough.
    if (!thread.late) await closed;
    throw error;
  }
}

class TwoThreads implements ThreadedStore {
  readonly directory: string;
  readonly #thread: StoreThread;
  readonly #reader: LmdbStore;
  #reopening: Promise<unknown> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed: Promise<void> | undefined;

  constructor(thread: StoreThread, reader: LmdbStore) {
    this.directory = reader.directory;
    this.#thread = thread;
    this.#reader = reader;
  }

  async get(key: string): Promise<Entry | undefined> {
    await this.#reopening;
    return this.#reader.get(key);
  }

  async range(
    prefix: string,
    options?: { readonly limit?: number; readonly after?: string },
  ): Promise<Range> {
    await this.#reopening;
    return this.#reader.range(prefix, options);
  }

  async commit(options: CommitOptions): Promise<number> {
    this.#refuseClosed();
    const { guards, changes } = encodeCommit(options);
    const sent = changes.map(({ key, value }) => ({ key: decodeKey(key), value }));
    try {
      const { revision } = await this.#thread.ask({ kind: 'commit', guards, changes: sent });
      if (this.#closed === undefined) this.#reader.wake();
      return revision;
    } catch (error) {
      if (error instanceof StoreError && !UNHARMED.has(error.code)) this.#reopen();
      throw error;
    }
  }

  watch(prefix: string, options?: WatchStoreOptions): AsyncIterable<StoreEvent> {
    return this.#reader.watch(prefix, options);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#retry);
    await this.#reader.close();
    await this.#thread.close();
  }

  /** LMDB refuses all work on a database whose head could not be written, until everyone has let go of it. */
  #reopen(): void {
    if (this.#closed !== undefined || this.#reopening !== undefined) return;
    this.#reader.suspend();
    const asked = this.#thread.ask({ kind: 'reopen' });
    this.#reopening = asked.then(
      () => this.#onReopened(),
      () => this.#onStillBroken(),
    );
  }

  #onReopened(): void {
    this.#reopening = undefined;
    if (this.#closed === undefined) this.#reader.resume();
  }

  #onStillBroken(): void {
    this.#reopening = undefined;
    if (this.#closed === undefined) this.#retry = setTimeout(() => this.#reopen(), REOPEN_MS).unref();
  }

  #refuseClosed(): void {
    if (this.#closed === undefined) return;
    throw new StoreError('SRIOV_STORE', `store ${this.directory} is closed; open it anew`);
  }
}
