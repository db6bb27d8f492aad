#include "rtnl/vf_encode.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/netlink.h>

namespace sriov {
namespace {

// Payloads go out whole and zero padded: the kernel's policy gives minimum lengths (ifla_vf_policy,
// net/core/rtnetlink.c), and a short ifla_vf_vlan_info or ifla_vf_guid is refused.
template <typename T>
uint8_t* Attribute(uint8_t* out, uint16_t type, const T& payload) {
  static_assert(sizeof(T) % NLA_ALIGNTO == 0, "needs padding");
  const nlattr header{static_cast<uint16_t>(NLA_HDRLEN + sizeof(T)), type};
  std::memcpy(out, &header, sizeof header);
  std::memcpy(out + sizeof header, &payload, sizeof payload);
  return out + sizeof header + sizeof payload;
}

void CloseNest(uint8_t* start, const uint8_t* end, uint16_t type) {
  const nlattr header{static_cast<uint16_t>(end - start), type};
  std::memcpy(start, &header, sizeof header);
}

uint8_t* EncodeMac(const VfTable& table, uint32_t row, uint32_t vf, uint8_t* out) {
  ifla_vf_mac mac{};
  mac.vf = vf;
  std::memcpy(mac.mac, table.mac(row), ETH_ALEN);
  return Attribute(out, IFLA_VF_MAC, mac);
}

uint8_t* EncodeVlan(const VfTable& table, uint32_t row, uint32_t vf, uint8_t* out) {
  const uint32_t id = table.column(kColumnVlanId)[row];
  const uint32_t qos = table.column(kColumnVlanQos)[row];
  const uint32_t proto = table.column(kColumnVlanProto)[row];
  // IFLA_VF_VLAN means 802.1Q; it is 8 bytes shorter and older than the list.
  if (proto == 0 || proto == ETH_P_8021Q) {
    return Attribute(out, IFLA_VF_VLAN, ifla_vf_vlan{vf, id, qos});
  }
  ifla_vf_vlan_info info{};
  info.vf = vf;
  info.vlan = id;
  info.qos = qos;
  info.vlan_proto = htons(static_cast<uint16_t>(proto));
  uint8_t* end = Attribute(out + NLA_HDRLEN, IFLA_VF_VLAN_INFO, info);
  CloseNest(out, end, IFLA_VF_VLAN_LIST);
  return end;
}

uint8_t* EncodeRate(const VfTable& table, uint32_t row, uint32_t vf, uint8_t* out) {
  const uint32_t min = table.column(kColumnRateMin)[row];
  const uint32_t max = table.column(kColumnRateMax)[row];
  if ((table.mask(row) & kFieldRateMin) == 0) return Attribute(out, IFLA_VF_TX_RATE, ifla_vf_tx_rate{vf, max});
  return Attribute(out, IFLA_VF_RATE, ifla_vf_rate{vf, min, max});
}

uint8_t* EncodeGuid(uint16_t type, uint32_t vf, uint64_t guid, uint8_t* out) {
  ifla_vf_guid payload{};
  payload.vf = vf;
  payload.guid = guid;
  return Attribute(out, type, payload);
}

}  // namespace

uint8_t* EncodeVfInfo(const VfTable& table, uint32_t row, Settings which, uint8_t* out) {
  const uint32_t vf = table.vf(row);
  uint8_t* start = out;
  out += NLA_HDRLEN;
  if (which & Bit(kSetMac)) out = EncodeMac(table, row, vf, out);
  if (which & Bit(kSetVlan)) out = EncodeVlan(table, row, vf, out);
  if (which & Bit(kSetRate)) out = EncodeRate(table, row, vf, out);
  if (which & Bit(kSetSpoofCheck)) {
    out = Attribute(out, IFLA_VF_SPOOFCHK, ifla_vf_spoofchk{vf, table.column(kColumnSpoofCheck)[row]});
  }
  if (which & Bit(kSetLinkState)) {
    out = Attribute(out, IFLA_VF_LINK_STATE, ifla_vf_link_state{vf, table.column(kColumnLinkState)[row]});
  }
  if (which & Bit(kSetRssQuery)) {
    out = Attribute(out, IFLA_VF_RSS_QUERY_EN, ifla_vf_rss_query_en{vf, table.column(kColumnRssQuery)[row]});
  }
  if (which & Bit(kSetTrust)) {
    out = Attribute(out, IFLA_VF_TRUST, ifla_vf_trust{vf, table.column(kColumnTrust)[row]});
  }
  if (which & Bit(kSetNodeGuid)) out = EncodeGuid(IFLA_VF_IB_NODE_GUID, vf, table.node_guid()[row], out);
  if (which & Bit(kSetPortGuid)) {
    // do_setvfinfo returns right after the node GUID, so a port GUID beside it would never be applied.
    if (which & Bit(kSetNodeGuid)) {
      CloseNest(start, out, IFLA_VF_INFO);
      start = out;
      out += NLA_HDRLEN;
    }
    out = EncodeGuid(IFLA_VF_IB_PORT_GUID, vf, table.port_guid()[row], out);
  }
  CloseNest(start, out, IFLA_VF_INFO);
  return out;
}

}  // namespace sriov
