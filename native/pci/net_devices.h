// The network devices of the functions found, from /sys/class/net.
//
// Owns the step from a network device to the function it hangs on: the link in /sys/class/net is
// its whole path, so that one readlink finds the function whatever lies between, and functions
// without a network device cost nothing. (Each function's net/ directory would cost four calls a
// function, and misses virtio and sub-functions.) Devices that hang on no function, such as
// bridges, veth and USB, are not read.
#pragma once

#include "pci/inventory.h"
#include "pci/sysfs.h"

namespace sriov::pci {

// Fills inventory->net_devices; inventory->functions must be complete. 0 or errno of the process.
[[nodiscard]] int ReadNetDevices(const SysfsDir& root, SysfsScratch* scratch, Inventory* inventory);

}  // namespace sriov::pci
