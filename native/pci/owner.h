// From the path of a device in sysfs to the function it hangs on.
#pragma once

#include <string_view>

#include "pci/inventory.h"

namespace sriov::pci {

// Finds the function that `path` (a link of /sys/class or /sys/bus) leads through; *rest is what
// follows its name, without the slash. -1 when there is none in the inventory.
int64_t FindOwner(const Inventory& inventory, std::string_view path, std::string_view* rest);

// Cuts "/name" and then "/class_name" off the end of `rest`: what lies between the function and its
// device.
std::string_view WithoutClass(std::string_view rest, std::string_view class_name);

// Whether what lies between a function and a device of it, such as "virtio0" or "mlx5_core.sf.4",
// belongs to the function. A USB adapter's path leads through its PCI host controller, whose device
// it is not.
bool IsOwnIntermediate(std::string_view between);

}  // namespace sriov::pci
