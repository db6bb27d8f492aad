/**
 * The addon's monitor as a puppet: tests say what it gives. For what a real kernel won't do when asked: sources that
 * give up, sockets that cannot be had, a particular order.
 */
import {
  LINK,
  LINKS,
  type LinkNews,
  type MonitorNative,
  type UeventNews,
} from '../../../src/events/native.ts';

export interface FakeLink {
  readonly ifindex: number;
  readonly flags?: number;
  readonly name?: string;
  readonly device?: string;
  readonly mtu?: number;
  readonly alias?: string;
  readonly netFlags?: number;
  readonly operState?: number;
  readonly mac?: string;
  readonly master?: number;
  readonly announcements?: number;
}

/** errno, sync and records, as the addon lays them out. */
export function linkNews(links: readonly FakeLink[], sync = 0, errno = 0): LinkNews {
  const news: (number | string)[] = [errno, sync];
  for (const link of links) {
    const record: (number | string)[] = Array.from({ length: LINK.length }, () => '');
    record[LINK.flags] = link.flags ?? 1;
    record[LINK.ifindex] = link.ifindex;
    record[LINK.name] = link.name ?? `eth${link.ifindex}`;
    record[LINK.device] = link.device ?? '';
    record[LINK.bus] = link.device === undefined ? '' : 'pci';
    record[LINK.netFlags] = link.netFlags ?? 0;
    record[LINK.operState] = link.operState ?? 2;
    record[LINK.mtu] = link.mtu ?? 1500;
    record[LINK.mac] = link.mac ?? '';
    record[LINK.master] = link.master ?? 0;
    record[LINK.alias] = link.alias ?? '';
    record[LINK.announcements] = link.announcements ?? 0;
    news.push(...record);
  }
  return news;
}

export class FakeNative implements MonitorNative {
  /** Sources that are open: number and kind. */
  readonly open = new Map<number, number>();
  opened = 0;
  alive = false;
  /** A negative errno for the next opening. */
  refuse = 0;
  #links: LinkNews = linkNews([]);
  #uevents: UeventNews = [0, 0, [], []];
  readonly #onNews = new Map<number, () => void>();

  openMonitor(kind: number, onNews: () => void): number {
    if (this.refuse !== 0) return this.refuse;
    this.opened += 1;
    this.open.set(this.opened, kind);
    this.#onNews.set(this.opened, onNews);
    return this.opened;
  }
  closeMonitor(source: number): void {
    if (!this.open.delete(source)) throw new Error(`source ${source} is not open`);
  }
  keepMonitorAlive(keep: boolean): void {
    this.alive = keep;
  }
  takeLinks(source: number): LinkNews {
    if (this.open.get(source) !== LINKS) throw new Error(`source ${source} has no links`);
    const news = this.#links;
    this.#links = linkNews([]);
    return news;
  }
  takeUevents(): UeventNews {
    const news = this.#uevents;
    this.#uevents = [0, 0, [], []];
    return news;
  }

  /** Has something to take, and says so, as a late report would even to closed sources. */
  tell(news: LinkNews): void {
    this.#links = news;
    for (const onNews of this.#onNews.values()) onNews();
  }
  tellUevents(news: UeventNews): void {
    this.#uevents = news;
    for (const onNews of this.#onNews.values()) onNews();
  }
}
