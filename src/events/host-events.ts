/**
 * Links and uevents as a typed emitter, for those who want listeners rather than a loop.
 *
 * Owns two watches and nothing else.
 */
import { EventEmitter } from 'node:events';
import type { LinkEvent } from './link.ts';
import type { HostUevent } from './uevent.ts';
import type { Watch } from './watch.ts';
import { watchLinks, type WatchLinksOptions } from './watch-links.ts';
import { watchUevents, type WatchUeventsOptions } from './watch-uevents.ts';

/** Events of {@link HostEvents} and what a listener gets. */
export interface HostEventMap {
  link: [LinkEvent];
  uevent: [HostUevent];
  /** The watch behind it has ended; see {@link watchLinks} and {@link watchUevents} for why. */
  error: [unknown];
}

/** Options of {@link HostEvents}: those of both watches. `close` takes the place of a signal. */
export type HostEventsOptions = Omit<WatchLinksOptions & WatchUeventsOptions, 'signal'>;

/**
 * Emits `link` and `uevent` from the moment it is made until it is closed.
 *
 * It does not wait for listeners: one that is asynchronous gets the next event while it is still at work. To be
 * given them one by one, use the watches themselves. What a listener throws is not caught.
 *
 * @throws as {@link watchLinks}.
 * @example
 * const events = new HostEvents();
 * events.on('link', (event) => console.log(event.type));
 */
export class HostEvents extends EventEmitter<HostEventMap> {
  readonly #close: () => void;

  constructor(options: HostEventsOptions = {}) {
    super();
    const links = watchLinks(options);
    let uevents: Watch<HostUevent>;
    try {
      uevents = watchUevents(options);
    } catch (error) {
      links.close();
      throw error;
    }
    this.#close = () => {
      links.close();
      uevents.close();
    };
    void this.#pump(links, (event) => this.emit('link', event));
    void this.#pump(uevents, (event) => this.emit('uevent', event));
  }

  /** Ends both watches; no event comes any more. */
  close(): void {
    this.#close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #pump<E>(events: AsyncIterable<E>, emit: (event: E) => void): Promise<void> {
    try {
      for await (const event of events) {
        try {
          emit(event);
        } catch (error) {
          // As from any emitter: it has nothing to do with the watch, and the watch goes on.
          process.nextTick(() => {
            throw error;
          });
        }
      }
    } catch (error) {
      this.#close();
      this.emit('error', error);
    }
  }
}
