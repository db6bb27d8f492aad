/**
 * Which of the suitable functions a port gets.
 *
 * Owns the order: nearest NUMA node, then spread or pack, then name and number. Each choice looks at the kinds of
 * VFs that there are, never at the VFs one by one.
 */
import type { Ask } from './ask.ts';
import { numaDistance } from './numa.ts';
import { firstFree, type PfStock, type Stock, type VfStock } from './stock.ts';
import { pfOccupied, unsuitable, vfOccupied } from './suitable.ts';

export type Choose = 'spread' | 'pack';

/** What the port has already and may keep, which spares it the move; undefined = nothing. */
export function own({ byPort }: Stock, ask: Ask): PfStock | VfStock | undefined {
  const mine = byPort.get(ask.request.port.id) ?? [];
  return mine.find((at) => fits(at, ask));
}

export function fits(at: PfStock | VfStock, ask: Ask): boolean {
  const port = ask.request.port.id;
  const wantsPf = ask.type === 'direct-physical';
  if ('lot' in at) return !wantsPf && !unsuitable(at.lot, ask) && !vfOccupied(at, port);
  return wantsPf && !unsuitable(at.kind, ask) && !pfOccupied(at, port);
}

export function chooseVf({ pfs }: Stock, ask: Ask, choose: Choose): VfStock | undefined {
  let best: VfStock | undefined;
  for (const pf of pfs) {
    if (pf.owner !== null || (best !== undefined && !isBetter(pf, best.lot.of, ask, choose))) continue;
    const vf = lowestVf(pf, ask);
    if (vf !== undefined) best = vf;
  }
  return best;
}

/** The one with the fewest VFs, so that the fewest are lost; then by name. */
export function choosePf({ pfs }: Stock, ask: Ask): PfStock | undefined {
  let best: PfStock | undefined;
  for (const pf of pfs) {
    if (fits(pf, ask) && (best === undefined || isSmaller(pf, best, ask))) best = pf;
  }
  return best;
}

/** PFs are gone through in order of name, so that of two equals the first stays. */
function isBetter(pf: PfStock, best: PfStock, ask: Ask, choose: Choose): boolean {
  const nearer = distance(pf, ask) - distance(best, ask);
  if (nearer !== 0) return nearer < 0;
  return choose === 'spread' ? pf.free > best.free : pf.free < best.free;
}

function isSmaller(pf: PfStock, best: PfStock, ask: Ask): boolean {
  const nearer = distance(pf, ask) - distance(best, ask);
  return nearer === 0 ? pf.vfs.length < best.vfs.length : nearer < 0;
}

function distance({ pf }: PfStock, ask: Ask): number {
  return numaDistance(ask.numaNode, pf.numaNode);
}

function lowestVf({ lots }: PfStock, ask: Ask): VfStock | undefined {
  let lowest: VfStock | undefined;
  for (const lot of lots) {
    const vf = firstFree(lot);
    if (vf === undefined || (lowest !== undefined && vf.vf.vf > lowest.vf.vf)) continue;
    if (unsuitable(lot, ask) === undefined) lowest = vf;
  }
  return lowest;
}
