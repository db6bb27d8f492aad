/**
 * Bound ports whose VF is not as it should be.
 *
 * Owns the difference between a VF that lost its settings (PF reset, drift), one that was made anew (its state
 * before the port is another now), one that is someone else's (left alone), and a guest that used its rights. Changes
 * nothing; `repair.ts` does.
 */
import { bindingOn } from '../binding/life/binding.ts';
import { formatPlace } from '../binding/place.ts';
import { type Claim, type PortRecord, portKey } from '../binding/record.ts';
import type { VfAttribute, VfConfig, VfState } from '../vf/config.ts';
import { isHalfDone } from './busy.ts';
import type { Context } from './context.ts';
import type { Before, Step } from './journal.ts';
import { differences, type Have, readPfs } from './program-places.ts';
import type { NotRestored } from './report.ts';
import { deviceFound, isUpperDone } from './upper.ts';
import { type HeldClaim, readView, recordOf, type View } from './view.ts';

/** What is looked at; all of it absent = every claim of the host, in full. */
export interface DriftScope {
  /** Functions of this PF alone. */
  readonly pf?: string;
  /** Records of ports are read only where a VF is not as wanted: claims without a binding are not looked for. */
  readonly quick?: boolean;
  /**
   * What a driver does not report is taken to be as it was set, as long as nothing that it reports says otherwise.
   * For looks that come again and again: each would set it anew.
   */
  readonly trustUnseen?: boolean;
  /** Places, by text, that are left out. */
  readonly except?: (place: string) => boolean;
}

/** What is to be done, with the claim as it is to be held while and after. */
export interface Repair {
  readonly step: Step;
  readonly claim: Claim;
  readonly changes: VfConfig;
  /** The VF was taken away and made anew. */
  readonly recreated: boolean;
  /** The port's, as it is in the store. */
  readonly record: Before;
}

export interface Drift {
  readonly scope: DriftScope;
  readonly view: View;
  readonly have: Have;
  readonly repairs: readonly Repair[];
  readonly lost: readonly NotRestored[];
  /** Places, by text, of bound ports that are as wanted, or as their guest wants them. */
  readonly healthy: readonly string[];
  /** Of these, trusted VFs with another MAC than their port's. */
  readonly guestMacs: readonly { readonly claim: Claim; readonly wanted: string; readonly found: string }[];
  /** Claims without a binding: unbound by another host's activation, or never put back. By text of the place. */
  readonly leftOver: ReadonlyMap<string, Claim>;
}

/** One read for each PF. */
export async function findDrift(context: Context, scope: DriftScope = {}): Promise<Drift> {
  const { store, host } = context;
  const view = await readView(store, host.name, scope.pf);
  const leftOver = new Map<string, Claim>();
  const records = new Map<string, Before>();
  const bound: HeldClaim[] = [];
  const isBound = async ({ claim }: HeldClaim): Promise<boolean> => {
    const { port, phase, place } = claim;
    const entry = await store.get(portKey(port));
    if (phase === 'applying' || (await isHalfDone(store, host.name, claim))) return false;
    if (phase === 'releasing' || !isBoundTo(recordOf(entry), host.name, claim)) {
      leftOver.set(formatPlace(place), claim);
      return false;
    }
    if (entry !== undefined) records.set(port, { key: entry.key, value: entry.value });
    return phase === 'bound' && place.vf !== null && entry !== undefined;
  };
  for (const [place, held] of view.claims) {
    if (scope.except?.(place) === true) continue;
    const { phase, place: at } = held.claim;
    if (scope.quick === true ? phase === 'bound' && at.vf !== null : await isBound(held)) bound.push(held);
  }
  const have = await readPfs(
    host,
    bound.map(({ claim }) => claim.place.pf),
  );
  const found = { repairs: [] as Repair[], lost: [] as NotRestored[], healthy: [] as string[] };
  const guestMacs: Drift['guestMacs'][number][] = [];
  for (const held of bound) {
    const judged = await judge(context, held, have, scope);
    if (judged.guestMac !== undefined) guestMacs.push({ claim: held.claim, ...judged.guestMac });
    if (judged.lost === undefined && judged.repair === undefined) {
      found.healthy.push(formatPlace(held.claim.place));
      continue;
    }
    if (scope.quick === true && !(await isBound(held))) continue;
    const record = records.get(held.claim.port);
    if (judged.lost !== undefined) found.lost.push(judged.lost);
    else if (judged.repair !== undefined && record !== undefined)
      found.repairs.push({ ...judged.repair, record });
  }
  return { scope, view, have, ...found, guestMacs, leftOver };
}

