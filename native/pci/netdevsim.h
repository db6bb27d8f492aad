// netdevsim devices as PFs: the kernel's simulated NICs, which have VFs but are on no PCI bus.
#pragma once

#include "pci/inventory.h"
#include "pci/sysfs.h"

namespace sriov::pci {

// Appends a row for each device of /sys/bus/netdevsim, by number. 0 or errno of the process.
[[nodiscard]] int ReadNetdevsim(const SysfsDir& root, SysfsScratch* scratch, Inventory* inventory);

}  // namespace sriov::pci
