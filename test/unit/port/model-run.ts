/**
 * Runs a sequence of steps against ports on two hosts, and looks after each that all is as it must be.
 *
 * Owns what each step may make of a port, and the comparison once everybody has recovered.
 */
import { checkRecord } from '../../../src/binding/life/check.ts';
import { bindingOn } from '../../../src/binding/life/binding.ts';
import { formatPlace } from '../../../src/binding/place.ts';
import { SriovError } from '../../../src/errors.ts';
import { openPorts } from '../../../src/port/open.ts';
import type { Ports } from '../../../src/port/ports.ts';
import { checkStore } from '../../../src/store/check.ts';
import type { Store } from '../../../src/store/store.ts';
import { type HeldClaim, ModelHosts, readClaims } from './model-hosts.ts';
import {
  afterActivate,
  afterBind,
  afterRelease,
  isSeen,
  type May,
  mayActivate,
  outcomes,
  portsOf,
  type Seen,
} from './model-ports.ts';
import { canBeServed, type HostName, HOSTS, PORTS, type Step, toRequest, type Work } from './model-steps.ts';
import { mortal } from './mortal.ts';
import { same } from './same.ts';

/** How often things happened, so that a reader sees that they did. */
export type Tally = Map<string, number>;

export class ModelRun {
  readonly #store: Store;
  readonly #world: ModelHosts;
  readonly #tally: Tally;
  readonly #ports = new Map<string, May>();
  /** Ports that a dead process was at work on, and nobody has seen to. */
  readonly #pending = new Set<string>();

  private constructor(store: Store, world: ModelHosts, tally: Tally) {
    this.#store = store;
    this.#world = world;
    this.#tally = tally;
    for (const port of PORTS) this.#ports.set(port, [null]);
  }

  static async begin(store: Store, tally: Tally): Promise<ModelRun> {
    const { entries } = await store.range('');
    await store.commit({ changes: entries.map(({ key }) => ({ key, value: undefined })) });
    return new ModelRun(store, await ModelHosts.make(store), tally);
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'event':
        this.#count(step.event.do);
        await this.#world.happen(step.event);
        if (!step.settle) return;
        if (step.dies > 0) await this.#work({ do: 'recover', host: step.event.host }, step.dies, false);
        return this.#settle();
      case 'both':
        this.#count('two at once');
        await Promise.all(step.works.map((work) => this.#together(work)));
        return this.#settle();
      case 'work': {
        const { refusals } = this.#world.hosts[step.work.host];
        for (const what of step.refused) refusals.set(what, 'EINVAL');
        await this.#work(step.work, step.dies, step.refused.length > 0);
        refusals.clear();
        return step.settle ? this.#settle() : undefined;
      }
    }
  }

  #count(what: string): void {
    this.#tally.set(what, (this.#tally.get(what) ?? 0) + 1);
  }

  #open(store: Store, host: HostName): Ports {
    return openPorts({ store, host: this.#world.hosts[host] });
  }

  /** In a process that may die. */
  async #work(work: Work, dies: number, refused: boolean): Promise<void> {
    const before = new Map(portsOf(work).map((port) => [port, this.#may(port)]));
    const process = mortal(
      this.#store,
      HOSTS.map((host) => this.#world.hosts[host]),
      dies === 0 ? {} : { at: dies },
    );
    const mustBind = await this.#mustBind(work, refused);
    const mustActivate = await this.#mustActivate(work, refused);
    let may = new Map<string, readonly Seen[]>();
    await process.run(async () => {
      may = await this.#outcome(this.#open(process.store, work.host), work, mustBind, mustActivate);
    });
    const died = process.isDead();
    this.#count(died ? `${work.do}, died` : work.do);
    for (const [port, was] of before) {
      const busy = this.#pending.has(port);
      if (died) this.#pending.add(port);
      if (was === 'any' || busy) this.#ports.set(port, 'any');
      else
        this.#ports.set(
          port,
          died ? [...was, ...was.flatMap((one) => outcomes(one, work, port))] : (may.get(port) ?? was),
        );
    }
  }

  #may(port: string): May {
    return this.#ports.get(port) ?? [null];
  }

  /** Of a port: what it was for sure; undefined = it is not known, or work on it was cut off. */
  #known(port: string): Seen | undefined {
    const may = this.#may(port);
    return may === 'any' || may.length !== 1 || this.#pending.has(port) ? undefined : may[0];
  }

  /** Ports that are new, ask for any VF, and for which there are enough. */
  async #mustBind(work: Work, refused: boolean): Promise<ReadonlySet<string>> {
    if (work.do !== 'bind' || refused || work.asks.some(({ vnic }) => vnic === 'direct-physical'))
      return new Set();
    const { host, asks } = work;
    const free = await this.#world.free(host);
    if (free < asks.length) return new Set();
    const fresh = asks.filter(({ port, place }) => place === undefined && this.#known(port) === null);
    return new Set(fresh.filter(({ settings }) => canBeServed(settings)).map(({ port }) => port));
  }

  async #mustActivate(work: Work, refused: boolean): Promise<boolean> {
    if (work.do !== 'activate' || refused) return false;
    const known = this.#known(work.port);
    if (known == null || !mayActivate(known, work.host) || !canBeServed(known.settings)) return false;
    const record = await this.#open(this.#store, work.host).get(work.port);
    const place = record && bindingOn(record, work.host)?.place;
    return place != null && this.#world.isThere(work.host, place);
  }