function isBoundTo(record: PortRecord | undefined, host: string, claim: Claim): boolean {
  const binding = record && bindingOn(record, host);
  if (binding === undefined || binding.place === null) return false;
  const expected = binding.status === 'ACTIVE' ? 'bound' : 'reserved';
  return formatPlace(binding.place) === formatPlace(claim.place) && claim.phase === expected;
}

interface Judged {
  readonly lost?: NotRestored;
  readonly repair?: Omit<Repair, 'record'>;
  readonly guestMac?: { readonly wanted: string; readonly found: string };
}

async function judge(
  { host, trustedMac }: Context,
  { claim }: HeldClaim,
  have: Have,
  { trustUnseen = false }: DriftScope,
): Promise<Judged> {
  const { port, place } = claim;
  const now = have.get(place.pf)?.get(place.vf ?? -1);
  const generation = await host.generation(place);
  if (claim.wanted === null) return {};
  if (now === undefined || generation === undefined) {
    return lostBecause(claim, 'it is not there; it is set up again as soon as it is back and recovery runs');
  }
  const isNew = generation !== claim.generation;
  const guestMac = isNew || trustedMac === 'port' ? undefined : macOfGuest(now, claim.wanted);
  const wanted = guestMac === undefined ? claim.wanted : without(claim.wanted, ['mac']);
  const all = differences([{ place, config: wanted }], have).get(place.pf)?.[0];
  const changes = trustUnseen && !isNew && all !== undefined && isUnseen(all, now) ? undefined : all;
  if (isNew && changes !== undefined && isSomeoneElses(now, claim)) {
    return lostBecause(claim, 'it was made anew, and someone else has set it up since; release the port');
  }
  const macvtap =
    claim.macvtap && isNew
      ? { ...claim.macvtap, found: deviceFound(await host.netDevice(place)) }
      : claim.macvtap;
  const upper = macvtap && { ...macvtap, action: 'create' as const, mac: claim.wanted.mac ?? null };
  const done = { port, place, generation, before: now, after: wanted, ...(upper && { upper }) };
  const isThere = await isUpperDone(host, done);
  const told = guestMac === undefined ? {} : { guestMac };
  if (changes === undefined && !isNew && isThere) return told;
  const step: Step = upper && isThere ? { ...done, upper: { ...upper, kept: true } } : done;
  const life = { generation, boot_id: host.bootId, found: now, ...(macvtap && { macvtap }) };
  const next: Claim = isNew ? { ...claim, ...life } : claim;
  return { ...told, repair: { step, claim: next, changes: changes ?? { vf: now.vf }, recreated: isNew } };
}

/**
 * A VF that is trusted, and was not wiped, has the MAC that its guest gave it through the PF's driver (igb:
 * igb_set_vf_mac_filter, ice: ice_vc_add_mac_addr, with the like in others).
 */
function macOfGuest(now: VfState, wanted: VfConfig): Judged['guestMac'] {
  if (wanted.trust !== true || now.trust === false) return undefined;
  const { mac } = now;
  if (wanted.mac == null || mac == null || /^[0:]+$/.test(mac)) return undefined;
  return mac.toLowerCase() === wanted.mac.toLowerCase() ? undefined : { wanted: wanted.mac, found: mac };
}

function without(config: VfConfig, attributes: readonly VfAttribute[]): VfConfig {
  const copy: { -readonly [K in keyof VfConfig]: VfConfig[K] } = { ...config };
  for (const attribute of attributes) delete copy[attribute];
  return copy;
}

/** The driver reports none of what differs: nobody can say that it does. */
function isUnseen(changes: VfConfig, now: VfState): boolean {
  return Object.keys(changes).every((key) => key === 'vf' || now[key as VfAttribute] === undefined);
}

/** A VF that was just made has none of these (drivers may give it a MAC); whoever set them is not us. */
function isSomeoneElses(now: VfState, { wanted }: Claim): boolean {
  const vlan = now.vlan != null && now.vlan.id !== wanted?.vlan?.id;
  const rate = (now.rate?.max ?? 0) !== 0 || (now.rate?.min ?? 0) !== 0;
  return vlan || now.trust === true || (rate && wanted?.rate == null);
}

function lostBecause({ port, place }: Claim, why: string): Judged {
  return {
    lost: { port, place: formatPlace(place), message: `${formatPlace(place)}: ${why}`, failures: [] },
  };
}
