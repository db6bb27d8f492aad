// The devices that are there and their drivers: what uevents tell of, read again when some were lost.
// Owns a reading of two directories of sysfs, without opening a device: two system calls for each.
#pragma once

#include <string>
#include <vector>

namespace sriov {

struct ScannedDevice {
  std::string subsystem;  // pci or netdevsim
  std::string name;
  std::string path;    // DEVPATH of its uevents: from /devices
  std::string driver;  // empty when none is bound
};

// Reads bus/pci/devices and bus/netdevsim/devices below `sysfs`; a bus that is absent has none. 0, or an errno with
// *devices incomplete.
[[nodiscard]] int ScanDevices(const char* sysfs, std::vector<ScannedDevice>* devices);

}  // namespace sriov
