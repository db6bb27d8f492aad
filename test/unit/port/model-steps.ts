/**
 * What may happen to ports and hosts, and random sequences of it.
 *
 * Owns the words of a sequence. Few ports, few VFs: what matters is that things meet.
 */
import * as fc from 'fast-check';
import type { PortRequest, QosRule } from '../../../src/binding/port.ts';
import type { VfConfig } from '../../../src/vf/config.ts';
import { macOf, request } from './world.ts';

export const HOSTS = ['a', 'b'] as const;
export type HostName = (typeof HOSTS)[number];
export const PFS = ['pf0', 'pf1'] as const;
export const PORTS = ['p1', 'p2'] as const;

/** What is asked for a port. */
export interface Ask {
  readonly port: string;
  readonly vnic: 'direct' | 'macvtap' | 'direct-physical';
  readonly place: string | undefined;
  readonly trusted: boolean;
  readonly settings: Settings;
}

/** What hosts share of a port. */
export interface Settings {
  readonly admin: boolean;
  readonly security: boolean;
  readonly propagate: boolean;
  /** Index into {@link QOS}. */
  readonly qos: number;
  /** Index into {@link VLANS}. */
  readonly vlan: number;
}

const limit = (max_kbps: number): QosRule => ({ type: 'bandwidth_limit', max_kbps, direction: 'egress' });
const least = (min_kbps: number): QosRule => ({ type: 'minimum_bandwidth', min_kbps, direction: 'egress' });

/** Rules, and what they are in Mbit/s; null = they contradict each other. */
const QOS: readonly { readonly rules: QosRule[]; readonly rate: { min: number; max: number } | null }[] = [
  { rules: [], rate: { min: 0, max: 0 } },
  { rules: [limit(400)], rate: { min: 0, max: 1 } },
  { rules: [limit(1500), least(1499)], rate: { min: 1, max: 2 } },
  { rules: [least(20_000)], rate: { min: 20, max: 0 } },
  { rules: [limit(1000), least(9000)], rate: null },
];

const VLANS: readonly { readonly network: object; readonly vlan: VfConfig['vlan'] }[] = [
  { network: { network_type: 'flat', segmentation_id: null }, vlan: null },
  { network: { segmentation_id: 100 }, vlan: { id: 100, qos: 0, proto: '802.1Q' } },
  { network: { segmentation_id: 200, qinq: true, vlan_qos: 5 }, vlan: { id: 200, qos: 5, proto: '802.1ad' } },
];

/** Whether its rules agree with each other. */
export function canBeServed({ qos }: Settings): boolean {
  return QOS[qos]?.rate !== null;
}

export function toRequest({ port, vnic, place, trusted, settings }: Ask): PortRequest {
  return request(port, {
    port: {
      admin_state_up: settings.admin,
      port_security_enabled: settings.security,
      propagate_uplink_status: settings.propagate,
      qos_rules: QOS[settings.qos]?.rules ?? [],
    },
    network: VLANS[settings.vlan]?.network ?? {},
    vnic_type: vnic,
    profile: trusted ? { trusted } : {},
    ...(place !== undefined && { place }),
  });
}

/** The settings of a VF that a port asks for, worked out apart from the code under test. */
export function wantedOf({ port, trusted, settings }: Ask): Omit<VfConfig, 'vf'> {
  const { admin, security, propagate, qos, vlan } = settings;
  return {
    mac: macOf(port),
    vlan: VLANS[vlan]?.vlan ?? null,
    rate: QOS[qos]?.rate ?? { min: 0, max: 0 },
    spoofCheck: security,
    trust: trusted,
    linkState: admin ? (propagate ? 'auto' : 'enable') : 'disable',
  };
}

export type Work =
  | { readonly do: 'bind'; readonly host: HostName; readonly asks: readonly Ask[] }
  | { readonly do: 'release'; readonly host: HostName; readonly ports: readonly string[] }
  | { readonly do: 'activate'; readonly host: HostName; readonly port: string }
  | { readonly do: 'recover'; readonly host: HostName };

export type Event =
  | { readonly do: 'reset' | 'remove'; readonly host: HostName; readonly pf: string }
  | { readonly do: 'recreate'; readonly host: HostName; readonly pf: string; readonly vfs: number }
  | { readonly do: 'reboot'; readonly host: HostName }
  | { readonly do: 'drift'; readonly host: HostName; readonly pf: string; readonly config: VfConfig };

export type Step =
  | {
      readonly do: 'work';
      readonly work: Work;
      /** The point at which its process dies; 0 = it lives. */
      readonly dies: number;
      /** Settings that VFs of the host refuse meanwhile, as `MemoryHost.refusals` has them. */
      readonly refused: readonly string[];
      /** False = nobody recovers before the next step. */
      readonly settle: boolean;
    }
  | { readonly do: 'both'; readonly works: readonly [Work, Work] }
  /** `dies`: the first process that recovers from it dies at this point. */
  | { readonly do: 'event'; readonly event: Event; readonly dies: number; readonly settle: boolean };

