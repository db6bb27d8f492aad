/**
 * The agent of this host, put together.
 *
 * Owns its parts and their life. What leads to looks is in `triggers.ts`.
 */
import { EventEmitter, setMaxListeners } from 'node:events';
import { InvalidConfigError, SriovError } from '../../errors.ts';
import type { Context } from '../../port/context.ts';
import type { VfHost } from '../../port/host.ts';
import { openPorts } from '../../port/open.ts';
import type { Ports } from '../../port/ports.ts';
import { releasePorts } from '../../port/release-ports.ts';
import type { Store } from '../../store/store.ts';
import type { Agent } from '../agent.ts';
import type { AgentEvent, AgentEventMap, Trigger } from '../events.ts';
import { type addMeter, countHost } from '../metrics/counted-host.ts';
import type { AgentSettings } from '../settings.ts';
import type { AgentStatus } from '../status.ts';
import { ClaimIndex } from './claim-index.ts';
import { Echo } from './echo.ts';
import { FailedBindings } from './failed-bindings.ts';
import { HalfDone } from './half-done.ts';
import { Held } from './held.ts';
import { Links } from './links.ts';
import { type Looked, lookAt } from './look.ts';
import { PfTable } from './pf-table.ts';
import { type Look, LookQueue } from './queue.ts';
import { Recorder } from './recorder.ts';
import { statusOf } from './status-of.ts';
import { Requests } from './requests.ts';
import { type Sources, Triggers } from './triggers.ts';
import { partOf, Troubles } from './troubles.ts';
import { VfStates } from './vf-states.ts';

export interface AgentOptions {
  readonly store: Store;
  readonly host: VfHost;
  readonly settings: AgentSettings;
  /** Of this package. */
  readonly version: string;
}

export class LocalAgent extends EventEmitter<AgentEventMap> implements Agent {
  readonly host: VfHost;
  readonly #store: Store;
  readonly #version: string;
  readonly #startedAt = new Date();
  readonly #begun = performance.now();
  readonly #recorder = new Recorder(this);
  readonly #troubles = new Troubles(this.#recorder);
  readonly #echo = new Echo();
  readonly #held = new Held();
  readonly #states = new VfStates((event) => this.#recorder.tell(event));
  readonly #index: ClaimIndex;
  readonly #links: Links;
  readonly #pfs: PfTable;
  readonly #queue: LookQueue;
  readonly #halfDone: HalfDone;
  readonly #failedBindings: FailedBindings;
  readonly #end = new AbortController();
  readonly #requests: Requests;
  #settings: AgentSettings;
  #ports: Ports;
  readonly #triggers: Triggers;
  #poll: NodeJS.Timeout | undefined;
  #ready = false;
  #stopping: Promise<void> | undefined;

