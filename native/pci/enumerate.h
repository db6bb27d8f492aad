// One pass over the PCI functions of a host, linear in their number.
//
// Owns the order of the parts. It reads only: nothing here writes to sysfs or touches hardware. It
// may wait: network devices answer some questions under rtnl, so it must not run on a thread that
// others wait for. It is no snapshot: a device that goes meanwhile is left out, one that comes may
// be missed.
#pragma once

#include "pci/inventory.h"

namespace sriov::pci {

// Fills *inventory from the sysfs mounted at `root`. False and *failure on an error that leaves
// nothing to report: no sysfs there, or this process is out of descriptors or memory. No PCI bus is
// no error.
[[nodiscard]] bool Enumerate(const char* root, Inventory* inventory, EnumerateFailure* failure);

}  // namespace sriov::pci
