/**
 * What the kernel and the store say, turned into looks at PFs.
 *
 * Owns what each event leads to. How a PF is looked at is in `look.ts`, when in `queue.ts`.
 */
import { existsSync } from 'node:fs';
import type { BindPolicy } from '../../binding/policy.ts';
import type { LinkEvent } from '../../events/link.ts';
import type { HostUevent } from '../../events/uevent.ts';
import { pfDirectory } from '../../port/generation.ts';
import type { Store, StoreEvent } from '../../store/store.ts';
import type { Trigger } from '../events.ts';
import type { AgentSettings } from '../settings.ts';
import type { ClaimIndex, StoreNews } from './claim-index.ts';
import type { Echo } from './echo.ts';
import type { FailedBindings } from './failed-bindings.ts';
import type { HalfDone } from './half-done.ts';
import type { Held } from './held.ts';
import type { Links } from './links.ts';
import { Ours } from './ours.ts';
import type { PfTable } from './pf-table.ts';
import type { Recorder } from './recorder.ts';
import type { RequestOptions } from './requests.ts';
import type { Troubles } from './troubles.ts';
import type { VfStates } from './vf-states.ts';
import { watchLoop } from './watch-loop.ts';

/** Where the kernel's news come from; see `start.ts`. */
export interface Sources {
  readonly links: (signal: AbortSignal) => AsyncIterable<LinkEvent>;
  readonly uevents: (signal: AbortSignal) => AsyncIterable<HostUevent>;
}

export interface TriggerParts {
  readonly store: Store;
  readonly sources: Sources;
  readonly signal: AbortSignal;
  readonly settings: () => AgentSettings;
  readonly recorder: Recorder;
  readonly troubles: Troubles;
  readonly echo: Echo;
  readonly held: Held;
  readonly states: VfStates;
  readonly index: ClaimIndex;
  readonly links: Links;
  readonly pfs: PfTable;
  readonly halfDone: HalfDone;
  readonly failedBindings: FailedBindings;
  readonly isLooking: (pf: string) => boolean;
  readonly request: (pf: string, trigger: Trigger, options: RequestOptions) => void;
  readonly requestAll: (trigger: Trigger) => void;
  /** A mistake of ours. */
  readonly failed: (error: unknown) => void;
}

export class Triggers {
  readonly #parts: TriggerParts;
  readonly #watches: Promise<void>[] = [];
  #ours: Ours;
  /** The links that were there have been told; from here on one that is added is news. */
  #linksKnown = false;
  /** They were known before, by a watch that has failed since. */
  #wasKnown = false;

  constructor(parts: TriggerParts) {
    this.#parts = parts;
    this.#ours = new Ours(parts.settings().policy);
  }

  /** Whether a PF is the agent's business. */
  isOurs(pf: string): boolean {
    return this.#ours.has(pf, this.#parts.links.uplink(pf)?.name);
  }

  remap(policy: BindPolicy): void {
    this.#ours = new Ours(policy);
  }

