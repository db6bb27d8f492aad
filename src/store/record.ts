/**
 * How keys and values lie in the database.
 *
 * Owns the bytes: `e<key>` an entry, `l<revision><index>` a change in the log, `m` the counters. Keys are ordered by
 * their UTF-8 bytes, values are JSON text, so that any LMDB tool shows what is kept. It does no I/O.
 */
import { InvalidConfigError } from '../errors.ts';
import type { Json } from './store.ts';

/** LMDB itself would take 1,978 bytes with pages of 4 KiB; etcd no fixed number. 512 is what both can promise. */
export const MAX_KEY_BYTES = 512;

/** No record comes near; JSON.stringify would overflow the stack some thousands deep. */
const MAX_DEPTH = 1000;

const ENTRY_TAG = 0x65;
const LOG_TAG = 0x6c;
export const META_KEY: Buffer = Buffer.from('m');

/** The store's counters, one record. */
export interface Meta {
  /** Version of the records' form. */
  readonly schema: number;
  /** Of the last commit; 0 = there was none. */
  readonly revision: number;
  /** First revision that the log still has, or will have. */
  readonly oldest: number;
  /** Changes in the log. */
  readonly logged: number;
}

/** @throws InvalidConfigError - empty, longer than 512 bytes, or with half a surrogate pair */
export function encodeKey(key: string): Buffer {
  const bytes = encodePrefix(key);
  if (bytes.length === 1 || bytes.length > MAX_KEY_BYTES + 1) {
    throw new InvalidConfigError(
      `a key of the store has 1 to ${MAX_KEY_BYTES} bytes of UTF-8, not ${bytes.length - 1}: ${JSON.stringify(key.slice(0, 60))}`,
    );
  }
  return bytes;
}

/** As a key, but may be empty. */
export function encodePrefix(prefix: string): Buffer {
  const text = Buffer.from(prefix);
  if (text.toString() !== prefix) {
    throw new InvalidConfigError(`a key of the store must be valid Unicode: ${JSON.stringify(prefix)}`);
  }
  return Buffer.concat([Buffer.of(ENTRY_TAG), text]);
}

export function decodeKey(bytes: Buffer): string {
  return bytes.toString('utf8', 1);
}

/** The first key behind all that start with these bytes. UTF-8 has no byte 0xff, so adding 1 can't overflow. */
export function behind(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix);
  const last = end.length - 1;
  end[last] = (end[last] ?? 0) + 1;
  return end;
}

/** Where a reader of the log stands: everything before has been read. */
export interface LogPosition {
  readonly revision: number;
  readonly index: number;
}

export function encodeLogKey({ revision, index }: LogPosition): Buffer {
  const bytes = Buffer.alloc(13);
  bytes[0] = LOG_TAG;
  bytes.writeBigUInt64BE(BigInt(revision), 1);
  bytes.writeUInt32BE(index, 9);
  return bytes;
}

export function decodeLogKey(bytes: Buffer): LogPosition {
  return { revision: Number(bytes.readBigUInt64BE(1)), index: bytes.readUInt32BE(9) };
}

export const LOG_END: Buffer = Buffer.of(LOG_TAG + 1);

export function encodeJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** @throws SyntaxError - the bytes are not what a store has written */
export function decodeJson(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString());
}

/**
 * Refuses what JSON would silently change: NaN and Infinity (null), undefined (gone), bigint, functions, dates.
 *
 * @throws InvalidConfigError - with the path to the value
 */
export function checkJson(key: string, value: unknown, path = '', depth = 0): asserts value is Json {
  if (depth > MAX_DEPTH) throw new InvalidConfigError(`${key}${path.slice(0, 60)}: nested too deeply`);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (Array.isArray(value)) {
    // Not forEach, which leaves out holes.
    for (let index = 0; index < value.length; index++) {
      checkJson(key, value[index], `${path}[${index}]`, depth + 1);
    }
    return;
  }
  if (typeof value === 'object' && isPlain(value)) {
    for (const [name, field] of Object.entries(value)) checkJson(key, field, `${path}.${name}`, depth + 1);
    return;
  }
  throw new InvalidConfigError(`value of ${key}${path}: ${String(value)} is not JSON`);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && !('toJSON' in value);
}
