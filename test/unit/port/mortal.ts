/**
 * A process that dies at a chosen point: before a change of a host, or before or after a commit.
 *
 * Owns counting the points, and that a dead process does nothing more. Host and store go on without it.
 */
import { StoreError } from '../../../src/store/errors.ts';
import type { Store } from '../../../src/store/store.ts';
import { Crash, type MemoryHost } from './memory-host.ts';

export interface Mortal {
  /** The store as this process has it. */
  readonly store: Store;
  /** What there was to die at, in order. */
  readonly points: readonly string[];
  /** Whether it died. */
  readonly isDead: () => boolean;
  /** Runs work of this process on these hosts; throws what is not its own death. */
  readonly run: (work: () => Promise<unknown>) => Promise<void>;
}

export interface Death {
  /** Dies at this point, from 1. Absent: counts alone. */
  readonly at?: number;
  /**
   * By PF: how many changes it lives for there. PFs are programmed side by side, so that one may be done when the
   * other has not begun.
   */
  readonly changes?: Readonly<Record<string, number>>;
}

export function mortal(store: Store, hosts: readonly MemoryHost[], { at, changes }: Death = {}): Mortal {
  const points: string[] = [];
  const left = new Map(Object.entries(changes ?? {}));
  let dead = false;
  const die = (what: string): never => {
    dead = true;
    throw new Crash(what);
  };
  const point = (what: string): void => {
    if (dead) die(what);
    points.push(what);
    if (points.length === at) die(what);
  };
  const change = (what: string): void => {
    const pf = what.slice(0, what.indexOf('/'));
    const rest = left.get(pf);
    if (rest === undefined) return point(what);
    if (rest === 0) die(what);
    left.set(pf, rest - 1);
    points.push(what);
  };
  const alive = <T>(work: () => Promise<T>): Promise<T> => (dead ? die('read') : work());
  return {
    points,
    isDead: () => dead,
    store: {
      get: async (key) => alive(() => store.get(key)),
      range: async (prefix, options) => alive(() => store.range(prefix, options)),
      commit: async (options) => {
        point('before a commit');
        const revision = await store.commit(options);
        point('after a commit');
        return revision;
      },
      watch: (prefix, options) => store.watch(prefix, options),
      close: () => store.close(),
    },
    run: async (work) => {
      for (const host of hosts) host.beforeChange = change;
      try {
        await work();
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      } finally {
        // What it did side by side dies as well, before anyone looks.
        await new Promise((resolve) => setImmediate(resolve));
        for (const host of hosts) host.beforeChange = () => {};
      }
    },
  };
}

/**
 * The store of a process that lives on while its disk does not: from call `at` on, `times` calls fail and do nothing.
 *
 * @returns the store, and how many calls were made
 */
export function failing(
  store: Store,
  at: number,
  times: number,
): { readonly store: Store; readonly calls: () => number } {
  let calls = 0;
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    calls++;
    if (calls >= at && calls < at + times) throw new StoreError('ENOSPC', 'cannot write store /x: ENOSPC');
    return work();
  };
  return {
    calls: () => calls,
    store: {
      get: (key) => call(() => store.get(key)),
      range: (prefix, options) => call(() => store.range(prefix, options)),
      commit: (options) => call(() => store.commit(options)),
      watch: (prefix, options) => store.watch(prefix, options),
      close: () => store.close(),
    },
  };
}
