// One PCI function: everything its own directory in sysfs tells.
//
// The number of system calls is constant for a kind of function:
//   plain function  10   open 1, numa_node 3, iommu_group 1, sriov_totalvfs absent 1, physfn absent
//   1,
//                        uevent 3... less what is absent, plus close 1
//   VF               9   the PF's virtfn link has told already what physfn would
//   PF              +8   sriov_* 3 each less the failed probe, a listing 2; +1 readlink a VF
// tools count them: see docs/pci.md for the numbers as measured.
#pragma once

#include <string>
#include <vector>

#include "pci/inventory.h"
#include "pci/sysfs.h"

namespace sriov::pci {

// A virtfnN link of a PF.
struct VfLink {
  uint32_t index = 0;
  AddressKey vf = 0;
};

enum class ReadOutcome {
  kRead,      // The row is filled, perhaps with holes that its `unreadable` names.
  kVanished,  // The device went away: leave it out.
  kFailed,    // This process is out of descriptors or memory: the enumeration as a whole fails.
};

// Whether an errno tells of this process and not of the device, so that going on would only produce
// a list full of holes.
bool IsProcessError(int error);

// Reads the function `row->device` in `devices`. A row with is_vf set on entry is known to be a VF
// of row->pf_device. VF links are appended to *links in numeric order of their index. *error is set
// on kFailed.
[[nodiscard]] ReadOutcome ReadFunction(const SysfsDir& devices, SysfsScratch* scratch,
                                       FunctionRow* row, std::vector<VfLink>* links, int* error);

}  // namespace sriov::pci
