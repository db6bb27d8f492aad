// Writing rows of the table as IFLA_VF_INFO nests.
// Owns the bytes of every settable IFLA_VF_* attribute; never decides which settings go into a message.
#pragma once

#include "rtnl/vf_setting.h"

namespace sriov {

// Most bytes that one row can take: two IFLA_VF_INFO headers and every attribute.
//   MAC 40, VLAN_LIST 4 + 20, RATE 16, four switches of 12, two GUIDs of 20
constexpr size_t kMaxVfInfoBytes = 2 * 4 + 40 + 24 + 16 + 4 * 12 + 2 * 20;

// Writes the settings `which` of `row`, at least one, at `out`, which has room for kMaxVfInfoBytes.
// Returns the end of what it wrote. A rate with its maximum alone goes out as IFLA_VF_TX_RATE, by which
// the kernel itself keeps the minimum; with its minimum alone it needs the maximum filled in before.
uint8_t* EncodeVfInfo(const VfTable& table, uint32_t row, Settings which, uint8_t* out);

}  // namespace sriov
