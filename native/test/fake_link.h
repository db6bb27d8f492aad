// RTM_NEWLINK of a PF, byte for byte as rtnl_fill_ifinfo writes it (net/core/rtnetlink.c): the order of
// attributes, their sizes, and a list whose length wraps or which is capped.
#pragma once

#include <cstdint>
#include <vector>

#include "vf_values.h"
#include "wire.h"

namespace sriov {

// How the VFs of a PF are described. The sizes that come of it (x86-64) are 196 bytes a VF, 100 more with
// statistics, 40 more with GUIDs.
struct LinkShape {
  uint32_t ifindex = 7;
  uint32_t num_vf = 0;
  bool stats = false;   // RTEXT_FILTER_SKIP_STATS was not set
  bool guids = false;   // the driver has ndo_get_vf_guid
  bool capped = false;  // 7.3: at most 128 VFs with statistics, 256 without
  Settings unreported = 0;  // switches read as -1, all else is left out
  std::vector<bool> left_out;  // by VF: ndo_get_vf_config fails, so the entry is missing
  bool vf_operations = true;   // a device without ndo_get_vf_config has a count but no list
};

// Appends the message to `wire`.
void AppendLink(Wire* wire, uint32_t seq, const LinkShape& shape, const std::vector<VfValues>& vfs);

// Counter `which` (the table's order) that AppendLink tells of `vf`.
constexpr uint64_t FakeCounter(uint32_t vf, uint32_t which) {
  return 0x100000000u * (which + 1) + vf;
}

}  // namespace sriov
