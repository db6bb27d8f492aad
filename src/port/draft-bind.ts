/**
 * From requests to steps: which function each port gets, and what has to change there.
 *
 * Owns the decision and changes nothing; `bind-ports.ts` carries it out, `plan-ports.ts` shows it.
 */
import { createBinder } from '../binding/bind.ts';
import { digest } from '../binding/digest.ts';
import { refuseRequest } from '../binding/request.ts';
import { bindingOn, failBinding, fillBinding, requestBinding } from '../binding/life/binding.ts';
import { LifeError } from '../binding/life/errors.ts';
import { extendVifDetails } from '../binding/extra-info.ts';
import type { Inventory } from '../binding/inventory.ts';
import { formatPlace, type Place } from '../binding/place.ts';
import type { PortRequest } from '../binding/port.ts';
import { type Claim, type PortRecord, portKey } from '../binding/record.ts';
import type { Refusal } from '../binding/refusal.ts';
import { wantedConfig } from '../binding/wanted.ts';
import { InvalidConfigError } from '../errors.ts';
import type { Entry } from '../store/store.ts';
import type { VfConfig } from '../vf/config.ts';
import { wishesOf } from './carry-out.ts';
import type { Context } from './context.ts';
import type { Step } from './journal.ts';
import { differences, type Have, readPfs } from './program-places.ts';
import { releaseStep } from './release-ports.ts';
import { deviceFound, macvtapName } from './upper.ts';
import { readView, recordOf, type View } from './view.ts';

/** One port's part of a draft. */
export interface BindTask {
  readonly id: string;
  readonly previous: Entry | undefined;
  /** What the first commit writes. */
  readonly record: PortRecord;
  readonly refusals: readonly Refusal[];
  readonly steps: readonly Step[];
  /** Claims to be held, new or with other settings than before. */
  readonly claims: readonly Claim[];
  /** Claims to be given up once the steps are done. */
  readonly leaving: readonly Claim[];
}

export interface BindDraft {
  readonly view: View;
  readonly have: Have;
  readonly tasks: readonly BindTask[];
}

interface Chosen {
  readonly request: PortRequest;
  readonly previous: Entry | undefined;
  readonly record: PortRecord;
  readonly place: Place | null;
  readonly refusals: readonly Refusal[];
  /** Claims that the port gives up. */
  readonly moving: readonly Claim[];
  /** True when the port stays as it is, whatever was asked. */
  readonly stays?: true;
}

/** @throws InvalidConfigError - two requests for one port */
export async function draftBind(context: Context, requests: readonly PortRequest[]): Promise<BindDraft> {
  const { store, host } = context;
  requireDistinct(requests);
  const view = await readView(store, host.name);
  const inventory = await host.inventory();
  const chosen = await choose(context, view, inventory, requests);
  const pfs = chosen.flatMap(({ place, moving }) => {
    const places =
      place === null ? moving.map((claim) => claim.place) : [place, ...moving.map((claim) => claim.place)];
    return places.filter(({ vf }) => vf !== null).map(({ pf }) => pf);
  });
  const have = await readPfs(host, pfs);
  const tasks = await Promise.all(chosen.map((one) => toTask(context, view, inventory, have, one)));
  return { view, have, tasks };
}

function requireDistinct(requests: readonly PortRequest[]): void {
  const seen = new Set<string>();
  for (const { port } of requests) {
    if (seen.has(port.id)) throw new InvalidConfigError(`port ${port.id} is named twice`);
    seen.add(port.id);
  }
}

async function choose(
  { store, host, policy }: Context,
  view: View,
  inventory: Inventory,
  requests: readonly PortRequest[],
): Promise<Chosen[]> {
  const entries = await Promise.all(requests.map(({ port }) => store.get(portKey(port.id))));
  const asked = requests.map((request, index) => ask(view, host.name, request, entries[index]));
  const taken = new Map([...view.claims].map(([place, { claim }]) => [place, claim.port]));
  const binder = createBinder(inventory, policy, taken);
  return asked.map((one): Chosen => {
    if (one.place !== null || one.refusals.length > 0) return one;
    const result = binder.bind(one.request);
    if ('refusals' in result) {
      const record = failBinding(one.record, host.name, digest(result.refusals), new Date().toISOString());
      return { ...one, record, refusals: result.refusals };
    }
    const { place } = result.bound;
    // It may have its own function again, with other settings.
    const moving = one.moving.filter((claim) => formatPlace(claim.place) !== formatPlace(place));
    const vif_details = extendVifDetails(result.bound.vif_details, policy.portInfo ?? [], one.request);
    const record = fillBinding(one.record, host.name, { ...result.bound, vif_details });
    return { ...one, record, place, moving };
  });
}

