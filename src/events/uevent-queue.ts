/**
 * The uevents that one reader has not read yet.
 *
 * Owns coalescing: of each device at most one uevent of each action, and nothing of one that came and went unread, so
 * that a reader who never comes costs as much as there are devices.
 */
import type { DeviceUevent, HostUevent } from './uevent.ts';
import type { EventQueue } from './watch.ts';

/** No device has an empty path. */
const SYNC = '';

export class UeventQueue implements EventQueue<HostUevent> {
  /** By path, in order of the first that is unread; of one device in order. */
  readonly #unread = new Map<string, DeviceUevent[]>();
  #afterLoss = false;

  /** Devices of which something is to be told, and one more if that includes a `synced`. */
  get size(): number {
    return this.#unread.size;
  }

  push(uevent: DeviceUevent): void {
    const { path, action } = uevent;
    const unread = this.#unread.get(path);
    if (unread === undefined) {
      this.#unread.set(path, [uevent]);
      return;
    }
    if (action === 'remove') {
      // What happened before the end matters no more. A device that the reader never saw has no end for him.
      if (unread[0]?.action === 'add') this.#unread.delete(path);
      else this.#unread.set(path, [uevent]);
      return;
    }
    // The later one stays: it has the properties of now. An `add` is the first, or comes after a `remove`, and stays.
    const same = unread.findIndex((other) => other.action === action);
    if (same >= 0) unread.splice(same, 1);
    unread.push(uevent);
  }

  /** What is there has been pushed. */
  sync(afterLoss: boolean): void {
    this.#afterLoss = afterLoss || (this.#afterLoss && this.#unread.has(SYNC));
    this.#unread.delete(SYNC);
    this.#unread.set(SYNC, []);
  }

  take(): HostUevent | undefined {
    for (const [path, unread] of this.#unread) {
      if (unread.length <= 1) this.#unread.delete(path);
      const uevent = unread.shift();
      if (uevent !== undefined) return uevent;
      const afterLoss = this.#afterLoss;
      this.#afterLoss = false;
      return Object.freeze({ type: 'synced', afterLoss });
    }
    return undefined;
  }

  clear(): void {
    this.#unread.clear();
  }
}
