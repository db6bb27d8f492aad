/**
 * What the store says of this host, as far as it must be known without asking: which PFs have claims, which ports
 * have bindings here.
 *
 * Owns the picture that the store's events keep current. It never decides what a VF should be like: looks read that
 * from the store itself.
 */
import { bindingOn } from '../../binding/life/binding.ts';
import { formatPlace } from '../../binding/place.ts';
import {
  type Claim,
  claimPrefix,
  JOURNAL_PREFIX,
  journalKey,
  PORT_PREFIX,
  type PortRecord,
} from '../../binding/record.ts';
import type { Journal } from '../../port/journal.ts';
import { processIdentity } from '../../port/process.ts';
import type { Json, Store, StoreEvent } from '../../store/store.ts';

/** What an event of the store means. */
export type StoreNews =
  | {
      readonly kind: 'claim';
      readonly place: string;
      readonly pf: string;
      readonly claim: Claim | undefined;
      readonly before: Claim | undefined;
      /** Written by this process, which knows. */
      readonly own: boolean;
    }
  | { readonly kind: 'port'; readonly id: string; readonly record: PortRecord | undefined }
  | { readonly kind: 'work'; readonly id: string; readonly own: boolean };

export class ClaimIndex {
  readonly #host: string;
  readonly #claims = new Map<string, Claim>();
  readonly #byPf = new Map<string, Set<string>>();
  readonly #byPort = new Map<string, Set<string>>();
  readonly #ports = new Map<string, PortRecord>();
  readonly #own = new Set<string>();
  readonly #me = processIdentity();

  constructor(host: string) {
    this.#host = host;
  }

  /** PFs with claims. */
  get pfs(): Iterable<string> {
    return this.#byPf.keys();
  }

  /** Records with a binding on this host, by id. */
  get ports(): ReadonlyMap<string, PortRecord> {
    return this.#ports;
  }

  claim(place: string): Claim | undefined {
    return this.#claims.get(place);
  }

  claimsOf(pf: string): readonly Claim[] {
    return [...(this.#byPf.get(pf) ?? [])].flatMap((place) => this.#claims.get(place) ?? []);
  }

  claimsOfPort(port: string): readonly Claim[] {
    return [...(this.#byPort.get(port) ?? [])].flatMap((place) => this.#claims.get(place) ?? []);
  }

  /** The PF of a macvtap device. */
  pfOfUpper(name: string): string | undefined {
    for (const claim of this.#claims.values()) if (claim.macvtap?.name === name) return claim.place.pf;
    return undefined;
  }

  /** @returns the revision from which on events are to be applied */
  async load(store: Store): Promise<number> {
    const claims = await store.range(claimPrefix(this.#host));
    const ports = await store.range(PORT_PREFIX);
    this.#claims.clear();
    this.#byPf.clear();
    this.#byPort.clear();
    this.#ports.clear();
    for (const { value } of claims.entries) this.#put(value as unknown as Claim);
    for (const { value } of ports.entries) this.#putPort(value as unknown as PortRecord);
    return claims.revision + 1;
  }

  /** @returns undefined = nothing of this host */
  apply({ key, value }: StoreEvent): StoreNews | undefined {
    const claims = claimPrefix(this.#host);
    if (key.startsWith(claims)) return this.#applyClaim(key.slice(claims.length), value);
    if (key.startsWith(PORT_PREFIX)) return this.#applyPort(key.slice(PORT_PREFIX.length), value);
    if (!key.startsWith(JOURNAL_PREFIX)) return undefined;
    const journals = journalKey(this.#host, '');
    if (!key.startsWith(journals)) return undefined;
    const id = key.slice(journals.length);
    const journal = value as unknown as Journal | undefined;
    if (journal?.state !== 'open') return undefined;
    const own = journal.process.pid === this.#me.pid && journal.process.started === this.#me.started;
    if (own) this.#remember(id);
    return { kind: 'work', id, own };
  }

  #applyClaim(place: string, value: Json | undefined): StoreNews {
    const before = this.#claims.get(place);
    const claim = value as unknown as Claim | undefined;
    if (claim !== undefined) this.#put(claim);
    else if (before !== undefined) this.#delete(before);
    const pf = (claim ?? before)?.place.pf ?? place.split('/')[0] ?? place;
    const own = claim !== undefined && this.#own.has(claim.journal);
    return { kind: 'claim', place, pf, claim, before, own };
  }

  #applyPort(id: string, value: Json | undefined): StoreNews | undefined {
    const record = value as unknown as PortRecord | undefined;
    const here = record !== undefined && bindingOn(record, this.#host) !== undefined;
    const was = this.#ports.has(id);
    if (here) this.#putPort(record);
    else this.#ports.delete(id);
    return here || was ? { kind: 'port', id, record: here ? record : undefined } : undefined;
  }

  #put(claim: Claim): void {
    const place = formatPlace(claim.place);
    const before = this.#claims.get(place);
    if (before !== undefined && before.port !== claim.port) this.#delete(before);
    this.#claims.set(place, claim);
    addTo(this.#byPf, claim.place.pf, place);
    addTo(this.#byPort, claim.port, place);
  }

  #delete({ place, port }: Claim): void {
    const text = formatPlace(place);
    this.#claims.delete(text);
    takeFrom(this.#byPf, place.pf, text);
    takeFrom(this.#byPort, port, text);
  }

  #putPort(record: PortRecord): void {
    if (bindingOn(record, this.#host) !== undefined) this.#ports.set(record.port.id, record);
  }

  /** The last ones are enough: events come in the order of commits. */
  #remember(id: string): void {
    this.#own.add(id);
    if (this.#own.size <= 256) return;
    const [oldest] = this.#own;
    if (oldest !== undefined) this.#own.delete(oldest);
  }
}

function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, new Set([value]));
  else values.add(value);
}

function takeFrom(map: Map<string, Set<string>>, key: string, value: string): void {
  const values = map.get(key);
  values?.delete(value);
  if (values?.size === 0) map.delete(key);
}