  /** Resolves when links and uevents are known. @param from - revision of the store's first event */
  async start(from: number): Promise<void> {
    const synced = Promise.all([this.#watchLinks(), this.#watchUevents()]);
    this.#watchStore(from);
    await synced;
  }

  /** Resolves when all watches have ended, as they do with the signal. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#watches);
  }

  #watchLinks(): Promise<void> {
    const { sources, signal, links } = this.#parts;
    const open = (): Promise<AsyncIterable<LinkEvent>> => {
      links.clear();
      this.#linksKnown = false;
      return Promise.resolve(sources.links(signal));
    };
    return new Promise((resolve) => {
      this.#watch('links', open, (event) => {
        if (event.type !== 'synced') return this.#onLink(event);
        this.#linksSynced(event.afterLoss);
        resolve();
      });
    });
  }

  #linksSynced(afterLoss: boolean): void {
    const { index, links, pfs, recorder, requestAll } = this.#parts;
    this.#linksKnown = true;
    for (const pf of new Set([...index.pfs, ...pfs.pfs])) {
      if (links.uplink(pf) === undefined && this.isOurs(pf)) pfs.link(pf, undefined);
    }
    if (afterLoss) {
      recorder.tell({ type: 'overrun', source: 'links' });
      requestAll('overrun');
    } else if (this.#wasKnown) requestAll('link');
    this.#wasKnown = true;
  }

  #watchUevents(): Promise<void> {
    const { sources, signal, recorder, requestAll } = this.#parts;
    const open = (): Promise<AsyncIterable<HostUevent>> => Promise.resolve(sources.uevents(signal));
    return new Promise((resolve) => {
      this.#watch('uevents', open, (event) => {
        if (event.type === 'uevent') return this.#onUevent(event);
        if (event.afterLoss) {
          recorder.tell({ type: 'overrun', source: 'uevents' });
          requestAll('overrun');
        }
        resolve();
      });
    });
  }

  #watchStore(first: number): void {
    const { store, index, signal, requestAll } = this.#parts;
    let from: number | undefined = first;
    const open = async (): Promise<AsyncIterable<StoreEvent>> => {
      // After a failure what was missed is read anew, and everything looked at.
      const next = from ?? (await index.load(store));
      if (from === undefined) requestAll('store');
      from = undefined;
      return store.watch('', { from: next, signal });
    };
    this.#watch('store', open, (event) => {
      const news = index.apply(event);
      if (news !== undefined) this.#onStore(news);
    });
  }

  #watch<E>(
    part: 'links' | 'uevents' | 'store',
    open: () => Promise<AsyncIterable<E>>,
    each: (event: E) => void,
  ): void {
    const { troubles, settings, signal, failed } = this.#parts;
    const loop = watchLoop({
      open,
      each,
      failed: (error) => troubles.raise(part, null, error, settings().reconcile),
      opened: () => troubles.over(part),
      signal,
    });
    this.#watches.push(loop);
    loop.catch(failed);
  }

  #onLink(event: Exclude<LinkEvent, { readonly type: 'synced' }>): void {
    const { links, pfs, index, echo, failedBindings, isLooking, request } = this.#parts;
    const news = links.apply(event);
    if (news === undefined || !this.isOurs(news.pf)) return;
    const { pf, what } = news;
    const since = performance.now();
    if (what === 'self' && event.type !== 'touched' && this.#isKnownPf(pf)) {
      pfs.link(pf, links.uplink(pf));
    }
    if (event.type === 'touched' || (event.type === 'changed' && !event.changes.includes('up'))) {
      if (what !== 'self') return;
      if (isLooking(pf)) return echo.hold(pf, event.announcements);
      if (echo.heard(pf, event.announcements) > 0) request(pf, 'link', { since });
      return;
    }
    // It went down or up, or is another one: what was sent before may never have been announced.
    if (what === 'self') echo.forget(pf);
    // Links that were there are looked at together with everything else.
    if (event.type === 'added' && !this.#linksKnown) return;
    if (event.type === 'added') failedBindings.available();
    // What has no device on top doesn't mind whether a VF's own is there: a guest has it.
    if (what === 'vf' && !index.claimsOf(pf).some(({ macvtap }) => macvtap !== undefined)) return;
    request(pf, 'link', { full: true, since });
  }

  /** Most network devices are no PFs. */
  #isKnownPf(pf: string): boolean {
    const { pfs, index } = this.#parts;
    if (pfs.has(pf) || index.claimsOf(pf).length > 0) return true;
    const directory = pfDirectory(pf);
    return directory !== undefined && existsSync(`${directory}/sriov_numvfs`);
  }

  #onUevent(event: Extract<HostUevent, { readonly type: 'uevent' }>): void {
    const { links, failedBindings, request } = this.#parts;
    const pf = links.pfOfUevent(event);
    if (pf === undefined || !this.isOurs(pf)) return;
    failedBindings.available();
    request(pf, 'uevent', { full: true, since: performance.now() });
  }

  #onStore(news: StoreNews): void {
    const { halfDone, pfs, held, states, failedBindings, settings, request } = this.#parts;
    switch (news.kind) {
      case 'work':
        if (!news.own) halfDone.begun();
        return;
      case 'port':
        pfs.tellPort(news.id, news.record, settings().host);
        return this.#lookForLeftOver(news);
      case 'claim': {
        const { place, pf, claim, before, own } = news;
        if (claim?.port !== before?.port) {
          held.forget(place);
          states.forget(place);
        }
        if (claim === undefined) return failedBindings.available();
        if (claim.phase !== 'bound' || !this.isOurs(pf)) return;
        // What this process bound it has read back; a repair has been told of.
        if (!own) request(pf, 'store', { since: performance.now() });
        else if (states.get(place) === undefined) states.ok(claim);
      }
    }
  }

  /** Another host's activation takes the binding here away, and leaves the claim to us. */
  #lookForLeftOver({ id, record }: Extract<StoreNews, { readonly kind: 'port' }>): void {
    const { index, settings, request } = this.#parts;
    const binding = record?.bindings.find(({ host }) => host === settings().host);
    if (binding?.status === 'ACTIVE') return;
    for (const { phase, place } of index.claimsOfPort(id)) {
      if (phase === 'bound') request(place.pf, 'store', { full: true, since: performance.now() });
    }
  }
}
