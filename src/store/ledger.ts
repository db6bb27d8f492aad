/**
 * Entries, counters and log inside one transaction.
 *
 * Owns what a commit writes. It knows neither promises nor files; who calls it has begun the transaction.
 */
import { StoreConflictError } from './errors.ts';
import type { Bytes } from './environment.ts';
import {
  behind,
  decodeJson,
  decodeKey,
  decodeLogKey,
  encodeJson,
  encodeKey,
  encodeLogKey,
  encodePrefix,
  LOG_END,
  type LogPosition,
  META_KEY,
  type Meta,
} from './record.ts';
import type { Entry, Guard, Json, Range, StoreEvent } from './store.ts';

/** A change whose value is encoded already, so that nothing but the disk can fail inside the transaction. */
export interface EncodedChange {
  readonly key: Buffer;
  /** JSON text; undefined = delete. */
  readonly value: string | undefined;
}

export function readMeta(database: Bytes): Meta | undefined {
  const bytes = database.get(META_KEY);
  return bytes === undefined ? undefined : (decodeJson(bytes) as Meta);
}

export function writeMeta(database: Bytes, meta: Meta): void {
  void database.putSync(META_KEY, encodeJson(meta));
}

export function readEntry(database: Bytes, key: string): Entry | undefined {
  const bytes = database.get(encodeKey(key));
  return bytes === undefined ? undefined : toEntry(key, bytes);
}

/** 0 when the key is not there. The number alone: a commit has a guard for each key, whose values nobody needs. */
function readRevision(database: Bytes, key: string): number {
  const bytes = database.get(encodeKey(key));
  if (bytes === undefined) return 0;
  // `writeChanges` puts it first; 16 digits are the most that a safe integer has.
  const head = /^\{"revision":(\d+)[,}]/.exec(bytes.toString('latin1', 0, 32));
  return head === null ? toEntry(key, bytes).revision : Number(head[1]);
}

export function readRange(
  database: Bytes,
  prefix: string,
  { limit = Infinity, after }: { readonly limit?: number; readonly after?: string },
): Range {
  const first = encodePrefix(prefix);
  const next = after === undefined ? first : Buffer.concat([encodePrefix(after), Buffer.of(0)]);
  const start = Buffer.compare(next, first) > 0 ? next : first;
  const entries: Entry[] = [];
  const revision = readMeta(database)?.revision ?? 0;
  if (limit <= 0 || Buffer.compare(start, behind(first)) >= 0) return { entries, revision };
  for (const { key, value } of database.getRange({ start, end: behind(first) })) {
    entries.push(toEntry(decodeKey(key), value));
    if (entries.length >= limit) break;
  }
  return { entries, revision };
}

function toEntry(key: string, bytes: Buffer): Entry {
  const { revision, value } = decodeJson(bytes) as { readonly revision: number; readonly value: Json };
  return { key, value, revision };
}

/** @throws StoreConflictError */
export function checkGuards(database: Bytes, guards: readonly Guard[]): void {
  for (const { key, revision } of guards) {
    const now = readRevision(database, key);
    if (now !== revision) throw new StoreConflictError(key, now);
  }
}

/**
 * Writes changes under one new revision, which it returns; the current one when nothing was to be changed, as when
 * only keys that are not there are deleted.
 */
export function writeChanges(
  database: Bytes,
  meta: Meta,
  changes: readonly EncodedChange[],
  history: number,
): Meta {
  const revision = meta.revision + 1;
  let index = 0;
  for (const { key, value } of changes) {
    if (value === undefined && !database.removeSync(key)) continue;
    // Texts are put together rather than values, since each value is large and encoded once.
    const body = value === undefined ? '' : `,"value":${value}`;
    if (value !== undefined) database.putSync(key, Buffer.from(`{"revision":${revision}${body}}`));
    const event = Buffer.from(`{"key":${JSON.stringify(decodeKey(key))}${body}}`);
    database.putSync(encodeLogKey({ revision, index }), event);
    index++;
  }
  if (index === 0) return meta;
  const written = trimLog(database, { ...meta, revision, logged: meta.logged + index }, history);
  writeMeta(database, written);
  return written;
}

/** Drops whole revisions, oldest first, until the log is short enough; the newest always stays. */
function trimLog(database: Bytes, meta: Meta, history: number): Meta {
  let { logged, oldest } = meta;
  const doomed: Buffer[] = [];
  if (logged > history) {
    const end = encodeLogKey({ revision: meta.revision, index: 0 });
    for (const key of database.getKeys({ start: encodeLogKey({ revision: 0, index: 0 }), end })) {
      const { revision } = decodeLogKey(key);
      if (logged <= history && revision > oldest) break;
      oldest = revision;
      doomed.push(key);
      logged--;
    }
  }
  if (doomed.length === 0) return meta;
  for (const key of doomed) database.removeSync(key);
  return { ...meta, logged, oldest: oldest + 1 };
}

export interface LogPage {
  readonly events: readonly StoreEvent[];
  /** Where to go on. */
  readonly next: LogPosition;
}

/** Up to `limit` changes from a position on, of which those below the prefix are given back. */
export function readLog(database: Bytes, from: LogPosition, prefix: string, limit: number): LogPage {
  const events: StoreEvent[] = [];
  let next = from;
  let seen = 0;
  for (const { key: at, value: bytes } of database.getRange({ start: encodeLogKey(from), end: LOG_END })) {
    const { revision, index } = decodeLogKey(at);
    const { key, value } = decodeJson(bytes) as { readonly key: string; readonly value?: Json };
    if (key.startsWith(prefix)) events.push({ key, value, revision });
    next = { revision, index: index + 1 };
    if (++seen >= limit) break;
  }
  return { events, next };
}
