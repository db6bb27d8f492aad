#include "monitor/device_scan.h"

#include <cerrno>
#include <string_view>
#include <utility>

#include "pci/sysfs.h"

namespace sriov {
namespace {

int ScanBus(const std::string& sysfs, const char* bus, pci::SysfsScratch* scratch,
            std::vector<ScannedDevice>* devices) {
  pci::SysfsDir folder(scratch);
  const int opened = folder.Open((sysfs + "/bus/" + bus + "/devices").c_str());
  if (opened != 0) return opened == ENOENT ? 0 : opened;
  std::vector<std::string> names;
  if (const int error = folder.List(&names)) return error;
  for (std::string& name : names) {
    ScannedDevice device;
    device.subsystem = bus;
    std::string_view target;
    const int read = folder.ReadLink(name.c_str(), &target);
    if (read == ENOENT || read == ENODEV) continue;  // gone meanwhile; its uevent is queued
    if (read != 0) return read;
    const size_t start = target.find("/devices/");
    if (start == std::string_view::npos) return EBADMSG;
    device.path = std::string(target.substr(start));
    // Without a driver there is no such link.
    if (folder.ReadLink((name + "/driver").c_str(), &target) == 0) {
      device.driver = std::string(pci::BaseName(target));
    }
    device.name = std::move(name);
    devices->push_back(std::move(device));
  }
  return 0;
}

}  // namespace

int ScanDevices(const char* sysfs, std::vector<ScannedDevice>* devices) {
  pci::SysfsScratch scratch;
  devices->clear();
  const int error = ScanBus(sysfs, "pci", &scratch, devices);
  return error != 0 ? error : ScanBus(sysfs, "netdevsim", &scratch, devices);
}

}  // namespace sriov
