/**
 * The store's thread, as seen from the one that uses it.
 *
 * Owns the queue of requests, of which one is under way, and how long each is waited for. A request that rejects with
 * EBUSY has done nothing, and will not do it later.
 */
import { Worker } from 'node:worker_threads';
import { StoreError } from '../errors.ts';
import { nameSuspects } from './lock.ts';
import {
  ABANDONED,
  LOADED,
  PENDING,
  receiveError,
  type Reply,
  type Request,
  type ThreadData,
} from './messages.ts';

export interface ThreadOptions {
  readonly patienceMs: number;
  /** A commit is past the point where it could be given up, and the disk does not answer. */
  readonly onSlow: (error: StoreError) => void;
}

export type Answer = Extract<Reply, { readonly ok: true }>;

interface Job {
  readonly request: Request;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  timer: NodeJS.Timeout | undefined;
  /** Patience has run out. */
  late: boolean;
}

/** Threads that have not ended. */
const threads = new Set<StoreThread>();

/** Some store's thread is late with an answer: `process.exit` would wait for it, perhaps for ever. */
export function isStuck(): boolean {
  return [...threads].some((thread) => thread.late);
}

export class StoreThread {
  /** Answered by the directory. */
  readonly opened: Promise<Answer>;
  readonly #path: string;
  readonly #options: ThreadOptions;
  readonly #worker: Worker;
  readonly #word = new Int32Array(new SharedArrayBuffer(4));
  readonly #ended: Promise<void>;
  readonly #queue: Job[] = [];
  #current: Job | undefined;
  #closing = false;
  /** Told to end, and waited for in vain. */
  #overdue = false;
  #failure: StoreError | undefined;

  constructor(program: URL, path: string, options: ThreadOptions) {
    this.#path = path;
    this.#options = options;
    const workerData: ThreadData = { path, word: this.#word };
    // Options for the main script, such as --input-type, are not for this one.
    this.#worker = new Worker(program, { name: 'sriov store', workerData, execArgv: [] });
    threads.add(this);
    this.#ended = new Promise((resolve) => this.#worker.once('exit', () => resolve(this.#onEnd())));
    this.#worker.on('message', (reply: Reply | typeof LOADED) => this.#onReply(reply));
    this.#worker.on('error', (error) => this.#fail(error));
    this.opened = new Promise((resolve, reject) => {
      this.#current = { request: { kind: 'open' }, resolve, reject, timer: undefined, late: false };
    });
  }

  get late(): boolean {
    return this.#current?.late === true || this.#overdue;
  }

  /** @throws StoreError - `EBUSY`: no answer in time, and nothing was or will be done */
  ask(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#queue.push(this.#job(request, resolve, reject));
      this.#next();
    });
  }

  /** Ends the thread after what was asked of it; resolves when it has ended, or patience has. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#next();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#options.patienceMs);
    });
    await Promise.race([this.#ended, patience]);
    clearTimeout(timer);
    this.#overdue = threads.has(this);
    this.#worker.unref();
  }

  #job(request: Request, resolve: Job['resolve'], reject: Job['reject']): Job {
    const job: Job = { request, resolve, reject, timer: undefined, late: false };
    this.#waitFor(job);
    return job;
  }

  #waitFor(job: Job): void {
    // When this thread itself was late, the answer may lie in its queue: that is looked at first.
    const judge = (): unknown => setImmediate(() => this.#judge(job));
    job.timer = setTimeout(judge, this.#options.patienceMs);
  }

  #judge(job: Job): void {
    if (job === this.#current) {
      job.late = true;
      // Exactly one of the two threads gets to decide.
      const was = Atomics.compareExchange(this.#word, 0, PENDING, ABANDONED);
      if (was !== PENDING) return this.#options.onSlow(this.#busy('the disk does not answer; still waiting'));
      this.#worker.unref();
      job.reject(this.#busy('another process holds its lock, or the disk does not answer'));
      return;
    }
    const at = this.#queue.indexOf(job);
    if (at < 0) return;
    this.#queue.splice(at, 1);
    job.reject(this.#busy('earlier work waits for its lock or for the disk'));
  }

  #busy(why: string): StoreError {
    const what = `store ${this.#path} did not answer within ${this.#options.patienceMs} ms`;
    const wayOut = "end the process that holds it, or see the kernel's log for the disk";
    return new StoreError('EBUSY', `${what}: ${why}${nameSuspects(this.#path)}; ${wayOut}`);
  }

  #next(): void {
    if (this.#current !== undefined || this.#failure !== undefined) return;
    this.#current = this.#queue.shift();
    if (this.#current !== undefined) {
      Atomics.store(this.#word, 0, PENDING);
      this.#worker.ref();
      this.#send(this.#current.request);
    } else if (this.#closing) {
      this.#send({ kind: 'close' });
    } else {
      // An open store with nothing to do keeps no process alive.
      this.#worker.unref();
    }
  }

  #send(request: Request): void {
    // Nothing is transferred. (With one argument the linter takes it for a browser's.)
    this.#worker.postMessage(request, []);
  }

  #onReply(reply: Reply | typeof LOADED): void {
    const job = this.#current;
    if (reply === LOADED) {
      if (job !== undefined) this.#waitFor(job);
      return;
    }
    this.#current = undefined;
    clearTimeout(job?.timer);
    // Does nothing when the job was given up.
    if (reply.ok) job?.resolve(reply);
    else job?.reject(receiveError(reply.error));
    this.#next();
  }

  #onEnd(): void {
    threads.delete(this);
    this.#fail(undefined);
  }

  /** Only a fault of this package or of the library ends the thread before it was told to. */
  #fail(cause: unknown): void {
    const when = this.#closing ? 'is closed' : 'lost its thread; open it anew, and read what it holds';
    this.#failure ??= new StoreError('SRIOV_STORE', `store ${this.#path} ${when}`, { cause });
    const jobs = [this.#current, ...this.#queue.splice(0)];
    this.#current = undefined;
    for (const job of jobs) {
      clearTimeout(job?.timer);
      job?.reject(this.#failure);
    }
  }
}
