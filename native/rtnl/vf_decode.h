// Reading a PF's VFs out of an RTM_NEWLINK message, past the point where other readers stop.
// Owns the walk over IFLA_VFINFO_LIST and every IFLA_VF_* attribute that can be read; asks nothing.
//
// IFLA_VFINFO_LIST is one attribute, and its length has 16 bits. Kernels up to 7.2 let it wrap: the bytes
// are all there, only the one length is wrong (nla_nest_end stores the low 16 bits), from 222 VFs with
// statistics and 335 without. So the list is walked entry by entry, each bound checked, up to IFLA_NUM_VF
// entries, and the walk counts as right only if its length agrees with the wrapped one.
#pragma once

#include <vector>

#include "netlink/attribute.h"
#include "rtnl/vf_table.h"

namespace sriov {

// What a link message says before its VFs are decoded.
struct VfListHead {
  uint32_t ifindex = 0;
  uint32_t num_vf = 0;          // IFLA_NUM_VF
  uint32_t listed = 0;          // entries found; fewer than num_vf if the kernel left some out
  bool has_list = false;        // IFLA_VFINFO_LIST is there at all: the device is a PF with VF operations
  uint32_t address_length = 0;  // of the PF's hardware address: 6, or 20 on InfiniBand
  Bytes list;                   // the entries, as long as they really are
};

// Finds the VFs in the message `payload` (from struct ifinfomsg on). False if it is malformed.
[[nodiscard]] bool FindVfList(Bytes payload, VfListHead* head);

// Fills `table`, formatted with room for head.listed rows. False if an entry is malformed.
[[nodiscard]] bool DecodeVfList(const VfListHead& head, VfTable* table);

// The same into memory that is sized for it; `table` becomes a view of it.
[[nodiscard]] bool DecodeVfList(const VfListHead& head, bool stats, std::vector<uint64_t>* storage, VfTable* table);

}  // namespace sriov
