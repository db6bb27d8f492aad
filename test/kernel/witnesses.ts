/**
 * What other people's programs see of a PF's VFs, put into our words for comparison.
 *
 * Owns the translation alone. Must never use anything of ours but types, or the witness would not be one.
 */
import { execFileSync } from 'node:child_process';
import netlink from 'netlink';
import type { VfConfig, VfLinkState, VfState } from '../../src/index.ts';

/** RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS (include/uapi/linux/rtnetlink.h). */
const VF_WITHOUT_STATS = 1 | 8;
const LINK_STATES: readonly VfLinkState[] = ['auto', 'enable', 'disable'];

/** One VF in `ip -d -j link show` (iproute2, ip/ipaddress.c); what is 0 or 802.1Q is left out there. */
interface IpVf {
  readonly vf: number;
  readonly address: string;
  readonly vlan_list: readonly { vlan?: number; qos?: number; protocol?: '802.1ad' }[];
  readonly rate: { max_tx: number; min_tx: number };
  readonly spoofchk: boolean;
  readonly link_state: VfLinkState;
  readonly trust: boolean;
  readonly query_rss_en: boolean;
}

/** The VFs as `ip` shows them. */
export function vfsByIp(pf: string): VfState[] {
  const out = execFileSync('ip', ['-d', '-j', 'link', 'show', pf], { encoding: 'utf8' });
  const [link] = JSON.parse(out) as { vfinfo_list: IpVf[] }[];
  return (link?.vfinfo_list ?? []).map((entry) => {
    const [{ vlan = 0, qos = 0, protocol = '802.1Q' } = {}] = entry.vlan_list;
    return {
      vf: entry.vf,
      mac: entry.address,
      vlan: vlan === 0 && qos === 0 ? null : { id: vlan, qos, proto: protocol },
      rate: { min: entry.rate.min_tx, max: entry.rate.max_tx },
      spoofCheck: entry.spoofchk,
      linkState: entry.link_state,
      rssQuery: entry.query_rss_en,
      trust: entry.trust,
    };
  });
}

/** Sets these with one `ip -batch`, a line for each VF. */
export function setByIp(
  pf: string,
  configs: readonly Required<Omit<VfConfig, 'nodeGuid' | 'portGuid'>>[],
): void {
  const word = (on: boolean | null): string => (on === true ? 'on' : 'off');
  const lines = configs.map(({ vf, mac, vlan, rate, spoofCheck, trust, linkState, rssQuery }) =>
    [
      `link set ${pf} vf ${vf} mac ${mac}`,
      `vlan ${vlan?.id} qos ${vlan?.qos} proto ${vlan?.proto}`,
      `min_tx_rate ${rate?.min} max_tx_rate ${rate?.max}`,
      `spoofchk ${word(spoofCheck)} trust ${word(trust)} state ${linkState} query_rss ${word(rssQuery)}`,
    ].join(' '),
  );
  execFileSync('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n` });
}

/** The VFs as the `netlink` package receives them: its attributes, whose insides it leaves as bytes. */
export async function vfsByNetlinkPackage(ifindex: number): Promise<VfState[]> {
  const route = netlink.createRtNetlink();
  try {
    const extMask = Buffer.alloc(4);
    extMask.writeUInt32LE(VF_WITHOUT_STATS);
    const [link] = await route.getLink({ index: ifindex }, { extMask });
    return (link?.attrs.vfinfoList?.x ?? []).map(translate);
  } finally {
    route.socket.socket.close();
  }
}

/** struct ifla_vf_mac and its kin (include/uapi/linux/if_link.h): u32 vf, then the values. */
function translate(entry: netlink.ifla.VirtualFunction): VfState {
  const word = (bytes: Buffer | undefined, index: number): number => bytes?.readUInt32LE(index * 4) ?? -1;
  const { mac, rate, spoofchk, linkState, rssQueryEn, trust, vlanList } = entry;
  // A header of 4 bytes, then struct ifla_vf_vlan_info.
  const info = vlanList?.subarray(4);
  const [id, qos] = [word(info, 1), word(info, 2)];
  return {
    vf: word(mac, 0),
    mac: (mac?.subarray(4, 10).toString('hex').match(/../g) ?? []).join(':'),
    vlan: id === 0 && qos === 0 ? null : { id, qos, proto: protoOf(info?.readUInt16BE(12)) },
    rate: { min: word(rate, 1), max: word(rate, 2) },
    spoofCheck: word(spoofchk, 1) === 1,
    linkState: LINK_STATES[word(linkState, 1)] as VfLinkState,
    rssQuery: word(rssQueryEn, 1) === 1,
    trust: word(trust, 1) === 1,
  };
}

function protoOf(etherType: number | undefined): '802.1Q' | '802.1ad' {
  if (etherType === 0x8100) return '802.1Q';
  if (etherType === 0x88a8) return '802.1ad';
  throw new Error(`VLAN protocol ${etherType}`);
}
