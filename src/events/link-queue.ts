/**
 * The events that one reader has not read yet.
 *
 * Owns coalescing: one entry a link, whatever happens to it, so that a reader who never comes costs as much as
 * there are links. What is read in the end always adds up to the state that is there.
 */
import { linkChanges, type LinkEvent, type LinkState } from './link.ts';
import type { EventQueue } from './watch.ts';

interface Entry {
  /** As the reader knows it; undefined: he does not. */
  before: LinkState | undefined;
  /** As it is; undefined: gone. */
  after: LinkState | undefined;
  /** Between the two it was gone, so that they are two links. */
  recreated: boolean;
  touched: boolean;
  /** Of all that is melted together here. */
  announcements: number;
}

/** No link has ifindex 0. */
const SYNC = 0;

export class LinkQueue implements EventQueue<LinkEvent> {
  /** In order of the first event that is unread. */
  readonly #entries = new Map<number, Entry | null>();
  #afterLoss = false;

  /** Links of which something is to be told, and one more if that includes a `synced`. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * `before` is the state before this event, not as the reader knows it. `announcements` = notifications that
   * are behind it.
   */
  push(
    before: LinkState | undefined,
    after: LinkState | undefined,
    recreated: boolean,
    touched: boolean,
    announcements: number,
  ): void {
    const ifindex = (after ?? before)?.ifindex;
    if (ifindex === undefined) return;
    let entry = this.#entries.get(ifindex);
    if (entry) {
      entry.recreated ||= recreated || (entry.after === undefined && after !== undefined);
      entry.touched ||= touched;
      entry.announcements += announcements;
      entry.after = after;
    } else {
      entry = { before, after, recreated, touched, announcements };
      this.#entries.set(ifindex, entry);
    }
    if (!tellsSomething(entry)) this.#entries.delete(ifindex);
  }

  /** Everything that is there has been pushed. */
  sync(afterLoss: boolean): void {
    this.#afterLoss = afterLoss || (this.#afterLoss && this.#entries.has(SYNC));
    this.#entries.delete(SYNC);
    this.#entries.set(SYNC, null);
  }

  take(): LinkEvent | undefined {
    for (const [ifindex, entry] of this.#entries) {
      if (entry !== null && entry.recreated && entry.before !== undefined && entry.after !== undefined) {
        const gone = entry.before;
        entry.before = undefined;
        return eventOf('removed', gone);
      }
      this.#entries.delete(ifindex);
      if (entry !== null) return toEvent(entry);
      const afterLoss = this.#afterLoss;
      this.#afterLoss = false;
      return Object.freeze({ type: 'synced', afterLoss });
    }
    return undefined;
  }

  clear(): void {
    this.#entries.clear();
  }
}

function tellsSomething({ before, after, recreated, touched }: Entry): boolean {
  if (before === undefined || after === undefined) return before !== after;
  return recreated || touched || linkChanges(before, after).length > 0;
}

function toEvent({ before, after, touched, announcements }: Entry): LinkEvent | undefined {
  if (after === undefined) return before && eventOf('removed', before);
  if (before === undefined) return eventOf('added', after);
  const changes = linkChanges(before, after);
  if (changes.length === 0) {
    return touched ? Object.freeze({ ...eventOf('touched', after), announcements }) : undefined;
  }
  const { ifindex, name, device } = after;
  return Object.freeze({
    type: 'changed',
    ifindex,
    name,
    device,
    link: after,
    previous: before,
    changes: Object.freeze(changes),
    announcements,
  });
}

function eventOf<T extends 'added' | 'removed' | 'touched'>(
  type: T,
  link: LinkState,
): { type: T; ifindex: number; name: string; device: string | null; link: LinkState } {
  const { ifindex, name, device } = link;
  return Object.freeze({ type, ifindex, name, device, link });
}
