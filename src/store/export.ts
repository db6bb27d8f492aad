/**
 * The store as one JSON document, and back.
 *
 * Owns the document's form. Revisions of entries are for the reader: an import gives its own.
 */
import { InvalidConfigError, RefusedError } from '../errors.ts';
import { checkJson, encodeKey } from './record.ts';
import type { Change, Entry, Json, Store } from './store.ts';

export const EXPORT_SCHEMA = 'sriov/store/v1';

export interface StoreDocument {
  readonly schema: typeof EXPORT_SCHEMA;
  /** Of the store when it was exported. */
  readonly revision: number;
  /** In order of key. */
  readonly entries: readonly Entry[];
}

/** All that the store holds, read at one revision. */
export async function exportStore(store: Store): Promise<StoreDocument> {
  const { entries, revision } = await store.range('');
  return { schema: EXPORT_SCHEMA, revision, entries };
}

export interface ImportReport {
  readonly written: number;
  /** Entries that were there and are not in the document. */
  readonly deleted: number;
  /** Of the store afterwards. */
  readonly revision: number;
}

export interface ImportOptions {
  /** Everything that is there goes. Default false: a store that is not empty is refused. */
  readonly replace?: boolean;
  /** Says what would be done, and does nothing. Default false. */
  readonly dryRun?: boolean;
}

/**
 * Fills a store from a document, in one commit.
 *
 * @throws InvalidConfigError - it is no document of this kind; the message names the entry
 * @throws RefusedError - the store is not empty, and `replace` is not given
 * @throws StoreConflictError - someone wrote to an entry meanwhile
 */
export async function importStore(
  store: Store,
  document: unknown,
  { replace = false, dryRun = false }: ImportOptions = {},
): Promise<ImportReport> {
  const { entries } = readDocument(document);
  const now = await store.range('');
  if (now.entries.length > 0 && !replace) {
    throw new RefusedError(
      `the store holds ${now.entries.length} entries already; export them first, then import with --replace`,
    );
  }
  const kept = new Set(entries.map(({ key }) => key));
  const doomed = now.entries.filter(({ key }) => !kept.has(key));
  const report = { written: entries.length, deleted: doomed.length };
  if (dryRun) return { ...report, revision: now.revision };
  const changes: Change[] = [
    ...doomed.map(({ key }) => ({ key, value: undefined })),
    ...entries.map(({ key, value }) => ({ key, value })),
  ];
  // Keys of the document that are not there must not be there when it is written either.
  const had = new Map(now.entries.map(({ key, revision }) => [key, revision]));
  const guards = changes.map(({ key }) => ({ key, revision: had.get(key) ?? 0 }));
  return { ...report, revision: await store.commit({ guards, changes }) };
}

/** @throws InvalidConfigError */
export function readDocument(document: unknown): StoreDocument {
  if (!isObject(document) || document['schema'] !== EXPORT_SCHEMA) {
    throw new InvalidConfigError(`no export of a store: "schema" must be ${JSON.stringify(EXPORT_SCHEMA)}`);
  }
  const revision = toRevision(document['revision'], 'revision', 0);
  const list = document['entries'];
  if (!Array.isArray(list)) throw new InvalidConfigError('export of a store: "entries" must be a list');
  const keys = new Set<string>();
  const entries = list.map((entry: unknown, index): Entry => {
    const where = `entries[${index}]`;
    if (!isObject(entry)) throw new InvalidConfigError(`export of a store: ${where} must be an object`);
    const { key, value } = entry;
    if (typeof key !== 'string') throw new InvalidConfigError(`export of a store: ${where}.key must be text`);
    encodeKey(key);
    if (keys.has(key)) throw new InvalidConfigError(`export of a store: ${where} repeats the key ${key}`);
    keys.add(key);
    checkJson(key, value);
    return { key, value, revision: toRevision(entry['revision'], `${where}.revision`, 1) };
  });
  return { schema: EXPORT_SCHEMA, revision, entries };
}

function toRevision(value: unknown, where: string, least: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  throw new InvalidConfigError(`export of a store: ${where} must be a whole number from ${least}`);
}

function isObject(value: unknown): value is Readonly<Record<string, Json | undefined>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
