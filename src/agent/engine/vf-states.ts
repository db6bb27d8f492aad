/**
 * How the VF of each claim was when it was last looked at.
 *
 * Owns what is told once and not again: drift, lost, found, a guest's MAC.
 */
import type { Claim } from '../../binding/record.ts';
import { formatPlace } from '../../binding/place.ts';
import type { AgentEventBody, Difference } from '../events.ts';

export interface VfView {
  readonly state: 'ok' | 'guest-mac' | 'lost';
  readonly reason: string | null;
  readonly repairs: number;
  /** ISO 8601. */
  readonly lastRepair: string | null;
}

/** Names of a claim's function as events have them. */
export function namesOf({ port, place }: Claim): {
  port: string;
  place: string;
  pf: string;
  vf: number | null;
} {
  return { port, place: formatPlace(place), pf: place.pf, vf: place.vf };
}

export class VfStates {
  readonly #views = new Map<string, VfView>();
  /** What was told of VFs that are not as wanted. */
  readonly #drifts = new Map<string, string>();
  readonly #tell: (event: AgentEventBody) => void;

  constructor(tell: (event: AgentEventBody) => void) {
    this.#tell = tell;
  }

  get(place: string): VfView | undefined {
    return this.#views.get(place);
  }

  forget(place: string): void {
    this.#views.delete(place);
    this.#drifts.delete(place);
  }

  /** @returns whether that is news: a drift is the same one until the VF was as wanted again */
  drifts(claim: Claim, differences: readonly Difference[]): boolean {
    const { place } = namesOf(claim);
    const text = JSON.stringify(differences);
    if (this.#drifts.get(place) === text) return false;
    this.#drifts.set(place, text);
    return true;
  }

  ok(claim: Claim): void {
    this.#settle(claim, 'ok', null);
  }

  guestMac(claim: Claim, wanted: string, found: string): void {
    const names = namesOf(claim);
    const reason = `its guest gave it the MAC ${found}`;
    const before = this.#views.get(names.place);
    if (before?.state !== 'guest-mac' || before.reason !== reason) {
      this.#tell({ type: 'guest-mac', ...names, wanted, found });
    }
    this.#settle(claim, 'guest-mac', reason);
  }

  lost(claim: Claim, message: string): void {
    const names = namesOf(claim);
    const before = this.#views.get(names.place);
    if (before?.state !== 'lost' || before.reason !== message)
      this.#tell({ type: 'lost', ...names, message });
    this.#put(names.place, 'lost', message);
  }

  /** Counts a repair; it is `ok`, or its guest's, as well. */
  repaired(claim: Claim): void {
    const { place } = namesOf(claim);
    this.#drifts.delete(place);
    if (this.#views.get(place)?.state !== 'guest-mac') this.#settle(claim, 'ok', null);
    const view = this.#views.get(place);
    if (view === undefined) return;
    this.#views.set(place, { ...view, repairs: view.repairs + 1, lastRepair: new Date().toISOString() });
  }

  #settle(claim: Claim, state: 'ok' | 'guest-mac', reason: string | null): void {
    const names = namesOf(claim);
    const before = this.#views.get(names.place);
    this.#drifts.delete(names.place);
    if (before?.state === 'lost') this.#tell({ type: 'found', ...names });
    if (before?.state !== state || before.reason !== reason) this.#put(names.place, state, reason);
  }

  #put(place: string, state: VfView['state'], reason: string | null): void {
    const { repairs = 0, lastRepair = null } = this.#views.get(place) ?? {};
    this.#views.set(place, { state, reason, repairs, lastRepair });
  }
}
