// The `uevent` file of a device: most of what an enumeration wants to know, in one read.
//
// Owns the reading of its lines. Why this and not the file per attribute, or `config`: the kernel
// answers from memory (pci_uevent(), drivers/pci/pci-driver.c; netdev_uevent(),
// net/core/net-sysfs.c), where `config` reads the hardware, powers a sleeping device up for it, and
// gives VFs no ids of their own.
#pragma once

#include <cstdint>
#include <string_view>

namespace sriov::pci {

// What pci_uevent() and the driver core wrote. Views point into the text that was parsed.
struct PciUevent {
  std::string_view driver;  // Empty when no driver is bound.
  uint32_t class_code = 0;  // 24 bits: base class, subclass, programming interface.
  uint16_t vendor = 0;
  uint16_t device = 0;
  uint16_t subsystem_vendor = 0;
  uint16_t subsystem_device = 0;
};

// What netdev_uevent() wrote.
struct NetUevent {
  std::string_view name;
  uint32_t ifindex = 0;
};

// False when a line that must be there is missing or malformed. Unknown lines are skipped.
[[nodiscard]] bool ParsePciUevent(std::string_view text, PciUevent* out);
[[nodiscard]] bool ParseNetUevent(std::string_view text, NetUevent* out);

}  // namespace sriov::pci
