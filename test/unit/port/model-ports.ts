/**
 * What ports are to be like after what was done: Neutron's rules for bindings in a few lines, apart from the code
 * under test.
 *
 * Owns the expected record of a port, without the function that it got: that is the host's choice.
 */
import { isDeepStrictEqual } from 'node:util';
import type { PortRecord } from '../../../src/binding/record.ts';
import type { VfConfig } from '../../../src/vf/config.ts';
import {
  type Ask,
  type HostName,
  HOSTS,
  type Settings,
  toRequest,
  wantedOf,
  type Work,
} from './model-steps.ts';

interface Bound {
  readonly active: boolean;
  readonly bound: boolean;
  readonly vnic: Ask['vnic'];
  readonly trusted: boolean;
}

/** A port; null = there is none. */
export type Seen = {
  readonly port: string;
  readonly settings: Settings;
  readonly on: Readonly<Partial<Record<HostName, Bound>>>;
  /** By host: the settings that its VF has been given. */
  readonly given: Readonly<Partial<Record<HostName, Omit<VfConfig, 'vf'>>>>;
} | null;

/** What a port may be like now; `any` = several were at it, and only what always holds is looked at. */
export type May = readonly Seen[] | 'any';

export function afterBind(before: Seen, host: HostName, ask: Ask, bound: boolean): Seen {
  const { port, settings, vnic, trusted } = ask;
  const others = HOSTS.filter((name) => name !== host && before?.on[name]?.active);
  const active = before?.on[host]?.active ?? others.length === 0;
  const on = { ...before?.on, [host]: { active, bound, vnic, trusted } };
  return { port, settings, on, given: { ...before?.given, [host]: wantedOf(ask) } };
}

export function afterRelease(before: Seen, host: HostName): Seen {
  if (before === null) return null;
  const { [host]: _, ...on } = before.on;
  return Object.keys(on).length === 0 ? null : { ...before, on };
}

export function mayActivate(before: Seen, host: HostName): boolean {
  const here = before?.on[host];
  return here !== undefined && here.bound && !here.active;
}

export function afterActivate(before: Seen, host: HostName): Seen {
  const here = before?.on[host];
  if (before === null || here === undefined || !mayActivate(before, host)) return before;
  const on = { ...before.on };
  for (const name of HOSTS) {
    const old = on[name];
    if (old?.active) on[name] = { ...old, active: false, bound: false };
  }
  on[host] = { ...here, active: true };
  const { port, settings } = before;
  const ask: Ask = { port, settings, vnic: here.vnic, trusted: here.trusted, place: undefined };
  return { ...before, on, given: { ...before.given, [host]: wantedOf(ask) } };
}

/** Whether a record is that of the port. */
export function isSeen(record: PortRecord | undefined, seen: Seen): boolean {
  if (record === undefined || seen === null) return record === undefined && seen === null;
  const on = Object.fromEntries(
    record.bindings.map(({ host, status, place, vnic_type, profile }) => {
      const bound = place !== null;
      const trusted = profile.trusted === true;
      return [host, { active: status === 'ACTIVE', bound, vnic: vnic_type, trusted }];
    }),
  );
  if (!isDeepStrictEqual(on, { ...seen.on })) return false;
  const { port, network } = toRequest({
    port: seen.port,
    settings: seen.settings,
    vnic: 'direct',
    trusted: false,
    place: undefined,
  });
  const own = record.own_mac ?? record.port.mac_address;
  return (
    isDeepStrictEqual({ ...record.port, mac_address: own }, port) &&
    isDeepStrictEqual(record.network, network)
  );
}

/** The ports that work is about. */
export function portsOf(work: Work): string[] {
  switch (work.do) {
    case 'bind':
      return work.asks.map(({ port }) => port);
    case 'release':
      return [...work.ports];
    case 'activate':
      return [work.port];
    case 'recover':
      return [];
  }
}

/** All that work may make of a port, the best first. */
export function outcomes(before: Seen, work: Work, port: string): Seen[] {
  switch (work.do) {
    case 'bind': {
      const ask = work.asks.find((one) => one.port === port) as Ask;
      return [afterBind(before, work.host, ask, true), afterBind(before, work.host, ask, false)];
    }
    case 'release':
      return [afterRelease(before, work.host)];
    case 'activate':
      return [afterActivate(before, work.host)];
    case 'recover':
      return [before];
  }
}
