/**
 * The store's thread: commits, and waits for LMDB's write lock, so that no other thread has to.
 *
 * Owns the writing side of the database. It must never write for someone who has given up: that is asked with the lock
 * held, before anything is written.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { StoreError } from '../errors.ts';
import { type LmdbStore, openLmdbWriter } from '../lmdb-store.ts';
import { encodeKey } from '../record.ts';
import {
  ABANDONED,
  BEGUN,
  LOADED,
  PENDING,
  type Reply,
  type Request,
  sendError,
  type ThreadData,
} from './messages.ts';

const port = parentPort;
if (port === null) throw new Error('this file is started as a thread by open.ts');
const { path, word } = workerData as ThreadData;

let store: LmdbStore | undefined;
port.on('message', (request: Request) => void serve(request));
// Reading the library from disk is no wait for the store; if it can't be, opening says so.
await import('lmdb').catch(() => {});
port.postMessage(LOADED);
void serve({ kind: 'open' });

async function serve(request: Request): Promise<void> {
  try {
    if (request.kind === 'close') {
      await store?.close();
      port?.close();
      return;
    }
    const revision = await work(request);
    answer({ ok: true, directory: store?.directory ?? '', revision });
  } catch (error) {
    answer({ ok: false, error: sendError(error) });
  }
}

async function work(request: Exclude<Request, { kind: 'close' }>): Promise<number> {
  if (store === undefined) store = await openLmdbWriter(path, begin);
  if (request.kind !== 'commit') return (await store.range('', { limit: 0 })).revision;
  const changes = request.changes.map(({ key, value }) => ({ key: encodeKey(key), value }));
  return store.write({ guards: request.guards, changes });
}

/** @throws StoreError - nobody waits any more */
function begin(): void {
  if (Atomics.compareExchange(word, 0, PENDING, BEGUN) !== ABANDONED) return;
  throw new StoreError('EBUSY', 'nobody waits for this any more; nothing was written');
}

function answer(reply: Reply): void {
  port?.postMessage(reply);
}