/** What the request makes of the port's record, before a function is chosen. */
function ask(view: View, host: string, request: PortRequest, previous: Entry | undefined): Chosen {
  const before = recordOf(previous);
  const mine = (view.byPort.get(request.port.id) ?? []).map(({ claim }) => claim);
  try {
    const record = requestBinding(before, request, host);
    const binding = bindingOn(record, host);
    const place = binding?.place ?? null;
    // Half-done work is recovery's; a port is not moved from under it.
    const stuck = mine.find(
      ({ phase, found }) =>
        phase === 'applying' ||
        phase === 'releasing' ||
        // Set up for the binding that was active until another host's was; not put back yet.
        (found !== null && binding?.status === 'INACTIVE'),
    );
    if (stuck !== undefined) throw new LifeError('SRIOV_BUSY', 409, busy(stuck));
    const other = place === null ? undefined : view.claims.get(formatPlace(place))?.claim;
    if (other !== undefined && other.port !== request.port.id) {
      throw new LifeError(
        'SRIOV_BUSY',
        409,
        `${formatPlace(other.place)} is port ${other.port}'s; release this one`,
      );
    }
    const refusal = place === null ? undefined : refuseRequest(request);
    if (refusal !== undefined && before !== undefined) {
      return { request, previous, record: before, place: null, refusals: [refusal], moving: [], stays: true };
    }
    const moving = mine.filter((claim) => place === null || formatPlace(claim.place) !== formatPlace(place));
    return { request, previous, record, place, refusals: [], moving };
  } catch (error) {
    if (!(error instanceof LifeError) || before === undefined) throw error;
    const refusals = [{ code: 'STATE' as const, message: error.message }];
    return { request, previous, record: before, place: null, refusals, moving: [], stays: true };
  }
}

function busy({ place, phase }: Claim): string {
  const what =
    phase === 'bound'
      ? 'is still set up for its binding that was active;'
      : `is ${phase} for this port; if that work was cut off,`;
  return `${formatPlace(place)} ${what} recover first`;
}

async function toTask(
  context: Context,
  view: View,
  inventory: Inventory,
  have: Have,
  { request, previous, record, place, refusals, moving, stays }: Chosen,
): Promise<BindTask> {
  const id = request.port.id;
  const base = { id, previous, record, refusals };
  if (stays) return { ...base, steps: [], claims: [], leaving: [] };
  const away = await Promise.all(moving.map((claim) => releaseStep(context, claim, have)));
  const steps: Step[] = away.filter((step): step is Step => !('message' in step));
  if (place === null) return { ...base, steps, claims: [], leaving: moving };
  const { step, claim } = await arrive(context, view, inventory, have, record, place);
  return { ...base, steps: step === undefined ? steps : [...steps, step], claims: [claim], leaving: moving };
}

/** The step to where the port is bound now, and the claim that goes with it. */
export async function arrive(
  { host }: Context,
  view: View,
  inventory: Inventory,
  have: Have,
  record: PortRecord,
  place: Place,
): Promise<{ readonly step: Step | undefined; readonly claim: Claim }> {
  const port = record.port.id;
  const held = view.claims.get(formatPlace(place))?.claim;
  const binding = bindingOn(record, host.name);
  const generation = (await host.generation(place)) ?? '';
  const base = { port, place, generation };
  const claim = { ...base, journal: '', boot_id: host.bootId };
  if (binding === undefined || binding.status === 'INACTIVE') {
    return { step: undefined, claim: { ...claim, phase: 'reserved', found: null, wanted: null } };
  }
  if (place.vf === null) {
    return {
      step: { ...base, before: null, after: null },
      claim: { ...claim, phase: 'applying', found: null, wanted: null },
    };
  }
  const pf = inventory.pfs.find(({ device }) => device === place.pf);
  const lacks = pf?.lacks ?? [];
  const wanted: VfConfig = wantedConfig(
    record.port,
    record.network,
    binding.profile,
    place.vf,
    lacks,
    binding.vif_type,
  );
  const now = have.get(place.pf)?.get(place.vf) ?? { vf: place.vf };
  // Of another life of the VF, what was found then says nothing.
  const same = held?.port === port && held.generation === generation;
  const found = same && held.found !== null ? held.found : now;
  const step: Step = { ...base, before: now, after: wanted };
  const full: Claim = { ...claim, phase: 'applying', found, wanted };
  if (binding.vnic_type !== 'macvtap') return { step, claim: full };
  const name = macvtapName(port);
  const device = await host.netDevice(place);
  const foundDevice = (same ? held.macvtap?.found : undefined) ?? deviceFound(device);
  const isThere = same && (device?.uppers.some((one) => one.name === name) ?? false);
  const upper = {
    name,
    action: 'create',
    mac: wanted.mac ?? null,
    found: foundDevice,
    ...(isThere && { kept: true as const }),
  } as const;
  return { step: { ...step, upper }, claim: { ...full, macvtap: { name, found: foundDevice } } };
}

/** Whether there is anything to do in the kernel. */
export function changesOf(steps: readonly Step[], have: Have): ReadonlyMap<string, VfConfig> {
  const changes = new Map<string, VfConfig>();
  for (const [pf, configs] of differences(wishesOf(steps), have)) {
    for (const config of configs) changes.set(formatPlace({ pf, vf: config.vf }), config);
  }
  return changes;
}
