#include "pci/netdevsim.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "pci/function_reader.h"
#include "pci/uevent.h"

namespace sriov::pci {
namespace {

constexpr std::string_view kPrefix = "netdevsim";

// Leaves *value alone when the file is absent. An errno of the process, or 0.
int ReadNumber(const SysfsDir& dir, const char* name, int32_t* value, uint32_t* unreadable) {
  std::string_view text;
  const int error = dir.Read(name, &text);
  if (IsProcessError(error)) return error;
  int64_t number = 0;
  if (error == 0 && ParseInt(text, &number) && number >= 0 && number <= INT32_MAX) {
    *value = static_cast<int32_t>(number);
  } else if (error != ENOENT && error != ENODEV && error != EACCES) {
    *unreadable |= kUnreadableSriov;
  }
  return 0;
}

int ReadDevice(const SysfsDir& root, const SysfsDir& devices, SysfsScratch* scratch,
               FunctionRow row, Inventory* inventory) {
  SysfsDir dir(scratch);
  const int opened = dir.OpenAt(devices, row.device.c_str());
  if (opened != 0) return IsProcessError(opened) ? opened : 0;
  // No device lock here, unlike a PCI function's (nsim_bus_dev_numvfs_show(),
  // drivers/net/netdevsim/bus.c).
  if (const int failed = ReadNumber(dir, "sriov_numvfs", &row.num_vfs, &row.unreadable))
    return failed;
  // debugfs is root's, may not be mounted, and newer kernels have no such file: unknown is no
  // error.
  const std::string limit = "kernel/debug/netdevsim/" + row.device + "/max_vfs";
  if (const int failed = ReadNumber(root, limit.c_str(), &row.total_vfs, &row.unreadable))
    return failed;
  std::string_view text;
  const int read = dir.Read("uevent", &text);
  if (IsProcessError(read)) return read;
  if (read != 0) return 0;
  PciUevent uevent;
  (void)ParsePciUevent(text, &uevent);  // Only its DRIVER line is there.
  row.driver = std::string(uevent.driver);
  inventory->functions.push_back(std::move(row));
  return 0;
}

}  // namespace

int ReadNetdevsim(const SysfsDir& root, SysfsScratch* scratch, Inventory* inventory) {
  SysfsDir devices(scratch);
  const int opened = devices.OpenAt(root, "bus/netdevsim/devices");
  if (opened != 0) return IsProcessError(opened) ? opened : 0;
  std::vector<std::string> names;
  const int listed = devices.ListPrefixed(kPrefix, &names);
  if (IsProcessError(listed)) return listed;
  std::vector<std::pair<int64_t, std::string>> found;
  for (std::string& name : names) {
    int64_t number = 0;
    if (ParseInt(std::string_view(name).substr(kPrefix.size()), &number) && number >= 0) {
      found.emplace_back(number, std::move(name));
    }
  }
  std::sort(found.begin(), found.end());
  for (auto& [number, name] : found) {
    FunctionRow row;
    row.device = std::move(name);
    row.netdevsim = true;
    row.num_vfs = 0;
    if (const int failed = ReadDevice(root, devices, scratch, std::move(row), inventory))
      return failed;
  }
  return 0;
}

}  // namespace sriov::pci
