// The device behind a network device: a PCI function by its address, or a netdevsim device.
// Owns the look-up in sysfs for what rtnetlink does not tell; never opens a file.
#pragma once

#include <string>
#include <string_view>

#include "monitor/link.h"

namespace sriov {

// Sets `device` and `bus` from `parent` and `parent_bus`, or, where those are not the PCI function or there are
// none, from the path of the link's symbolic link in sysfs. A virtio or auxiliary device stands for the PCI function it
// belongs to. `look`: whether sysfs is to be asked about a link without a parent; kernels before 5.14 name none.
void NameDevice(const char* sysfs, bool look, Link* link);

// The same from such a path, "../../devices/pci0000:00/0000:00:03.0/virtio0/net/eth0". False, and both untouched, if
// it leads through no PCI function of its own and no netdevsim device.
[[nodiscard]] bool DeviceInPath(std::string_view path, std::string* device, std::string* bus);

}  // namespace sriov
