/**
 * The words of `sriov set`, as in `ip link set PF vf N …`: what each is called, takes and sets.
 *
 * Owns the table. How words may stand together is `parse-words.ts`'s; ranges (VLAN 4095, unicast MAC …)
 * are the library's to check.
 */
import type { VfConfig } from '../vf/config.ts';
import { UsageError } from './usage-error.ts';

/** Settings for one or more VFs. */
export type VfSettings = Omit<VfConfig, 'vf'>;

/** Settings that are being put together. */
export type Draft = { -readonly [K in keyof VfSettings]: VfSettings[K] };

/** What the words said so far; QoS and protocol wait until the VLAN is known. */
export interface Parts {
  readonly settings: Draft;
  qos?: number;
  proto?: '802.1Q' | '802.1ad';
}

/** One word of the table. */
export interface Word {
  readonly word: string;
  /** Spellings of ip link; `_` is always taken for `-` and need not be listed. */
  readonly synonyms?: readonly string[];
  /** What it sets, where that is not just itself; two words that set the same cannot stand together. */
  readonly sets?: readonly string[];
  readonly values: string;
  readonly meaning: string;
  readonly take: (value: string, parts: Parts) => void;
}

function refuse(word: string, value: string, expected: string): never {
  throw new UsageError(`${word} ${value}: expected ${expected}`);
}

function wholeNumber(word: string, value: string, expected: string): number {
  if (!/^\d{1,10}$/.test(value)) refuse(word, value, expected);
  return Number(value);
}

function address(key: 'mac' | 'nodeGuid' | 'portGuid') {
  return (value: string, { settings }: Parts): void => {
    settings[key] = value === 'none' ? null : value;
  };
}

function onOff(word: string, key: 'spoofCheck' | 'trust' | 'rssQuery') {
  return (value: string, { settings }: Parts): void => {
    if (value !== 'on' && value !== 'off') refuse(word, value, 'on or off');
    settings[key] = value === 'on';
  };
}

function rate(word: string, side: 'min' | 'max') {
  return (value: string, { settings }: Parts): void => {
    const limit = value === 'none' ? 0 : wholeNumber(word, value, 'Mbit/s, or none');
    settings.rate = { ...settings.rate, [side]: limit };
  };
}

/** Every word, in the order in which help shows them. */
export const SET_WORDS: readonly Word[] = [
  {
    word: 'mac',
    values: 'ADDRESS|none',
    meaning: 'admin MAC; none lets the VF choose',
    take: address('mac'),
  },
  {
    word: 'vlan',
    values: 'ID|none',
    meaning: 'VLAN 1 to 4095; none or 0 removes it',
    take: (value, { settings }) => {
      settings.vlan = value === 'none' ? null : { id: wholeNumber('vlan', value, 'a VLAN id, or none') };
    },
  },
  {
    word: 'qos',
    values: '0-7',
    meaning: 'priority of the VLAN; with vlan only',
    take: (value, parts) => {
      parts.qos = wholeNumber('qos', value, '0 to 7');
    },
  },
  {
    word: 'proto',
    values: '802.1Q|802.1ad',
    meaning: 'protocol of the VLAN; with vlan only',
    take: (value, parts) => {
      const proto = (['802.1Q', '802.1ad'] as const).find(
        (known) => known.toLowerCase() === value.toLowerCase(),
      );
      parts.proto = proto ?? refuse('proto', value, '802.1Q or 802.1ad');
    },
  },
  {
    word: 'min-rate',
    synonyms: ['min-tx-rate'],
    values: 'MBIT|none',
    meaning: 'guaranteed transmit rate',
    take: rate('min-rate', 'min'),
  },
  {
    word: 'max-rate',
    synonyms: ['max-tx-rate'],
    values: 'MBIT|none',
    meaning: 'transmit rate limit',
    take: rate('max-rate', 'max'),
  },
  {
    word: 'rate',
    sets: ['min-rate', 'max-rate'],
    values: 'MBIT|none',
    meaning: 'the same as max-rate; none removes both limits',
    take: (value, parts) => {
      rate('rate', 'max')(value, parts);
      if (value === 'none') parts.settings.rate = null;
    },
  },
  {
    word: 'spoofchk',
    synonyms: ['spoof-check'],
    values: 'on|off',
    meaning: 'drop frames with a foreign source MAC',
    take: onOff('spoofchk', 'spoofCheck'),
  },
  {
    word: 'trust',
    values: 'on|off',
    meaning: 'let the VF change its MAC and go promiscuous',
    take: onOff('trust', 'trust'),
  },
  {
    word: 'link-state',
    synonyms: ['state'],
    values: 'auto|enable|disable',
    meaning: 'auto follows the PF',
    take: (value, { settings }) => {
      const state = (['auto', 'enable', 'disable'] as const).find((known) => known === value);
      settings.linkState = state ?? refuse('link-state', value, 'auto, enable or disable');
    },
  },
  {
    word: 'query-rss',
    synonyms: ['rss-query'],
    values: 'on|off',
    meaning: "let the VF read the PF's RSS table",
    take: onOff('query-rss', 'rssQuery'),
  },
  { word: 'node-guid', values: 'GUID|none', meaning: 'InfiniBand node GUID', take: address('nodeGuid') },
  { word: 'port-guid', values: 'GUID|none', meaning: 'InfiniBand port GUID', take: address('portGuid') },
];
