// All that can be set of one VF, in plain fields: what the fake kernel holds, and what tests ask for.
// `VfRows` makes tables of it. Owns no rule about what is valid.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "rtnl/vf_setting.h"

namespace sriov {

using Mac = std::array<uint8_t, 6>;

struct VfValues {
  Mac mac{};
  uint32_t vlan_id = 0;
  uint32_t vlan_qos = 0;
  uint32_t vlan_proto = 0;  // host order; 0: never set
  uint32_t rate_min = 0;
  uint32_t rate_max = 0;
  uint32_t spoof_check = 0;
  uint32_t link_state = 0;
  uint32_t rss_query = 0;
  uint32_t trust = 0;
  uint64_t node_guid = 0;
  uint64_t port_guid = 0;
};

constexpr uint32_t kEverySettableField = kFieldMac | kFieldVlan | kFieldRateMin | kFieldRateMax |
                                         kFieldSpoofCheck | kFieldLinkState | kFieldRssQuery |
                                         kFieldTrust | kFieldNodeGuid | kFieldPortGuid;

// Copies what `fields` (Field bits) cover.
inline void CopyFields(VfValues* to, const VfValues& from, uint32_t fields) {
  if (fields & kFieldMac) to->mac = from.mac;
  if (fields & kFieldVlan) {
    to->vlan_id = from.vlan_id;
    to->vlan_qos = from.vlan_qos;
    to->vlan_proto = from.vlan_proto;
  }
  if (fields & kFieldRateMin) to->rate_min = from.rate_min;
  if (fields & kFieldRateMax) to->rate_max = from.rate_max;
  if (fields & kFieldSpoofCheck) to->spoof_check = from.spoof_check;
  if (fields & kFieldLinkState) to->link_state = from.link_state;
  if (fields & kFieldRssQuery) to->rss_query = from.rss_query;
  if (fields & kFieldTrust) to->trust = from.trust;
  if (fields & kFieldNodeGuid) to->node_guid = from.node_guid;
  if (fields & kFieldPortGuid) to->port_guid = from.port_guid;
}

// Which fields differ. Without a VLAN its protocol means nothing, and 0 stands for 802.1Q.
inline uint32_t DifferentFields(const VfValues& a, const VfValues& b) {
  const auto proto = [](const VfValues& v) {
    if (v.vlan_id == 0 && v.vlan_qos == 0) return 0u;
    return v.vlan_proto == 0 ? 0x8100u : v.vlan_proto;
  };
  uint32_t fields = 0;
  if (a.mac != b.mac) fields |= kFieldMac;
  if (a.vlan_id != b.vlan_id || a.vlan_qos != b.vlan_qos || proto(a) != proto(b)) {
    fields |= kFieldVlan;
  }
  if (a.rate_min != b.rate_min) fields |= kFieldRateMin;
  if (a.rate_max != b.rate_max) fields |= kFieldRateMax;
  if (a.spoof_check != b.spoof_check) fields |= kFieldSpoofCheck;
  if (a.link_state != b.link_state) fields |= kFieldLinkState;
  if (a.rss_query != b.rss_query) fields |= kFieldRssQuery;
  if (a.trust != b.trust) fields |= kFieldTrust;
  if (a.node_guid != b.node_guid) fields |= kFieldNodeGuid;
  if (a.port_guid != b.port_guid) fields |= kFieldPortGuid;
  return fields;
}

inline bool Equal(const VfValues& a, const VfValues& b) { return DifferentFields(a, b) == 0; }

// A table and the memory behind it.
class VfRows {
 public:
  explicit VfRows(uint32_t capacity, bool stats = false)
      : storage_((TableBytes(EvenCapacity(capacity), stats) + 7) / 8, 0) {
    table_.Format(reinterpret_cast<uint8_t*>(storage_.data()), EvenCapacity(capacity), stats);
  }

  VfTable& table() { return table_; }
  size_t bytes() const { return storage_.size() * 8; }
  uint8_t* data() { return reinterpret_cast<uint8_t*>(storage_.data()); }

  // Appends a row that claims `fields` of `values`; the others hold rubbish, which must not count.
  uint32_t Add(uint32_t vf, uint32_t fields, const VfValues& values) {
    const uint32_t row = table_.rows();
    VfValues cells;
    cells.mac = {0xde, 0xad, 0xde, 0xad, 0xde, 0xad};
    cells.vlan_id = cells.vlan_qos = cells.vlan_proto = cells.rate_min = cells.rate_max = 0xdddddddd;
    cells.spoof_check = cells.link_state = cells.rss_query = cells.trust = 0xdddddddd;
    cells.node_guid = cells.port_guid = 0xdddddddddddddddd;
    CopyFields(&cells, values, fields);
    std::memcpy(table_.mac(row), cells.mac.data(), cells.mac.size());
    const uint32_t columns[kColumns] = {
        fields,         vf,           cells.vlan_id,     cells.vlan_qos,   cells.vlan_proto, cells.rate_min,
        cells.rate_max, cells.spoof_check, cells.link_state, cells.rss_query, cells.trust};
    for (size_t c = 0; c < kColumns; ++c) table_.column(static_cast<Column>(c))[row] = columns[c];
    table_.node_guid()[row] = cells.node_guid;
    table_.port_guid()[row] = cells.port_guid;
    table_.set_rows(row + 1);
    return row;
  }

 private:
  std::vector<uint64_t> storage_;
  VfTable table_;
};

// A VF of which every attribute is set, each to something of its own.
inline VfValues Distinct(uint32_t vf) {
  VfValues v;
  v.mac = {0x02, 0x00, 0x00, static_cast<uint8_t>(vf >> 8), static_cast<uint8_t>(vf), 0x01};
  v.vlan_id = 1 + vf % 4094;
  v.vlan_qos = 1 + vf % 7;
  v.vlan_proto = vf % 3 == 0 ? 0x88a8 : 0x8100;
  v.rate_min = 10 + vf;
  v.rate_max = 20000 + vf;
  v.spoof_check = 1;
  v.link_state = 1 + vf % 2;
  v.rss_query = 1;
  v.trust = 1;
  v.node_guid = 0x1122334400000000u + vf;
  v.port_guid = 0x5566778800000000u + vf;
  return v;
}

inline std::vector<VfValues> DistinctVfs(uint32_t count) {
  std::vector<VfValues> vfs(count);
  for (uint32_t vf = 0; vf < count; ++vf) vfs[vf] = Distinct(vf);
  return vfs;
}

}  // namespace sriov
