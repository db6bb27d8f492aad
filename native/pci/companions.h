// RDMA and vDPA devices of the functions found.
#pragma once

#include "pci/inventory.h"
#include "pci/sysfs.h"

namespace sriov::pci {

// Fills inventory->companions from /sys/class/infiniband and /sys/bus/vdpa/devices: one readlink a
// device. inventory->functions must be complete. 0 or errno of the process.
[[nodiscard]] int ReadCompanions(const SysfsDir& root, SysfsScratch* scratch, Inventory* inventory);

}  // namespace sriov::pci
