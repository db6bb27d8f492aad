/**
 * What VFs are to be like: as nobody's, or as their port wants them.
 *
 * Owns the expectation for each VF of two hosts, through resets, new lives and changes behind one's back. From the
 * code under test it takes who holds a VF (the claim on disk), never what that VF should be.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Claim } from '../../../src/binding/record.ts';
import { CLAIM_PREFIX } from '../../../src/binding/record.ts';
import { formatPlace, type Place } from '../../../src/binding/place.ts';
import type { Store } from '../../../src/store/store.ts';
import type { VfConfig, VfState } from '../../../src/vf/config.ts';
import { bootId } from '../../../src/port/process.ts';
import { MemoryHost } from './memory-host.ts';
import { same } from './same.ts';
import { type Event, type HostName, HOSTS, PFS } from './model-steps.ts';

interface Device {
  readonly mac: string;
  readonly up: boolean;
  readonly uppers: number;
}

interface Vf {
  readonly state: VfState;
  readonly device: Device;
}

export interface HeldClaim {
  readonly host: HostName;
  readonly claim: Claim;
}

export async function readClaims(store: Store): Promise<HeldClaim[]> {
  const { entries } = await store.range(CLAIM_PREFIX);
  return entries.map(({ key, value }) => {
    const host = HOSTS.find((name) => key.startsWith(`${CLAIM_PREFIX}${name}/`));
    if (host === undefined) throw new Error(`a claim of no host: ${key}`);
    return { host, claim: value as unknown as Claim };
  });
}

export class ModelHosts {
  readonly hosts: Readonly<Record<HostName, MemoryHost>>;
  readonly #store: Store;
  /** By host and place: what it is when no port has it. */
  readonly #own = new Map<string, Vf>();
  /** VFs that someone else set up in a life in which no port had them yet. */
  readonly #foreign = new Set<string>();

  private constructor(store: Store) {
    this.#store = store;
    const make = (name: string): MemoryHost => {
      const host = new MemoryHost(name, { pf0: 2, pf1: 2 });
      // Work of this process is alive for as long as it is at it.
      host.bootId = bootId();
      return host;
    };
    this.hosts = { a: make('a'), b: make('b') };
  }

  static async make(store: Store): Promise<ModelHosts> {
    const made = new ModelHosts(store);
    for (const name of HOSTS) for (const pf of PFS) await made.#look(name, pf);
    return made;
  }

  async happen(event: Event): Promise<void> {
    const host = this.hosts[event.host];
    const pfs = 'pf' in event ? [event.pf] : PFS.filter((pf) => host.snapshot()[pf] !== undefined);
    const held = await this.#held(event.host);
    switch (event.do) {
      case 'reset':
        if (host.snapshot()[event.pf] === undefined) return;
        host.reset(event.pf);
        return this.#look(event.host, event.pf, held);
      case 'drift': {
        const { pf, config } = event;
        if (host.snapshot()[pf]?.[config.vf] === undefined) return;
        host.drift(pf, config);
        const key = `${event.host} ${pf}/${config.vf}`;
        if (held.has(key)) return;
        const foreign = [...this.#foreign];
        await this.#look(event.host, pf, held);
        for (const one of foreign) this.#foreign.add(one);
        if (config.vlan != null || config.trust === true) this.#foreign.add(key);
        return;
      }
      case 'remove':
        host.remove(event.pf);
        break;
      case 'recreate':
        host.recreate(event.pf, event.vfs);
        break;
      case 'reboot':
        host.reboot();
        host.bootId = bootId();
    }
    for (const pf of pfs) await this.#look(event.host, pf);
  }

  /** What is there becomes what is expected of VFs that no port holds. */
  async #look(name: HostName, pf: string, held: ReadonlySet<string> = new Set()): Promise<void> {
    const prefix = `${name} ${pf}/`;
    for (const key of [...this.#own.keys()]) {
      if (!key.startsWith(prefix) || held.has(key)) continue;
      this.#own.delete(key);
      this.#foreign.delete(key);
    }
    for (const [key, vf] of await this.#now(name)) {
      if (key.startsWith(prefix) && !held.has(key)) this.#own.set(key, vf);
    }
  }

  /** VFs that a port has in their present life. */
  async #held(name: HostName): Promise<Set<string>> {
    const held = new Set<string>();
    for (const { host, claim } of await readClaims(this.#store)) {
      const { place, found, generation } = claim;
      if (host !== name || found === null) continue;
      if ((await this.hosts[name].generation(place)) === generation)
        held.add(`${name} ${formatPlace(place)}`);
    }
    return held;
  }

  async #now(name: HostName): Promise<Map<string, Vf>> {
    const now = new Map<string, Vf>();
    for (const [pf, states] of Object.entries(this.hosts[name].snapshot())) {
      for (const state of states) {
        const device = await this.hosts[name].netDevice({ pf, vf: state.vf });
        if (device === null) throw new Error('a VF without a device');
        const { mac, up, uppers } = device;
        now.set(`${name} ${pf}/${state.vf}`, { state, device: { mac, up, uppers: uppers.length } });
      }
    }
    return now;
  }

  isThere(name: HostName, { pf, vf }: Place): boolean {
    const states = this.hosts[name].snapshot()[pf];
    return states !== undefined && (vf === null || states[vf] !== undefined);
  }

  /** How many VFs could be bound. */
  async free(name: HostName): Promise<number> {
    const taken = (await readClaims(this.#store)).filter(({ host }) => host === name);
    let free = 0;
    for (const [pf, vfs] of Object.entries(this.hosts[name].snapshot())) {
      const held = taken.filter(({ claim }) => claim.place.pf === pf && this.isThere(name, claim.place));
      if (!held.some(({ claim }) => claim.place.vf === null)) free += vfs.length - held.length;
    }
    return free;
  }

  /** All VFs, by the claims on them; `wanted` says what a bound port has been given. */
  async check(
    claims: readonly HeldClaim[],
    lost: ReadonlySet<string>,
    wanted: (held: HeldClaim) => readonly Omit<VfConfig, 'vf'>[],
  ): Promise<void> {
    const bound = new Map(
      claims
        .filter(({ claim }) => claim.phase === 'bound' && claim.place.vf !== null)
        .map((held) => [`${held.host} ${formatPlace(held.claim.place)}`, held]),
    );
    const expectedLost = [...bound].flatMap(([key, { host, claim }]) =>
      !this.isThere(host, claim.place) || this.#foreign.has(key) ? [key] : [],
    );
    const held = new Set([...(await this.#held('a')), ...(await this.#held('b'))]);
    same([...lost].sort(), expectedLost.filter((key) => !held.has(key)).sort(), 'what is lost');
    for (const name of HOSTS) {
      const now = await this.#now(name);
      const own = [...this.#own].filter(([key]) => key.startsWith(`${name} `));
      same([...now.keys()].sort(), own.map(([key]) => key).sort(), `VFs of ${name}`);
      for (const [key, vf] of own) {
        const holder = bound.get(key);
        if (holder === undefined || lost.has(key)) same(now.get(key), vf, `${key}, nobody's`);
        else checkBound(key, now.get(key) as Vf, vf, holder, wanted(holder));
      }
    }
  }
}

function checkBound(
  key: string,
  now: Vf,
  own: Vf,
  { claim }: HeldClaim,
  wanted: readonly Omit<VfConfig, 'vf'>[],
): void {
  const what = `${key}, of port ${claim.port}`;
  const attributes = Object.keys(wanted[0] ?? {}) as (keyof Omit<VfConfig, 'vf'>)[];
  const has = Object.fromEntries(attributes.map((attribute) => [attribute, now.state[attribute]]));
  const match = wanted.find((one) => isDeepStrictEqual(one, has));
  same(has, match ?? wanted, what);
  const device = claim.macvtap === undefined ? own.device : { mac: now.state.mac, up: true, uppers: 1 };
  same(now.device, device, `device of ${what}`);
}