  constructor({ store, host, settings, version }: AgentOptions, sources: Sources) {
    super();
    this.#store = store;
    this.#version = version;
    this.#settings = settings;
    this.host = countHost(host, this.#meter());
    setMaxListeners(0, this.#end.signal);
    this.#index = new ClaimIndex(settings.host);
    this.#links = new Links((name) => this.#index.pfOfUpper(name));
    this.#pfs = new PfTable((event) => this.#recorder.tell(event));
    this.#ports = this.#openPorts();
    const reconcile = (): AgentSettings['reconcile'] => this.#settings.reconcile;
    this.#queue = new LookQueue(reconcile, (look) => this.#look(look));
    this.#requests = new Requests(this.#queue, this.#index, this.#troubles, this.#end.signal);
    const failed = (error: unknown): void => this.#failed(error);
    const worked = (): void => this.#worked();
    this.#halfDone = new HalfDone(() => this.#context(), reconcile, this.#recorder, { worked, failed });
    this.#failedBindings = new FailedBindings({
      host: settings.host,
      ports: () => this.#ports,
      records: () => this.#index.ports,
      settings: reconcile,
      recorder: this.#recorder,
      worked,
      failed,
    });
    this.#triggers = new Triggers({
      store,
      sources,
      signal: this.#end.signal,
      settings: () => this.#settings,
      recorder: this.#recorder,
      troubles: this.#troubles,
      echo: this.#echo,
      held: this.#held,
      states: this.#states,
      index: this.#index,
      links: this.#links,
      pfs: this.#pfs,
      halfDone: this.#halfDone,
      failedBindings: this.#failedBindings,
      isLooking: (pf) => this.#queue.isRunning(pf),
      request: (pf, trigger, options) => void this.#requests.look(pf, trigger, options),
      requestAll: (trigger) => void this.#requestAll(trigger),
      failed,
    });
  }

  get settings(): AgentSettings {
    return this.#settings;
  }

  get ports(): Ports {
    return this.#ports;
  }

  recent(since?: number): readonly AgentEvent[] {
    return this.#recorder.recent(since);
  }

  status(): Promise<AgentStatus> {
    return Promise.resolve(
      statusOf({
        host: this.#settings.host,
        version: this.#version,
        startedAt: this.#startedAt,
        uptimeMs: performance.now() - this.#begun,
        ready: this.#ready,
        store: this.#settings.store,
        recorder: this.#recorder,
        troubles: this.#troubles,
        index: this.#index,
        states: this.#states,
        held: this.#held,
        pfs: this.#pfs,
      }),
    );
  }

  async reconcile(pf?: string): Promise<void> {
    if (pf !== undefined) return this.#requests.look(pf, 'request', { full: true, now: true });
    await this.#requestAll('request');
  }

  reload(settings: AgentSettings): Promise<void> {
    const before = this.#settings;
    for (const key of ['host', 'store'] as const) {
      if (settings[key] === before[key]) continue;
      const message = `${key} is ${settings[key]} now and was ${before[key]}: this takes a new start of the agent`;
      return Promise.reject(new InvalidConfigError(message));
    }
    this.#settings = settings;
    this.#ports = this.#openPorts();
    this.#triggers.remap(settings.policy);
    this.#recorder.tell({ type: 'reloaded', message: 'goes on with the new configuration' });
    this.#armPoll();
    this.#failedBindings.available();
    return this.#requestAll('reload');
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** Rejects when the store or the watches can't be had at all; see {@link startAgent}. */
  async start(): Promise<void> {
    const message = `host ${this.#settings.host}, process ${process.pid}`;
    this.#recorder.tell({ type: 'started', message });
    const from = await this.#index.load(this.#store);
    await this.#triggers.start(from);
    await this.#seeToWork();
    await this.#requestAll('start');
    this.#failedBindings.available();
    this.#armPoll();
    this.#ready = true;
    const pfs = [...this.#index.pfs].length;
    this.#recorder.tell({ type: 'ready', message: `${this.#index.ports.size} ports on ${pfs} PFs` });
  }

  async #stop(): Promise<void> {
    this.#recorder.tell({ type: 'stopping', message: `bound VFs: ${this.#settings.onStop}` });
    this.#ready = false;
    this.#end.abort();
    clearTimeout(this.#poll);
    await Promise.all([this.#requests.stop(), this.#halfDone.stop(), this.#failedBindings.stop()]);
    await this.#triggers.ended();
    let message = 'VFs are as they were';
    if (this.#settings.onStop === 'release') {
      const { released, notRestored } = await releasePorts(this.#context(), [...this.#index.ports.keys()]);
      message = `${released.length} ports released, ${notRestored.length} not put back`;
    }
    this.#recorder.tell({ type: 'stopped', message });
  }

  async #requestAll(trigger: Trigger): Promise<void> {
    const pfs = [...this.#index.pfs].filter((pf) => this.#triggers.isOurs(pf));
    await Promise.all(pfs.map((pf) => this.#requests.look(pf, trigger, { full: true, now: true })));
  }

  #armPoll(): void {
    clearTimeout(this.#poll);
    const { pollMs } = this.#settings.reconcile;
    if (pollMs === 0 || this.#end.signal.aborted) return;
    this.#poll = setTimeout(
      () => {
        void this.#pollOnce();
      },
      pollMs * (0.9 + 0.2 * Math.random()),
    );
  }

  async #pollOnce(): Promise<void> {
    try {
      await this.#seeToWork();
      await this.#requestAll('poll');
      this.#failedBindings.available();
    } catch (error) {
      this.#failed(error);
    }
    this.#armPoll();
  }

  async #look(look: Look): Promise<void> {
    const { pf } = look;
    try {
      const looked = await lookAt(
        {
          context: this.#context(),
          settings: this.#settings.reconcile,
          recorder: this.#recorder,
          held: this.#held,
          states: this.#states,
        },
        look,
      );
      this.#looked(look, looked);
    } catch (error) {
      if (!(error instanceof SriovError)) return this.#failed(error);
      if (this.#end.signal.aborted) return;
      const part = partOf(error);
      // Whatever it was, this PF is looked at again; the store's trouble is told as that.
      const wait = this.#troubles.raise(part, part === 'store' ? null : pf, error, this.#settings.reconcile);
      this.#requests.again(pf, wait);
    } finally {
      if (this.#echo.release(pf) > 0) void this.#requests.look(pf, 'link', { since: performance.now() });
    }
  }

  #looked({ pf, trigger }: Look, looked: Looked): void {
    this.#troubles.over('pf', pf);
    // A look that found nothing to do has only read the store.
    if (looked.repaired > 0 || trigger === 'retry' || trigger === 'poll') this.#troubles.over('store');
    this.#pfs.looked(pf, trigger, looked);
    const held = this.#held.next(pf);
    if (held !== undefined) this.#requests.again(pf, Math.max(0, held - performance.now()));
  }

  async #seeToWork(): Promise<void> {
    try {
      const changed = await this.#halfDone.check();
      this.#worked();
      if (changed) await this.#requestAll('store');
    } catch (error) {
      this.#failed(error);
    }
  }

  #worked(): void {
    this.#troubles.over('store');
    this.#troubles.over('pf');
  }

  /** What is known to go wrong is told and tried again by the poll; anything else is a mistake, and ends the process. */
  #failed(error: unknown): void {
    if (error instanceof SriovError) {
      if (this.#end.signal.aborted) return;
      const wait = this.#troubles.raise(partOf(error), null, error, this.#settings.reconcile);
      setTimeout(() => this.#halfDone.begun(), wait).unref();
      return;
    }
    process.nextTick(() => {
      throw error;
    });
  }

  #context(): Context {
    const { policy, reconcile } = this.#settings;
    return { store: this.#store, host: this.host, policy, trustedMac: reconcile.trustedMac };
  }

  #openPorts(): Ports {
    return openPorts(this.#context());
  }

  /** So that what we do to a PF ourselves is not taken for someone else's doing. */
  #meter(): Parameters<typeof addMeter>[1] {
    return {
      onRead: () => {},
      onInventory: () => {},
      onError: (pf) => this.#echo.forget(pf),
      onProgram: (pf, { messages, reads, failures, coalesced, aborted }) => {
        // Of these nobody can say how many messages changed something; and what is down is not announced.
        const unsure = failures.length > 0 || coalesced > 1 || aborted;
        if (unsure || this.#links.uplink(pf)?.up !== true) this.#echo.forget(pf);
        else this.#echo.sent(pf, messages - reads);
      },
    };
  }
}
