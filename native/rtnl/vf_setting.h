// A setting: one attribute of one VF, the unit that the kernel applies or refuses.
// Owns the numbering, which is the order in which the kernel applies the attributes of one IFLA_VF_INFO,
// whatever their order on the wire (net/core/rtnetlink.c, do_setvfinfo), and their comparison.
#pragma once

#include "rtnl/vf_table.h"

namespace sriov {

enum Setting : uint32_t {
  kSetMac,
  kSetVlan,
  kSetRate,
  kSetSpoofCheck,
  kSetLinkState,
  kSetRssQuery,
  kSetTrust,
  kSetNodeGuid,
  kSetPortGuid,
  kSettings,
};

// A set of settings of one row: bit `1 << Setting`.
using Settings = uint32_t;

constexpr Settings Bit(uint32_t setting) { return 1u << setting; }

// How many. Without the processor's own instruction, which a binary for all of them cannot count on,
// __builtin_popcount is a function call.
constexpr uint32_t CountOf(Settings settings) {
  settings -= settings >> 1 & 0x5555;
  settings = (settings & 0x3333) + (settings >> 2 & 0x3333);
  settings = (settings + (settings >> 4)) & 0x0f0f;
  return (settings + (settings >> 8)) & 0x1f;
}

// Table fields that make up each setting.
constexpr uint32_t kFieldsOfSetting[kSettings] = {
    kFieldMac,      kFieldVlan,  kFieldRateMin | kFieldRateMax, kFieldSpoofCheck, kFieldLinkState,
    kFieldRssQuery, kFieldTrust, kFieldNodeGuid,                kFieldPortGuid,
};

// Fields and settings have the same order, and rate alone has two fields.
constexpr Settings SettingsOfFields(uint32_t mask) {
  return (mask & 3u) | (((mask >> 2 | mask >> 3) & 1u) << 2) | ((mask >> 4 & 0x3fu) << 3);
}

enum class Match { kEqual, kDifferent, kUnknown };

// Whether row `have_row` of `have` (as read) shows what row `want_row` of `want` asks for. A protocol that
// reads as 0 is what a VF reports that never had a VLAN; it stands for 802.1Q.
Match Compare(const VfTable& want, uint32_t want_row, const VfTable& have, uint32_t have_row, uint32_t setting);

// Finds rows of a table by VF number. Rows are nearly always in order, so the row is guessed first.
class VfIndex {
 public:
  explicit VfIndex(const VfTable& table) : table_(table) {}
  // Row of `vf`, or -1.
  int64_t Find(uint32_t vf) const {
    if (vf < table_.rows() && table_.vf(vf) == vf) return vf;
    for (uint32_t row = 0; row < table_.rows(); ++row) {
      if (table_.vf(row) == vf) return row;
    }
    return -1;
  }

 private:
  const VfTable& table_;
};

}  // namespace sriov
