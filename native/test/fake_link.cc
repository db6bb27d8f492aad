#include "fake_link.h"

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

namespace sriov {
namespace {

constexpr uint32_t kUnsupported = 0xffffffff;  // rtnl_fill_vfinfo presets switches to -1

void AppendStats(Wire* wire, uint32_t vf) {
  static constexpr uint16_t kTypes[] = {
      IFLA_VF_STATS_RX_PACKETS, IFLA_VF_STATS_TX_PACKETS, IFLA_VF_STATS_RX_BYTES,
      IFLA_VF_STATS_TX_BYTES,   IFLA_VF_STATS_BROADCAST,  IFLA_VF_STATS_MULTICAST,
      IFLA_VF_STATS_RX_DROPPED, IFLA_VF_STATS_TX_DROPPED};
  const size_t nest = wire->Nest(IFLA_VF_STATS);
  for (uint32_t i = 0; i < 8; ++i) wire->Put(kTypes[i], FakeCounter(vf, i));
  wire->EndNest(nest);
}

void AppendGuid(Wire* wire, uint16_t type, uint32_t vf, uint64_t guid) {
  uint8_t payload[16] = {};
  std::memcpy(payload, &vf, sizeof vf);
  std::memcpy(payload + 8, &guid, sizeof guid);
  wire->Put(type, payload, sizeof payload);
}

void AppendVf(Wire* wire, const LinkShape& shape, uint32_t vf, const VfValues& values) {
  const auto reported = [&](uint32_t setting) { return (shape.unreported & Bit(setting)) == 0; };
  const auto as_switch = [&](uint32_t setting, uint32_t value) {
    return reported(setting) ? value : kUnsupported;
  };
  const size_t entry = wire->Nest(IFLA_VF_INFO);
  ifla_vf_mac mac{};
  mac.vf = vf;
  std::memcpy(mac.mac, values.mac.data(), values.mac.size());
  wire->Put(IFLA_VF_MAC, mac);
  ifla_vf_broadcast broadcast{};
  std::memset(broadcast.broadcast, 0xff, 6);
  wire->Put(IFLA_VF_BROADCAST, broadcast);
  if (reported(kSetVlan)) {
    wire->Put(IFLA_VF_VLAN, ifla_vf_vlan{vf, values.vlan_id, values.vlan_qos});
  }
  if (reported(kSetRate)) {
    wire->Put(IFLA_VF_RATE, ifla_vf_rate{vf, values.rate_min, values.rate_max});
    wire->Put(IFLA_VF_TX_RATE, ifla_vf_tx_rate{vf, values.rate_max});
  }
  wire->Put(IFLA_VF_SPOOFCHK, ifla_vf_spoofchk{vf, as_switch(kSetSpoofCheck, values.spoof_check)});
  if (reported(kSetLinkState)) {
    wire->Put(IFLA_VF_LINK_STATE, ifla_vf_link_state{vf, values.link_state});
  }
  wire->Put(IFLA_VF_RSS_QUERY_EN, ifla_vf_rss_query_en{vf, as_switch(kSetRssQuery, values.rss_query)});
  wire->Put(IFLA_VF_TRUST, ifla_vf_trust{vf, as_switch(kSetTrust, values.trust)});
  if (shape.guids && reported(kSetNodeGuid)) {
    AppendGuid(wire, IFLA_VF_IB_NODE_GUID, vf, values.node_guid);
  }
  if (shape.guids && reported(kSetPortGuid)) {
    AppendGuid(wire, IFLA_VF_IB_PORT_GUID, vf, values.port_guid);
  }
  if (reported(kSetVlan)) {
    ifla_vf_vlan_info info{};
    info.vf = vf;
    info.vlan = values.vlan_id;
    info.qos = values.vlan_qos;
    info.vlan_proto = htons(static_cast<uint16_t>(values.vlan_proto));
    const size_t list = wire->Nest(IFLA_VF_VLAN_LIST);
    wire->Put(IFLA_VF_VLAN_INFO, info);
    wire->EndNest(list);
  }
  if (shape.stats) AppendStats(wire, vf);
  wire->EndNest(entry);
}

}  // namespace

void AppendLink(Wire* wire, uint32_t seq, const LinkShape& shape, const std::vector<VfValues>& vfs) {
  const size_t message = wire->Begin(RTM_NEWLINK, 0, seq);
  ifinfomsg info{};
  info.ifi_index = static_cast<int>(shape.ifindex);
  wire->Raw(info);
  wire->Put(IFLA_IFNAME, "fake0", 6);
  wire->Put(IFLA_MTU, uint32_t{1500});
  const uint8_t address[20] = {2, 0, 0, 0, 0, 7};
  wire->Put(IFLA_ADDRESS, address, shape.guids ? 20 : 6);
  if (shape.stats) {
    const uint8_t counters[200] = {};
    wire->Put(IFLA_STATS64, counters, sizeof counters);
  }
  wire->Put(IFLA_NUM_VF, shape.num_vf);
  if (shape.vf_operations) {
    const size_t list = wire->Nest(IFLA_VFINFO_LIST);
    uint32_t listed = 0;
    const uint32_t cap = !shape.capped ? shape.num_vf : shape.stats ? 128 : 256;
    for (uint32_t vf = 0; vf < shape.num_vf && listed < cap; ++vf) {
      if (vf < shape.left_out.size() && shape.left_out[vf]) continue;
      AppendVf(wire, shape, vf, vfs[vf]);
      ++listed;
    }
    wire->EndNest(list);
  }
  const size_t families = wire->Nest(IFLA_AF_SPEC);
  const size_t inet = wire->Nest(2);  // AF_INET
  wire->Put(1, uint32_t{0});
  wire->EndNest(inet);
  wire->EndNest(families);
  wire->EndMessage(message);
}

}  // namespace sriov
