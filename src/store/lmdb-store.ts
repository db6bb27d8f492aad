/**
 * The embedded store: one LMDB database in a directory of its own, shared by all processes of its owner.
 *
 * Owns opening and the {@link Store} over a transaction. It must never give back a promise of a commit that is not on
 * disk.
 */
import { type EncodedCommit, encodeChanges, encodeCommit } from './commit.ts';
import { Environment } from './environment.ts';
import { StoreError } from './errors.ts';
import { damaged, toStoreError } from './failure.ts';
import { requireRoom } from './room.ts';
import {
  checkGuards,
  type EncodedChange,
  readEntry,
  readMeta,
  readRange,
  writeChanges,
  writeMeta,
} from './ledger.ts';
import { defaultStorePath, fileId, prepareLocation } from './location.ts';
import type { Meta } from './record.ts';
import { type Migration, MIGRATIONS, newestSchema, refuseSchema } from './schema.ts';
import type { CommitOptions, Entry, Range, Store, StoreEvent, WatchStoreOptions } from './store.ts';
import { Watches } from './watch.ts';

/** Changes that are kept for watches; about 10 MB of ports. */
const HISTORY = 10_000;

export interface OpenStoreOptions {
  /** Default true. False: a store that is not there is refused with ENOENT rather than made. */
  readonly create?: boolean;
}

/** What is fixed in the package, and chosen by its own tests alone. */
export interface StoreForm {
  readonly migrations: readonly Migration[];
  readonly history: number;
}

/** Called when the write lock is held and nothing has been written; a SriovError that it throws undoes the commit. */
export type OnLocked = () => void;

/**
 * Opens the store of a directory, which is made (0700, its files 0600) when it is not there.
 *
 * It may be opened any number of times, by any number of processes of one user on one host; not over a network file
 * system, whose locks LMDB can't use. While another process commits, all that this one does waits for that disk.
 *
 * @param path - absent: `$SRIOV_STORE`; else `/var/lib/sriov/store` for root, `$XDG_STATE_HOME/sriov` or
 *   `~/.local/state/sriov` for others
 * @throws StoreError - `code` is an errno name (ENOENT, EACCES, EROFS, ENOSPC, EIO, ...), or `SRIOV_STORE`: others
 *   may write to it, it is damaged, or of a newer version of this package
 */
export async function openLmdbStore(path?: string, options: OpenStoreOptions = {}): Promise<Store> {
  return openStoreOfForm(path, options, { migrations: MIGRATIONS, history: HISTORY });
}

/** {@link openLmdbStore} with migrations and a length of history of the test's own. */
export async function openStoreOfForm(
  path: string | undefined,
  { create = true }: OpenStoreOptions,
  form: StoreForm,
  onLocked: OnLocked = () => {},
): Promise<LmdbStore> {
  const directory = prepareLocation(path ?? defaultStorePath(), create);
  const environment = await Environment.acquire(directory);
  try {
    prepareSchema(environment, form, onLocked);
    return new LmdbStore(environment, form, onLocked);
  } catch (error) {
    environment.release();
    throw error;
  }
}

/** {@link openLmdbStore} for a thread that asks, once it has the write lock, whether it should still write. */
export function openLmdbWriter(path: string | undefined, onLocked: OnLocked): Promise<LmdbStore> {
  return openStoreOfForm(path, {}, { migrations: MIGRATIONS, history: HISTORY }, onLocked);
}

/**
 * For reading alone what another thread of this process has open: it never waits for the write lock.
 *
 * @param directory - as the writer tells it
 */
export async function openLmdbReader(directory: string): Promise<LmdbStore> {
  const environment = await Environment.acquire(directory, 'reader');
  return new LmdbStore(environment, { migrations: MIGRATIONS, history: HISTORY }, () => {});
}

