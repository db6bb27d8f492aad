/**
 * Gives ports functions of a host, or says why not. Pure: asks nobody, changes nothing, and the same question
 * has the same answer, in whatever order the host was listed.
 *
 * Owns the sequence of a choice; what is asked, what suits and who comes first have files of their own.
 */
import { type Ask, askKey, toAsk } from './ask.ts';
import { type Bound, boundTo } from './bound.ts';
import { choosePf, chooseVf, own } from './choose.ts';
import type { Inventory } from './inventory.ts';
import { findNamed } from './named.ts';
import { refuseNetwork } from './physical-network.ts';
import type { BindPolicy } from './policy.ts';
import type { PortRequest } from './port.ts';
import type { Refusal } from './refusal.ts';
import { refuseRequest } from './request.ts';
import { give, type PfStock, type Stock, takeStock, type VfStock } from './stock.ts';
import { pfOccupied, refusalOf, unsuitable, vfOccupied } from './suitable.ts';

export type { Bound } from './bound.ts';

/**
 * A binding, or why there is none: one refusal for each function that was looked at, in order of name and number
 * (one, when the request names its function), or one without a place that holds for the host as a whole. Never
 * an empty list.
 */
export type BindResult = { readonly bound: Bound } | { readonly refusals: readonly Refusal[] };

/** Binds port after port to the functions of one host, and remembers what it gave away. */
export interface Binder {
  /**
   * Chooses a function for a port. A function that the port has already is kept as long as it suits.
   *
   * Takes time for the kinds of VFs on each PF, not for each VF; a refusal looks at all of them.
   */
  bind(request: PortRequest): BindResult;
}

/**
 * Indexes a host once, for any number of ports.
 *
 * Without `deviceSpecs` every function may be given away and be trusted; without `mappings` and specs the
 * physical network is not checked, for nothing says which PF is on which.
 *
 * @param taken place (as `formatPlace` writes it) to the id of the port that has it; places that are not in the
 *   inventory do not matter
 * @throws InvalidConfigError - a VF in `exclude` is not named by a PCI address
 */
export function createBinder(
  inventory: Inventory,
  policy: BindPolicy,
  taken: ReadonlyMap<string, string>,
): Binder {
  const stock = takeStock(inventory, policy, taken);
  const refused: Refused = new Map();
  return { bind: (request) => bindOne(stock, policy, refused, request) };
}

/** One port; for many, {@link createBinder} reads the host only once. */
export function bind(
  request: PortRequest,
  inventory: Inventory,
  policy: BindPolicy,
  taken: ReadonlyMap<string, string>,
): BindResult {
  return createBinder(inventory, policy, taken).bind(request);
}

/**
 * Refusals by what was asked, as long as nothing is given away: a full host refuses a thousand equal ports by one
 * list rather than by a million refusals.
 */
type Refused = Map<string, readonly Refusal[]>;

function bindOne(stock: Stock, policy: BindPolicy, refused: Refused, request: PortRequest): BindResult {
  const refusal = refuseRequest(request);
  if (refusal !== undefined) return { refusals: [refusal] };
  const ask = toAsk(request, policy);
  const elsewhere = refuseNetwork(stock, policy, ask);
  if (elsewhere !== undefined) return { refusals: [elsewhere] };
  const named = findNamed(stock, request);
  if (named !== undefined) {
    if ('refusal' in named) return { refusals: [named.refusal] };
    const why = refuse(named.at, ask);
    return why === undefined ? take(stock, refused, named.at, ask) : { refusals: [why] };
  }
  const at = own(stock, ask) ?? choose(stock, ask, policy);
  if (at !== undefined) return take(stock, refused, at, ask);
  // Which port asks makes no difference: if what it has already suited it, it would have been given that.
  const key = askKey(ask);
  const refusals = refused.get(key) ?? refuseAll(stock, ask);
  refused.set(key, refusals);
  return { refusals };
}

function choose(stock: Stock, ask: Ask, policy: BindPolicy): PfStock | VfStock | undefined {
  if (ask.type === 'direct-physical') return choosePf(stock, ask);
  return chooseVf(stock, ask, policy.choose ?? 'spread');
}

function take(stock: Stock, refused: Refused, at: PfStock | VfStock, ask: Ask): BindResult {
  refused.clear();
  give(stock, at, ask.request.port.id);
  return { bound: boundTo(at, ask) };
}

function refuse(at: PfStock | VfStock, ask: Ask): Refusal | undefined {
  const port = ask.request.port.id;
  const why =
    'lot' in at
      ? (unsuitable(at.lot, ask) ?? vfOccupied(at, port))
      : (unsuitable(at.kind, ask) ?? pfOccupied(at, port));
  return why && refusalOf(at.place, why);
}

function refuseAll({ pfs, host }: Stock, ask: Ask): Refusal[] {
  const all: readonly (PfStock | VfStock)[] =
    ask.type === 'direct-physical' ? pfs : pfs.flatMap(({ vfs }) => vfs);
  if (all.length > 0) return all.flatMap((at) => refuse(at, ask) ?? []);
  const message =
    ask.type === 'direct-physical'
      ? `host ${host} has no SR-IOV function at all; check its NICs, their drivers and the firmware's settings`
      : `host ${host} has no VFs; create some on one of its PFs first`;
  return [{ code: 'NOT_FOUND', message }];
}
