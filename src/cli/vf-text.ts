/**
 * VF settings as the words of `sriov set`: for tables and diffs.
 *
 * Owns the words for each attribute's value. It shows what a config holds and judges nothing.
 */
import type { VfAttribute, VfConfig, VfRate, VfVlan } from '../vf/config.ts';

/** The word of `sriov set` for each attribute. */
export const ATTRIBUTE_WORD: Readonly<Record<VfAttribute, string>> = {
  mac: 'mac',
  vlan: 'vlan',
  rate: 'rate',
  spoofCheck: 'spoofchk',
  linkState: 'link-state',
  rssQuery: 'query-rss',
  trust: 'trust',
  nodeGuid: 'node-guid',
  portGuid: 'port-guid',
};

/** An all-zero address is how the kernel says "none". */
function addressText(address: string | null): string {
  return address === null || /^[0:]+$/.test(address) ? 'none' : address;
}

function vlanText(vlan: VfVlan | null): string {
  if (vlan === null || (vlan.id === 0 && (vlan.qos ?? 0) === 0)) return 'none';
  const qos = (vlan.qos ?? 0) === 0 ? '' : ` qos ${vlan.qos}`;
  const proto = vlan.proto === undefined || vlan.proto === '802.1Q' ? '' : ` proto ${vlan.proto}`;
  return `${vlan.id}${qos}${proto}`;
}

function rateText(rate: VfRate | null): string {
  const parts: string[] = [];
  if ((rate?.min ?? 0) !== 0) parts.push(`min ${rate?.min}`);
  if ((rate?.max ?? 0) !== 0) parts.push(`max ${rate?.max}`);
  return parts.length === 0 ? 'none' : parts.join(' ');
}

/** The value of one attribute in words, or undefined when the config does not hold it. */
export function attributeText(config: Omit<VfConfig, 'vf'>, attribute: VfAttribute): string | undefined {
  const value = config[attribute];
  if (value === undefined) return undefined;
  switch (attribute) {
    case 'mac':
    case 'nodeGuid':
    case 'portGuid':
      return addressText(config[attribute] ?? null);
    case 'vlan':
      return vlanText(config.vlan ?? null);
    case 'rate':
      return rateText(config.rate ?? null);
    case 'linkState':
      return config.linkState ?? 'auto';
    default:
      return value === true ? 'on' : 'off';
  }
}
