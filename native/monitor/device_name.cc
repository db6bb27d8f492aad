#include "monitor/device_name.h"

#include <unistd.h>

#include <climits>
#include <string_view>

#include "pci/address.h"
#include "pci/owner.h"
#include "pci/sysfs.h"

namespace sriov {

bool DeviceInPath(std::string_view path, std::string* device, std::string* bus) {
  constexpr std::string_view kFolder = "/devices/";
  constexpr std::string_view kSimulated = "/devices/netdevsim";
  pci::AddressKey key = 0;
  const std::string_view address = pci::LastAddressIn(path, &key);
  if (!address.empty()) {
    const size_t end = static_cast<size_t>(address.data() - path.data()) + address.size();
    const std::string_view rest = path.substr(end < path.size() ? end + 1 : end);
    if (!pci::IsOwnIntermediate(pci::WithoutClass(rest, "net"))) return false;
    *device = std::string(address);
    *bus = "pci";
    return true;
  }
  const size_t start = path.find(kSimulated);
  if (start == std::string_view::npos) return false;
  const size_t number_at = start + kSimulated.size();
  const size_t end = path.find('/', number_at);
  int64_t number = 0;
  if (end == std::string_view::npos || !pci::ParseInt(path.substr(number_at, end - number_at), &number) || number < 0) {
    return false;
  }
  const std::string_view name = path.substr(start + kFolder.size(), end - start - kFolder.size());
  *device = std::string(name);
  *bus = "netdevsim";
  return true;
}

void NameDevice(const char* sysfs, bool look, Link* link) {
  link->device = link->parent;
  link->bus = link->parent_bus;
  if (link->bus == "pci" || link->bus == "netdevsim" || (link->parent.empty() && !look)) return;
  const std::string at = std::string(sysfs) + "/class/net/" + link->name;
  char target[PATH_MAX];
  const ssize_t size = readlink(at.c_str(), target, sizeof target);
  if (size <= 0 || static_cast<size_t>(size) == sizeof target) return;
  (void)DeviceInPath({target, static_cast<size_t>(size)}, &link->device, &link->bus);
}

}  // namespace sriov
