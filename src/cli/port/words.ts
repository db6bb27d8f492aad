/**
 * The options that describe a port, in the words of OpenStack's clients, old and new.
 *
 * Owns the spellings and their place in a port as Neutron writes it. Values are checked by the contract
 * (`src/binding/`), which files go through as well.
 */
import type { OptionSpec } from '../command.ts';
import { UsageError } from '../usage-error.ts';
import { parseProfileWords } from './profile-words.ts';

/** A port as Neutron writes it, with its network under `network`; not checked yet. */
export type FlatPort = Record<string, unknown>;

/** A spelling that help shows, others for the same thing, and which key it sets. */
interface Word {
  readonly flags: string;
  readonly meaning: string;
  readonly also?: readonly string[];
  readonly key: string;
  /** Of `network` rather than of the port. */
  readonly network?: true;
  /** Absent = text as it is. */
  readonly value?: (flag: string, text: string) => unknown;
}

function whole(flag: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${flag} ${text}: expected a whole number, 0 or more`);
  return Number(text);
}

const WORDS: readonly Word[] = [
  {
    flags: '--binding:vnic_type <type>',
    meaning: 'direct, macvtap or direct-physical (also --vnic-type)',
    also: ['--vnic-type'],
    key: 'binding:vnic_type',
  },
  { flags: '--mac-address <mac>', meaning: "the port's MAC", key: 'mac_address' },
  {
    flags: '--network-type <type>',
    meaning: 'vlan or flat (also --provider:network_type)',
    also: ['--provider:network_type', '--provider-network-type'],
    key: 'network_type',
    network: true,
  },
  {
    flags: '--physical-network <name>',
    meaning: 'as in the device mappings (also --provider:physical_network)',
    also: ['--provider:physical_network', '--provider-physical-network'],
    key: 'physical_network',
    network: true,
  },
  {
    flags: '--segmentation-id <id>',
    meaning: 'VLAN id, 1 to 4094 (also --provider:segmentation_id)',
    also: ['--provider:segmentation_id', '--provider-segment'],
    key: 'segmentation_id',
    network: true,
    value: whole,
  },
  { flags: '--place <place>', meaning: 'this VF and no other, PF/VF: 0000:03:00.0/3', key: 'place' },
  { flags: '--device-owner <owner>', meaning: 'whose port it is, compute:nova', key: 'device_owner' },
  {
    flags: '--device-id <id>',
    meaning: 'the instance that it is for; "sriov gc" goes by it (also --device)',
    also: ['--device'],
    key: 'device_id',
  },
];

interface Switch {
  readonly on: string;
  readonly off: string;
  readonly key: string;
  readonly meaning: readonly [on: string, off: string];
}

const SWITCHES: readonly Switch[] = [
  {
    on: '--enable-port-security',
    off: '--disable-port-security',
    key: 'port_security_enabled',
    meaning: ['spoof check on (default)', 'spoof check off'],
  },
  {
    on: '--enable-uplink-status-propagation',
    off: '--disable-uplink-status-propagation',
    key: 'propagate_uplink_status',
    meaning: ["the VF's link follows the PF's (default)", "the VF's link is always up"],
  },
  {
    on: '--enable',
    off: '--disable',
    key: 'admin_state_up',
    meaning: ['link allowed (default)', 'link down'],
  },
];

const RATES = [
  {
    flag: '--qos-max-kbps',
    type: 'bandwidth_limit',
    key: 'max_kbps',
    meaning: 'upper limit of what the VF sends',
  },
  { flag: '--qos-min-kbps', type: 'minimum_bandwidth', key: 'min_kbps', meaning: 'guaranteed rate' },
] as const;

function nameOf(flags: string): string {
  return flags.split(' ')[0] ?? flags;
}

/** Key of commander's option object. */
function optionKey(flag: string): string {
  return flag.slice(2).replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

export const PORT_OPTIONS: readonly OptionSpec[] = [
  ...WORDS.flatMap(({ flags, meaning, also = [] }): OptionSpec[] => [
    [flags, meaning],
    ...also.map((flag): OptionSpec => [`${flag} <value>`, meaning, { hidden: true }]),
  ]),
  [
    '--binding:profile <key=value>',
    'pci_slot=0000:03:10.1, trusted=true, or JSON; may be repeated (also --binding-profile)',
    { repeat: true },
  ],
  ['--binding-profile <key=value>', 'see --binding:profile', { repeat: true, hidden: true }],
  ...SWITCHES.flatMap(({ on, off, meaning }): OptionSpec[] => [
    [on, meaning[0]],
    [off, meaning[1]],
  ]),
  ...RATES.map(({ flag, meaning }): OptionSpec => [`${flag} <kbps>`, `${meaning}, in kbit/s; 0 = none`]),
];

/** One value from several spellings; two that differ contradict each other. */
function wordValue(word: Word, options: Readonly<Record<string, unknown>>): unknown {
  const given = [nameOf(word.flags), ...(word.also ?? [])].flatMap((flag) => {
    const text = options[optionKey(flag)];
    return typeof text === 'string' ? [{ flag, text }] : [];
  });
  const [first, second] = given;
  if (first === undefined) return undefined;
  if (second !== undefined && second.text !== first.text) {
    throw new UsageError(
      `${first.flag} ${first.text} and ${second.flag} ${second.text} contradict each other`,
    );
  }
  return word.value?.(first.flag, first.text) ?? first.text;
}

function switchValue({ on, off }: Switch, options: Readonly<Record<string, unknown>>): boolean | undefined {
  const isOn = options[optionKey(on)] === true;
  const isOff = options[optionKey(off)] === true;
  if (isOn && isOff) throw new UsageError(`${on} and ${off} contradict each other`);
  return isOn || isOff ? isOn : undefined;
}

/** The rules of `base` with those that the options name in the place of theirs. */
function qosRules(base: unknown, options: Readonly<Record<string, unknown>>): readonly unknown[] | undefined {
  const given = RATES.flatMap(({ flag, type, key }) => {
    const text = options[optionKey(flag)];
    return typeof text === 'string' ? [{ type, key, kbps: whole(flag, text) }] : [];
  });
  if (given.length === 0) return undefined;
  const kept = (Array.isArray(base) ? (base as { type?: unknown; direction?: unknown }[]) : []).filter(
    (rule) => rule.direction === 'ingress' || !given.some(({ type }) => type === rule.type),
  );
  const rules = given
    .filter(({ kbps }) => kbps > 0)
    .map(({ type, key, kbps }) => ({ type, [key]: kbps, direction: 'egress' }));
  return [...kept, ...rules];
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? (value as string[]) : [];
}

/** Options that describe a port and were given, for a refusal beside `--file`. */
export function givenPortFlags(options: Readonly<Record<string, unknown>>): string[] {
  return PORT_OPTIONS.map(([flags]) => nameOf(flags)).filter(
    (flag) => options[optionKey(flag)] !== undefined,
  );
}

/**
 * `base` with what the options say in the place of its own; the profile is merged key by key.
 *
 * @param base - the port as it is known, `{id}` for a new one
 * @throws UsageError - a value that is no number, contradicting options, a malformed profile
 */
export function withPortWords(
  base: FlatPort,
  options: Readonly<Record<string, unknown>>,
  loose: readonly string[],
): FlatPort {
  const port: FlatPort = { ...base };
  const network: FlatPort = { ...(base['network'] as FlatPort | undefined) };
  for (const word of WORDS) {
    const value = wordValue(word, options);
    if (value !== undefined) (word.network === true ? network : port)[word.key] = value;
  }
  for (const entry of SWITCHES) {
    const value = switchValue(entry, options);
    if (value !== undefined) port[entry.key] = value;
  }
  const rules = qosRules(base['qos_rules'], options);
  if (rules !== undefined) port['qos_rules'] = rules;
  const words = [...strings(options['binding:profile']), ...strings(options['bindingProfile'])];
  const profile = parseProfileWords(words, loose);
  if (profile !== undefined) {
    port['binding:profile'] = { ...(base['binding:profile'] as FlatPort | undefined), ...profile };
  }
  if (Object.keys(network).length > 0) port['network'] = network;
  return port;
}