  /** Does the work; what each port may be like then. */
  async #outcome(
    ports: Ports,
    work: Work,
    mustBind: ReadonlySet<string>,
    mustActivate: boolean,
  ): Promise<Map<string, readonly Seen[]>> {
    const may = new Map<string, readonly Seen[]>();
    const from = (port: string, next: (one: Seen) => readonly Seen[]): void => {
      const was = this.#may(port);
      if (was !== 'any') may.set(port, was.flatMap(next));
    };
    const { host } = work;
    switch (work.do) {
      case 'bind': {
        const report = await ports.bind(work.asks.map(toRequest));
        for (const [index, ask] of work.asks.entries()) {
          const { refusals, binding } = report.ports[index] as (typeof report.ports)[number];
          if (mustBind.has(ask.port)) same(refusals, [], `${ask.port} can be bound`);
          if (refusals.length > 0) this.#count(`refused: ${refusals[0]?.code}`);
          else if (ask.place !== undefined)
            same(binding?.place && formatPlace(binding.place), ask.place, `the place of ${ask.port}`);
          from(ask.port, (one) =>
            refusals.length === 0
              ? [afterBind(one, host, ask, true)]
              : [one, afterBind(one, host, ask, false)],
          );
        }
        break;
      }
      case 'release': {
        const report = await ports.release(work.ports);
        const done = new Set([...report.released, ...report.unknown]);
        for (const port of work.ports) {
          from(port, (one) => (done.has(port) ? [afterRelease(one, host)] : [one, afterRelease(one, host)]));
        }
        break;
      }
      case 'activate':
        try {
          await ports.activate(work.port);
          same(this.#known(work.port) === null, false, `${work.port} is activated and was not there`);
          from(work.port, (one) => [afterActivate(one, host)]);
          this.#count('activate, done');
        } catch (error) {
          if (!(error instanceof SriovError) || mustActivate) throw error;
          this.#count('activate, refused');
        }
        break;
      case 'recover':
        await ports.recover();
    }
    return may;
  }

  async #together(work: Work): Promise<void> {
    for (const port of portsOf(work)) this.#ports.set(port, 'any');
    try {
      await this.#outcome(this.#open(this.#store, work.host), work, new Set(), false);
    } catch (error) {
      if (!(error instanceof SriovError)) throw error;
    }
  }

  /** Everybody recovers; then all must be as one of the ways it may be. */
  async #settle(): Promise<void> {
    const lost = new Set<string>();
    for (const host of HOSTS) await this.#open(this.#store, host).recover();
    // The second time there is nothing to do, but for what is lost.
    for (const host of HOSTS) {
      const report = await this.#open(this.#store, host).recover();
      same([report.work, report.restored], [[], []], `second recovery of ${host}`);
      for (const { place } of report.lost) lost.add(`${host} ${place}`);
    }
    this.#pending.clear();
    same(await checkStore(this.#store), [], 'the store');
    const claims = await readClaims(this.#store);
    for (const port of PORTS) await this.#settlePort(port, claims);
    await this.#world.check(claims, lost, (held) => this.#wanted(held));
  }

  #wanted({ host, claim }: HeldClaim): ReturnType<NonNullable<Parameters<ModelHosts['check']>[2]>> {
    const may = this.#may(claim.port);
    if (may !== 'any') return may.flatMap((seen) => seen?.given[host] ?? []);
    const { vf: _, ...wanted } = claim.wanted ?? { vf: 0 };
    return [{ ...wanted, rate: wanted.rate ?? { min: 0, max: 0 } }];
  }

  async #settlePort(port: string, claims: readonly HeldClaim[]): Promise<void> {
    const record = await this.#open(this.#store, 'a').get(port);
    if (record !== undefined) same(checkRecord(record), [], port);
    const may = this.#may(port);
    if (may !== 'any') {
      const match = may.filter((seen) => isSeen(record, seen));
      if (match.length === 0) same(record, may, `${port} is as none of these`);
      this.#ports.set(port, match);
    } else if (record === undefined) this.#ports.set(port, [null]);
    for (const host of HOSTS) {
      const mine = claims.filter((held) => held.host === host && held.claim.port === port);
      const binding = record && bindingOn(record, host);
      const expected =
        binding?.place == null
          ? []
          : [[formatPlace(binding.place), binding.status === 'ACTIVE' ? 'bound' : 'reserved']];
      const held = mine.map(({ claim }) => [formatPlace(claim.place), claim.phase]);
      same(held, expected, `claims of ${port} on ${host}`);
    }
  }
}
