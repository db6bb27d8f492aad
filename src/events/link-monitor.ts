/**
 * The links of this network namespace, kept current for all watches of one JavaScript environment.
 *
 * Owns the one copy of their state, and which reader is told what. Never calls a reader's code: it only fills queues.
 */
import { linkChanges, type LinkEvent, type LinkState } from './link.ts';
import { decodeLink } from './link-decode.ts';
import { LinkQueue } from './link-queue.ts';
import {
  LINK,
  LINKS,
  type LinkNews,
  type MonitorNative,
  PRESENT,
  RECREATED,
  SYNC_AFTER_LOSS,
  SYNC_NONE,
  TOUCHED,
} from './native.ts';
import { type KeepAlive, type Reader, SharedSource } from './source.ts';
import { QueueWatch, type Watch } from './watch.ts';

/** What one watch wants, checked. */
export interface LinkWant {
  /** Links of this device alone; undefined for all. */
  readonly device: string | undefined;
  /** Whether links that are there already are told as added. */
  readonly initial: boolean;
  readonly persistent: boolean;
  readonly signal: AbortSignal | undefined;
}

export class LinkMonitor {
  readonly #source: SharedSource<LinkReader>;
  readonly #links = new Map<number, LinkState>();
  /** The first reading is in: #links is all that there are. */
  #synced = false;

  constructor(native: MonitorNative, keepAlive: KeepAlive) {
    this.#source = new SharedSource(
      native,
      keepAlive,
      LINKS,
      (source) => this.#take(native.takeLinks(source)),
      () => this.#forget(),
    );
  }

  watch(want: LinkWant): Watch<LinkEvent> {
    const reader = this.#source.join((onClose) => new LinkReader(want, onClose), want.signal);
    if (this.#synced) reader.begin(this.#links.values());
    return reader.watch;
  }

  /** A later source reads everything again. */
  #forget(): void {
    this.#links.clear();
    this.#synced = false;
  }

  #take(news: LinkNews): void {
    for (let at = 2; at < news.length; at += LINK.length) this.#apply(news, at);
    const sync = Number(news[1]);
    if (sync !== SYNC_NONE) {
      this.#synced = true;
      for (const reader of this.#source.readers) reader.sync(sync === SYNC_AFTER_LOSS);
    }
    for (const reader of [...this.#source.readers]) reader.watch.wake();
    const errno = Number(news[0]);
    if (errno !== 0) this.#source.fail(errno);
  }

  #apply(news: LinkNews, at: number): void {
    const flags = Number(news[at]);
    const announcements = Number(news[at + LINK.announcements]);
    const told = decodeLink(news, at);
    const before = this.#links.get(told.ifindex);
    const recreated = (flags & RECREATED) !== 0;
    const same = before !== undefined && !recreated && linkChanges(before, told).length === 0;
    const after = (flags & PRESENT) === 0 ? undefined : same ? before : told;
    if (after === undefined) this.#links.delete(told.ifindex);
    else this.#links.set(told.ifindex, after);
    for (const reader of this.#source.readers) {
      reader.push(before, after, recreated, (flags & TOUCHED) !== 0, announcements);
    }
  }
}

/** One watch: its queue, and what of everything it is told. */
class LinkReader implements Reader {
  readonly watch: QueueWatch<LinkEvent>;
  readonly persistent: boolean;
  readonly #queue = new LinkQueue();
  readonly #device: string | undefined;
  /** Told of everything from now on; before that links are not new but found. */
  #live: boolean;

  constructor(want: LinkWant, onClose: () => void) {
    this.persistent = want.persistent;
    this.#device = want.device;
    this.#live = want.initial;
    this.watch = new QueueWatch(this.#queue, onClose);
  }

  /** Begins in the middle: these are all links that there are. */
  begin(links: Iterable<LinkState>): void {
    for (const link of links) this.push(undefined, link, false, false, 0);
    this.sync(false);
  }

  push(
    before: LinkState | undefined,
    after: LinkState | undefined,
    recreated: boolean,
    touched: boolean,
    announcements: number,
  ): void {
    if (!this.#live) return;
    this.#queue.push(this.#wanted(before), this.#wanted(after), recreated, touched, announcements);
  }

  sync(afterLoss: boolean): void {
    this.#queue.sync(afterLoss);
    this.#live = true;
  }

  #wanted(link: LinkState | undefined): LinkState | undefined {
    return this.#device === undefined || link?.device === this.#device ? link : undefined;
  }
}
