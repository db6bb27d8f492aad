/**
 * LMDB environments of this process: one for each directory, however often it is opened.
 *
 * Owns loading the library, opening, and opening anew after a failed write. Sharing is not left to the library, whose
 * instances of one file would stay broken together after a failure.
 */
import type { open as openLmdb, RootDatabase } from 'lmdb';
import { StoreError } from './errors.ts';
import { toStoreError } from './failure.ts';

/** A database whose keys and values are bytes. */
export type Bytes = RootDatabase<Buffer, Buffer>;

type OpenLmdb = typeof openLmdb;

/**
 * `writer`: takes the write lock to open, and to write. `reader`: never takes it, and so never waits for others; another
 * thread of this process must have the directory open as a writer, whose database the library then shares.
 */
export type Role = 'writer' | 'reader';

const environments: Readonly<Record<Role, Map<string, Environment>>> = {
  writer: new Map(),
  reader: new Map(),
};

export class Environment {
  readonly directory: string;
  readonly #role: Role;
  readonly #open: OpenLmdb;
  #root: Bytes | undefined;
  #users = 0;
  #suspended = false;

  constructor(directory: string, role: Role, open: OpenLmdb) {
    this.directory = directory;
    this.#role = role;
    this.#open = open;
  }

  /** The environment of a directory, opened for one more user. */
  static async acquire(directory: string, role: Role = 'writer'): Promise<Environment> {
    const { open } = await import('lmdb');
    const known = environments[role].get(directory) ?? new Environment(directory, role, open);
    try {
      void known.#database();
    } catch (error) {
      throw toStoreError(error, directory, 'open');
    }
    environments[role].set(directory, known);
    known.#users++;
    return known;
  }

  /** Closed for a while, so that the writer of another thread can open the files anew. */
  get suspended(): boolean {
    return this.#suspended;
  }

  suspend(): void {
    this.#suspended = true;
    this.#closeDatabase();
  }

  resume(): void {
    this.#suspended = false;
  }

  /** @throws StoreError */
  read<T>(work: (database: Bytes) => T): T {
    if (this.#suspended) {
      throw new StoreError(
        'EBUSY',
        `store ${this.directory} is being opened anew after a failure; try again`,
      );
    }
    try {
      const database = this.#database();
      // Else a read in the same turn of the event loop would not see what another process wrote.
      database.resetReadTxn();
      return work(database);
    } catch (error) {
      throw toStoreError(error, this.directory, 'read');
    }
  }

  /**
   * Runs work in a write transaction, which no other process runs at the same time; throwing undoes it. It is on disk
   * when this returns: `overlappingSync` is off, so LMDB syncs the data and then writes its head with O_DSYNC.
   *
   * Synchronous on purpose. The library's queue would put several callers into one transaction, where one can't be
   * undone alone, and tells errors of the disk apart only on the console. The price is that the event loop waits for
   * the disk, once a commit.
   *
   * @throws StoreError
   */
  write<T>(work: (database: Bytes) => T): T {
    let finished = false;
    try {
      const database = this.#database();
      return database.transactionSync(() => {
        const result = work(database);
        finished = true;
        return result;
      });
    } catch (error) {
      // Once its head could not be written, LMDB refuses all further work on the open environment.
      if (finished || !isOwn(error)) this.#closeDatabase();
      throw toStoreError(error, this.directory, 'write');
    }
  }

  release(): void {
    if (--this.#users > 0) return;
    environments[this.#role].delete(this.directory);
    this.#closeDatabase();
  }

  #database(): Bytes {
    this.#root ??= this.#open<Buffer, Buffer>(this.directory, {
      // Else the library takes a path with a dot for a file.
      noSubdir: false,
      overlappingSync: false,
      readOnly: this.#role === 'reader',
      keyEncoding: 'binary',
      encoding: 'binary',
    });
    return this.#root;
  }

  #closeDatabase(): void {
    const root = this.#root;
    this.#root = undefined;
    // Nothing is queued, so that this is done when it returns; its promise is a formality.
    void root?.close();
  }
}

/** Thrown by the work itself, before LMDB was asked to commit. */
function isOwn(error: unknown): boolean {
  return typeof (error as { readonly code?: unknown }).code === 'string';
}