const host = fc.constantFrom(...HOSTS);
const pf = fc.constantFrom(...PFS);
const port = fc.constantFrom(...PORTS);
const oftenNot = fc.oneof(
  { weight: 3, arbitrary: fc.constant(false) },
  { weight: 1, arbitrary: fc.constant(true) },
);
const mostly = fc.oneof(
  { weight: 4, arbitrary: fc.constant(true) },
  { weight: 1, arbitrary: fc.constant(false) },
);

const vfPlace = fc.tuple(pf, fc.nat({ max: 3 })).map(([name, vf]) => `${name}/${vf}`);
const settings = fc.record({
  admin: mostly,
  security: mostly,
  propagate: mostly,
  qos: fc.oneof(
    { weight: 12, arbitrary: fc.nat({ max: QOS.length - 2 }) },
    { weight: 1, arbitrary: fc.constant(QOS.length - 1) },
  ),
  vlan: fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.nat({ max: 2 }) }),
});

const vnic = fc.oneof(
  { weight: 6, arbitrary: fc.constant('direct' as const) },
  { weight: 2, arbitrary: fc.constant('macvtap' as const) },
  { weight: 1, arbitrary: fc.constant('direct-physical' as const) },
);

function askFor(name: string): fc.Arbitrary<Ask> {
  return vnic.chain((type) => {
    const somewhere = type === 'direct-physical' ? pf : vfPlace;
    const place = fc.oneof(
      { weight: 2, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: somewhere },
    );
    return fc.record({
      port: fc.constant(name),
      vnic: fc.constant(type),
      place,
      trusted: oftenNot,
      settings,
    });
  });
}

const some = fc.uniqueArray(port, { minLength: 1, maxLength: 2 });
const work: fc.Arbitrary<Work> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(host, some)
      .chain(([name, names]) =>
        fc.tuple(...names.map(askFor)).map((asks): Work => ({ do: 'bind', host: name, asks })),
      ),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('release'), host, ports: some }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('activate'), host, port }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('recover'), host }) },
);

const change: fc.Arbitrary<Omit<VfConfig, 'vf'>> = fc.constantFrom(
  { mac: '02:dd:00:00:00:01' },
  { linkState: 'disable' as const },
  { spoofCheck: false, rssQuery: true },
  { vlan: { id: 4000, qos: 0, proto: '802.1Q' as const } },
  { trust: true, mac: '02:dd:00:00:00:02' },
);
const vfs = fc.integer({ min: 1, max: 4 });
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ do: fc.constant('reset' as const), host, pf }),
  fc.record({ do: fc.constant('remove' as const), host, pf }),
  fc.record({ do: fc.constant('recreate' as const), host, pf, vfs }),
  fc.record({ do: fc.constant('reboot' as const), host }),
  fc
    .tuple(host, pf, fc.nat({ max: 3 }), change)
    .map(([name, on, vf, config]): Event => ({ do: 'drift', host: name, pf: on, config: { vf, ...config } })),
);

const refusal = fc
  .tuple(vfPlace, fc.constantFrom('mac', 'vlan', 'rate', 'spoofCheck', 'trust', 'linkState'))
  .map(([place, attribute]) => `${place} ${attribute}`);
const dies = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 5 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 16 }) },
);
const refused = fc.oneof(
  { weight: 4, arbitrary: fc.constant<string[]>([]) },
  { weight: 1, arbitrary: fc.array(refusal, { minLength: 1, maxLength: 6 }) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('work'), work, dies, refused, settle: mostly }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('both'), works: fc.tuple(work, work) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('event'), event, dies, settle: fc.boolean() }) },
);

/** A port that is bound on one host and reserved on the other, which chance alone seldom brings about. */
const migrating: fc.Arbitrary<Step[]> = fc
  .tuple(fc.constantFrom(...HOSTS), port.chain(askFor))
  .map(([first, ask]) =>
    [first, ...HOSTS.filter((name) => name !== first)].map((on): Step => {
      const asks = [{ ...ask, place: undefined, settings: { ...ask.settings, qos: 1 } }];
      const bind: Work = { do: 'bind', host: on, asks };
      return { do: 'work', work: bind, dies: 0, refused: [], settle: true };
    }),
  );

export const steps: fc.Arbitrary<Step[]> = fc
  .tuple(
    fc.oneof({ weight: 2, arbitrary: migrating }, { weight: 1, arbitrary: fc.constant([]) }),
    fc.array(step, { minLength: 1, maxLength: 18, size: 'max' }),
  )
  .map(([first, rest]) => [...first, ...rest]);
