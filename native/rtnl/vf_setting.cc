#include "rtnl/vf_setting.h"

#include <linux/if_ether.h>

namespace sriov {
namespace {

constexpr Column kColumnOfSwitch[kSettings] = {kColumns,          kColumns,        kColumns,
                                               kColumnSpoofCheck, kColumnLinkState, kColumnRssQuery,
                                               kColumnTrust,      kColumns,        kColumns};

uint32_t ProtoOf(const VfTable& table, uint32_t row) {
  const uint32_t proto = table.column(kColumnVlanProto)[row];
  return proto == 0 ? uint32_t{ETH_P_8021Q} : proto;
}

bool SameVlan(const VfTable& a, uint32_t a_row, const VfTable& b, uint32_t b_row) {
  const uint32_t id = a.column(kColumnVlanId)[a_row];
  const uint32_t qos = a.column(kColumnVlanQos)[a_row];
  if (id != b.column(kColumnVlanId)[b_row] || qos != b.column(kColumnVlanQos)[b_row]) return false;
  // Without a VLAN there is no protocol to compare.
  return (id == 0 && qos == 0) || ProtoOf(a, a_row) == ProtoOf(b, b_row);
}

bool SameRate(const VfTable& want, uint32_t want_row, const VfTable& have, uint32_t have_row) {
  const uint32_t mask = want.mask(want_row);
  return ((mask & kFieldRateMin) == 0 ||
          want.column(kColumnRateMin)[want_row] == have.column(kColumnRateMin)[have_row]) &&
         ((mask & kFieldRateMax) == 0 ||
          want.column(kColumnRateMax)[want_row] == have.column(kColumnRateMax)[have_row]);
}

bool Same(const VfTable& want, uint32_t want_row, const VfTable& have, uint32_t have_row, uint32_t setting) {
  switch (setting) {
    case kSetMac:
      return std::memcmp(want.mac(want_row), have.mac(have_row), 6) == 0;
    case kSetVlan:
      return SameVlan(want, want_row, have, have_row);
    case kSetRate:
      return SameRate(want, want_row, have, have_row);
    case kSetNodeGuid:
      return want.node_guid()[want_row] == have.node_guid()[have_row];
    case kSetPortGuid:
      return want.port_guid()[want_row] == have.port_guid()[have_row];
    default:
      return want.column(kColumnOfSwitch[setting])[want_row] == have.column(kColumnOfSwitch[setting])[have_row];
  }
}

}  // namespace

Match Compare(const VfTable& want, uint32_t want_row, const VfTable& have, uint32_t have_row, uint32_t setting) {
  const uint32_t asked = want.mask(want_row) & kFieldsOfSetting[setting];
  if ((have.mask(have_row) & asked) != asked) return Match::kUnknown;
  return Same(want, want_row, have, have_row, setting) ? Match::kEqual : Match::kDifferent;
}

}  // namespace sriov