/** Reads first, so that a store of this version is not written to and a newer one stays as it is. */
function prepareSchema(
  environment: Environment,
  { migrations, history }: StoreForm,
  onLocked: OnLocked,
): void {
  const known = newestSchema(migrations);
  const path = environment.directory;
  if (environment.read(readMeta)?.schema === known) return;
  const found = environment.read(readMeta)?.schema;
  if (found !== undefined && found > known) refuseSchema(found, known, path);
  environment.write((database) => {
    onLocked();
    let meta = readMeta(database) ?? { schema: known, revision: 0, oldest: 1, logged: 0 };
    if (meta.schema > known) refuseSchema(meta.schema, known, path);
    for (const migrate of migrations.slice(meta.schema - 1)) {
      const changes = encodeChanges(migrate(readRange(database, '', {}).entries));
      meta = { ...writeChanges(database, meta, changes, history), schema: meta.schema + 1 };
    }
    writeMeta(database, meta);
  });
}

export class LmdbStore implements Store {
  readonly #environment: Environment;
  readonly #form: StoreForm;
  readonly #watches: Watches;
  readonly #onLocked: OnLocked;
  readonly #file: string;
  #closed = false;

  constructor(environment: Environment, form: StoreForm, onLocked: OnLocked) {
    this.#environment = environment;
    this.#form = form;
    this.#onLocked = onLocked;
    this.#file = fileId(environment.directory);
    this.#watches = new Watches(environment);
  }

  async get(key: string): Promise<Entry | undefined> {
    this.#refuseClosed();
    return this.#environment.read((database) => {
      this.#checked(readMeta(database));
      return readEntry(database, key);
    });
  }

  async range(
    prefix: string,
    options: { readonly limit?: number; readonly after?: string } = {},
  ): Promise<Range> {
    this.#refuseClosed();
    return this.#environment.read((database) => {
      this.#checked(readMeta(database));
      return readRange(database, prefix, options);
    });
  }

  async commit(options: CommitOptions): Promise<number> {
    this.#refuseClosed();
    const revision = this.write(encodeCommit(options));
    this.wake();
    return revision;
  }

  /** A commit that was checked and encoded already. */
  write({ guards, changes }: EncodedCommit): number {
    this.#refuseReplaced();
    this.#requireRoom(changes);
    const { revision } = this.#environment.write((database) => {
      this.#onLocked();
      const meta = this.#checked(readMeta(database));
      checkGuards(database, guards);
      return writeChanges(database, meta, changes, this.#form.history);
    });
    return revision;
  }

  watch(prefix: string, options: WatchStoreOptions = {}): AsyncIterable<StoreEvent> {
    this.#refuseClosed();
    return this.#watches.watch(prefix, options);
  }

  /** Lets watches look for what was committed elsewhere. */
  wake(): void {
    this.#watches.wake();
  }

  /** The directory's real path. */
  get directory(): string {
    return this.#environment.directory;
  }

  /** Lets go of the files until {@link resume}; reads reject with EBUSY meanwhile, watches wait. */
  suspend(): void {
    this.#environment.suspend();
  }

  resume(): void {
    this.#environment.resume();
    this.wake();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#watches.close();
    this.#environment.release();
  }

  #refuseClosed(): void {
    if (this.#closed) {
      throw new StoreError('SRIOV_STORE', `store ${this.#environment.directory} is closed; open it anew`);
    }
  }

  /** LMDB goes on with the file that it has open, and what is written to one that nobody finds any more is lost. */
  #refuseReplaced(): void {
    const { directory } = this.#environment;
    try {
      if (fileId(directory) === this.#file) return;
    } catch (error) {
      throw toStoreError(error, directory, 'write');
    }
    throw new StoreError(
      'ESTALE',
      `store ${directory} was replaced while it was open; nothing was written; open it anew`,
    );
  }

  #requireRoom(changes: readonly EncodedChange[]): void {
    const { directory } = this.#environment;
    try {
      requireRoom(
        directory,
        changes.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0),
      );
    } catch (error) {
      throw toStoreError(error, directory, 'write');
    }
  }

  /** Another process may have migrated the store while it was open here. */
  #checked(meta: Meta | undefined): Meta {
    if (meta === undefined) throw damaged(this.#environment.directory, 'its counters are gone');
    refuseSchema(meta.schema, newestSchema(this.#form.migrations), this.#environment.directory);
    return meta;
  }
}
