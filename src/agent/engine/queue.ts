/**
 * PFs that are to be looked at: one look at a PF at a time, few PFs at once.
 *
 * Owns when a look begins. What it does is not its concern; requests for a PF melt into one.
 */
import type { Trigger } from '../events.ts';
import type { ReconcileSettings } from '../settings.ts';

export interface Look {
  readonly pf: string;
  /** Of the first request. */
  readonly trigger: Trigger;
  /** Records of all its ports are read as well, rather than of those alone that are not as wanted. */
  readonly full: boolean;
  /** Of the first event that led to it, by `performance.now()`; null = none did. */
  readonly since: number | null;
}

interface Entry {
  waiting: Look | undefined;
  /** Called when the look that serves them is done. */
  served: (() => void)[];
  /** When the waiting look may begin, and at the latest will. */
  due: number;
  latest: number;
  timer: NodeJS.Timeout | undefined;
  running: boolean;
  ready: boolean;
}

export class LookQueue {
  readonly #settings: () => ReconcileSettings;
  readonly #run: (look: Look) => Promise<void>;
  readonly #entries = new Map<string, Entry>();
  readonly #ready: string[] = [];
  #active = 0;
  #stopped = false;
  #onIdle: (() => void)[] = [];

  /** `run` must not reject. */
  constructor(settings: () => ReconcileSettings, run: (look: Look) => Promise<void>) {
    this.#settings = settings;
    this.#run = run;
  }

  isRunning(pf: string): boolean {
    return this.#entries.get(pf)?.running ?? false;
  }

  /** @returns when a look that began after this call is done; at once when the queue is stopped */
  add(look: Look, { now = false }: { readonly now?: boolean } = {}): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    const { debounceMs, maxDelayMs } = this.#settings();
    const time = performance.now();
    let entry = this.#entries.get(look.pf);
    if (entry === undefined) {
      entry = {
        waiting: undefined,
        served: [],
        due: 0,
        latest: 0,
        timer: undefined,
        running: false,
        ready: false,
      };
      this.#entries.set(look.pf, entry);
    }
    if (entry.waiting === undefined) entry.latest = time + maxDelayMs;
    entry.waiting = entry.waiting === undefined ? look : merged(entry.waiting, look);
    entry.due = now ? time : Math.min(time + debounceMs, entry.latest);
    const done = new Promise<void>((resolve) => entry.served.push(resolve));
    this.#arm(look.pf, entry);
    return done;
  }

  /** Nothing begins any more; resolves when what is under way is done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#ready.length = 0;
    for (const entry of this.#entries.values()) {
      clearTimeout(entry.timer);
      entry.waiting = undefined;
      if (!entry.running) for (const resolve of entry.served.splice(0)) resolve();
    }
    if (this.#active > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  #arm(pf: string, entry: Entry): void {
    if (entry.running || entry.ready) return;
    const wait = entry.due - performance.now();
    if (wait <= 0) return this.#makeReady(pf, entry);
    // One timer a burst: when it fires too early, because events kept coming, it is set again.
    entry.timer ??= setTimeout(() => {
      entry.timer = undefined;
      if (entry.waiting !== undefined) this.#arm(pf, entry);
    }, Math.ceil(wait));
  }

  #makeReady(pf: string, entry: Entry): void {
    clearTimeout(entry.timer);
    entry.timer = undefined;
    entry.ready = true;
    this.#ready.push(pf);
    this.#next();
  }

  #next(): void {
    while (this.#active < this.#settings().concurrency && !this.#stopped) {
      const pf = this.#ready.shift();
      if (pf === undefined) return;
      const entry = this.#entries.get(pf);
      if (entry?.waiting !== undefined) void this.#begin(pf, entry, entry.waiting);
    }
  }

  async #begin(pf: string, entry: Entry, look: Look): Promise<void> {
    const served = entry.served.splice(0);
    entry.waiting = undefined;
    entry.ready = false;
    entry.running = true;
    this.#active++;
    try {
      await this.#run(look);
    } finally {
      this.#active--;
      entry.running = false;
      for (const resolve of served) resolve();
      if (this.#stopped) for (const resolve of entry.served.splice(0)) resolve();
      if (entry.waiting === undefined) this.#entries.delete(pf);
      else this.#arm(pf, entry);
      this.#next();
      if (this.#active === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
    }
  }
}

function merged(a: Look, b: Look): Look {
  const since = a.since === null ? b.since : b.since === null ? a.since : Math.min(a.since, b.since);
  return { ...a, full: a.full || b.full, since };
}
