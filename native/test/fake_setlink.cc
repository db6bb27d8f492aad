// The part of the fake kernel that changes VFs: do_setlink's walk over IFLA_VFINFO_LIST, ifla_vf_policy,
// do_setvfinfo's order, and a driver that checks what netdevsim checks (drivers/net/netdevsim/netdev.c).
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "base/clock.h"
#include "fake_kernel.h"

namespace sriov {
namespace {

constexpr uint16_t kLastVfAttribute = 13;  // IFLA_VF_BROADCAST

// Least payload bytes of each attribute; longer ones pass (nla_parse_nested_deprecated).
constexpr size_t kPolicy[kLastVfAttribute + 1] = {0, 36, 12, 8, 8, 8, 12, 8, 0, 8, 16, 16, 0, 0};

struct Parsed {
  Bytes of[kLastVfAttribute + 1];
  bool has(uint16_t type) const { return of[type].data != nullptr; }
  template <typename T>
  T Get(uint16_t type) const {
    T value;
    std::memcpy(&value, of[type].data, sizeof value);
    return value;
  }
};

int Parse(Bytes entry, Parsed* out) {
  AttributeReader attributes(entry);
  Attribute attribute;
  while (attributes.Next(&attribute)) {
    if (attribute.type == 0 || attribute.type > kLastVfAttribute) continue;
    if (attribute.type == IFLA_VF_BROADCAST) return EINVAL;  // NLA_REJECT
    if (attribute.payload.size < kPolicy[attribute.type]) return ERANGE;
    out->of[attribute.type] = attribute.payload;
  }
  return 0;
}

}  // namespace

int FakeKernel::SetLink(Bytes body) {
  AttributeReader attributes({body.data + sizeof(ifinfomsg), body.size - sizeof(ifinfomsg)});
  Attribute attribute;
  Attribute list;
  while (attributes.Next(&attribute)) {
    if (attribute.type == IFLA_VFINFO_LIST) list = attribute;  // the last one wins
  }
  if (list.payload.size + NLA_HDRLEN > longest_list) longest_list = list.payload.size + NLA_HDRLEN;
  AttributeReader entries(list.payload);
  while (entries.Next(&attribute)) {
    if (attribute.type != IFLA_VF_INFO || attribute.payload.size < NLA_HDRLEN) return EINVAL;
    if (const int error = SetVfInfo(attribute.payload)) return error;
  }
  return 0;
}

int FakeKernel::SetVfInfo(Bytes entry) {
  Parsed tb;
  if (const int error = Parse(entry, &tb)) return error;
  int error = EINVAL;  // of an entry without any attribute that can be set
  VfValues v;
  if (tb.has(IFLA_VF_MAC)) {
    const auto mac = tb.Get<ifla_vf_mac>(IFLA_VF_MAC);
    std::memcpy(v.mac.data(), mac.mac, v.mac.size());
    if ((error = Apply(mac.vf, kSetMac, kFieldMac, v)) != 0) return error;
  }
  if (tb.has(IFLA_VF_VLAN)) {
    const auto vlan = tb.Get<ifla_vf_vlan>(IFLA_VF_VLAN);
    v.vlan_id = static_cast<uint16_t>(vlan.vlan);  // ndo_set_vf_vlan takes u16 and u8
    v.vlan_qos = static_cast<uint8_t>(vlan.qos);
    v.vlan_proto = ETH_P_8021Q;
    if ((error = Apply(vlan.vf, kSetVlan, kFieldVlan, v)) != 0) return error;
  }
  if (tb.has(IFLA_VF_VLAN_LIST)) {
    AttributeReader infos(tb.of[IFLA_VF_VLAN_LIST]);
    Attribute info;
    ifla_vf_vlan_info vlan{};
    uint32_t count = 0;
    while (infos.Next(&info)) {
      if (info.type != IFLA_VF_VLAN_INFO || info.payload.size < sizeof vlan) return EINVAL;
      if (++count > 1) return EOPNOTSUPP;  // MAX_VLAN_LIST_LEN
      std::memcpy(&vlan, info.payload.data, sizeof vlan);
    }
    if (count == 0) return EINVAL;
    v.vlan_id = static_cast<uint16_t>(vlan.vlan);
    v.vlan_qos = static_cast<uint8_t>(vlan.qos);
    v.vlan_proto = ntohs(vlan.vlan_proto);
    if ((error = Apply(vlan.vf, kSetVlan, kFieldVlan, v)) != 0) return error;
  }
  if (tb.has(IFLA_VF_TX_RATE)) {
    const auto rate = tb.Get<ifla_vf_tx_rate>(IFLA_VF_TX_RATE);
    if (rate.vf >= vfs.size()) return EINVAL;  // ndo_get_vf_config
    if (rate.vf < link.left_out.size() && link.left_out[rate.vf]) return EIO;
    v.rate_min = vfs[rate.vf].rate_min;
    v.rate_max = rate.rate;
    if ((error = Apply(rate.vf, kSetRate, kFieldRateMin | kFieldRateMax, v)) != 0) return error;
  }
  if (tb.has(IFLA_VF_RATE)) {
    const auto rate = tb.Get<ifla_vf_rate>(IFLA_VF_RATE);
    v.rate_min = rate.min_tx_rate;
    v.rate_max = rate.max_tx_rate;
    if ((error = Apply(rate.vf, kSetRate, kFieldRateMin | kFieldRateMax, v)) != 0) return error;
  }
  if (tb.has(IFLA_VF_SPOOFCHK)) {
    const auto spoof = tb.Get<ifla_vf_spoofchk>(IFLA_VF_SPOOFCHK);
    v.spoof_check = spoof.setting != 0;
    if ((error = Apply(spoof.vf, kSetSpoofCheck, kFieldSpoofCheck, v)) != 0) return error;
  }
  if (tb.has(IFLA_VF_LINK_STATE)) {
    const auto state = tb.Get<ifla_vf_link_state>(IFLA_VF_LINK_STATE);
    v.link_state = state.link_state;
    if ((error = Apply(state.vf, kSetLinkState, kFieldLinkState, v)) != 0) return error;
  }
  if (tb.has(IFLA_VF_RSS_QUERY_EN)) {
    const auto query = tb.Get<ifla_vf_rss_query_en>(IFLA_VF_RSS_QUERY_EN);
    v.rss_query = query.setting != 0;
    if ((error = Apply(query.vf, kSetRssQuery, kFieldRssQuery, v)) != 0) return error;
  }
  if (tb.has(IFLA_VF_TRUST)) {
    const auto trust = tb.Get<ifla_vf_trust>(IFLA_VF_TRUST);
    v.trust = trust.setting != 0;
    if ((error = Apply(trust.vf, kSetTrust, kFieldTrust, v)) != 0) return error;
  }
  if (tb.has(IFLA_VF_IB_NODE_GUID)) {  // returns: a port GUID beside it is never looked at
    const auto node = tb.Get<ifla_vf_guid>(IFLA_VF_IB_NODE_GUID);
    v.node_guid = node.guid;
    return Apply(node.vf, kSetNodeGuid, kFieldNodeGuid, v);
  }
  if (tb.has(IFLA_VF_IB_PORT_GUID)) {
    const auto port = tb.Get<ifla_vf_guid>(IFLA_VF_IB_PORT_GUID);
    v.port_guid = port.guid;
    return Apply(port.vf, kSetPortGuid, kFieldPortGuid, v);
  }
  return error;
}

int FakeKernel::Apply(uint32_t vf, uint32_t setting, uint32_t fields, const VfValues& values) {
  ++holds.back();
  if (vf >= 0x7fffffff) return EINVAL;  // INT_MAX
  if (settings_seen.size() < vfs.size() * 16) settings_seen.resize(vfs.size() * 16);
  if (vf < vfs.size()) ++settings_seen[vf * 16 + setting];
  if (const int error = DriverSays(vf, setting, values)) return error;
  if (ns_per_setting != 0) SleepNs(ns_per_setting);
  CopyFields(&vfs[vf], values, fields);
  if ((never_shown & Bit(setting)) != 0) return 0;
  if (shown_after_reads > 0) {
    late_.push_back({vf, fields, values, shown_after_reads});
  } else {
    CopyFields(&shown_[vf], values, fields);
  }
  return 0;
}

int FakeKernel::DriverSays(uint32_t vf, uint32_t setting, const VfValues& values) {
  const bool is_guid = setting == kSetNodeGuid || setting == kSetPortGuid;
  if (is_guid && !infiniband) return EOPNOTSUPP;
  // rtnl_set_vf_rate compares as int before the driver is asked.
  const int32_t min = static_cast<int32_t>(values.rate_min);
  const int32_t max = static_cast<int32_t>(values.rate_max);
  if (setting == kSetRate && max != 0 && max < min) return EINVAL;
  for (Fault& fault : faults_) {
    if (fault.vf != kEveryVf && fault.vf != vf) continue;
    if ((fault.settings & Bit(setting)) == 0 || fault.times == 0) continue;
    if (fault.times != kAlways) --fault.times;
    return fault.error;
  }
  if (vf >= vfs.size()) return EINVAL;
  if (setting == kSetMac && (values.mac[0] & 1) != 0) return EINVAL;
  if (setting == kSetVlan && (values.vlan_id > 4095 || values.vlan_qos > 7)) return EINVAL;
  if (setting == kSetLinkState && values.link_state > 2) return EINVAL;
  return 0;
}

}  // namespace sriov
