// One PCI function: everything its own directory in sysfs tells.
//
// The number of system calls is constant for a kind of function, whatever the size of the host:
//   plain function  11  open; numa_node, uevent 3 each; iommu_group; sriov_totalvfs and physfn,
//                       which are absent; close
//   VF               9  the PF's virtfnN link has told already whose it is
//   PF              20  as a plain function, with sriov_totalvfs there and no physfn, and 3 each for
//                       sriov_drivers_autoprobe and sriov_vf_device and 2 for the list of links
//   each virtfnN     1
// The tests count them (native/test/pci_enumerate_test.cc, test/unit/pci/scale.test.ts).
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
