#include "pci/net_devices.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "pci/function_reader.h"
#include "pci/owner.h"
#include "pci/uevent.h"

namespace sriov::pci {
namespace {

// A device that goes or is renamed between listing and reading makes the list of names stale; a new
// listing heals that. Bounded: on a host that starts containers without end the last listing
// stands.
constexpr int kMaxPasses = 3;

enum class Outcome { kRead, kVanished, kFailed };

// Optional text: empty when the driver has none (EOPNOTSUPP) or the kernel lacks the file.
int ReadOptional(const SysfsDir& dir, const char* name, std::string* out) {
  std::string_view text;
  const int error = dir.Read(name, &text);
  if (error == 0) *out = std::string(text);
  return IsProcessError(error) ? error : 0;
}

int ReadOptionalNumber(const SysfsDir& dir, const char* name, int32_t* out) {
  std::string_view text;
  const int error = dir.Read(name, &text);
  int64_t number = 0;
  // speed is printed as a signed int by some kernels and as 4294967295 by others when unknown.
  if (error == 0 && ParseInt(text, &number) && number >= 0 && number <= INT32_MAX) {
    *out = static_cast<int32_t>(number);
  }
  return IsProcessError(error) ? error : 0;
}

// carrier is EINVAL for a device that is down (carrier_show(), net/core/net-sysfs.c). Then
// operstate is "down" by definition (operstate_show()) and speed refused (speed_show()), so neither
// is asked for. speed without carrier is unknown, and asking costs rtnl and a call of the driver.
int ReadState(const SysfsDir& dir, NetDeviceRow* row) {
  std::string_view text;
  const int error = dir.Read("carrier", &text);
  if (error == EINVAL) {
    row->operstate = "down";
    return 0;
  }
  if (IsProcessError(error)) return error;
  if (error == 0 && (text == "0" || text == "1")) row->carrier = text == "1" ? 1 : 0;
  if (const int failed = ReadOptional(dir, "operstate", &row->operstate)) return failed;
  return row->carrier == 1 ? ReadOptionalNumber(dir, "speed", &row->speed) : 0;
}

// Port and switch names take rtnl and a call of the driver. Only the device of a PF or of a plain
// function can be an uplink or a representor; a VF's never is.
int ReadPort(const SysfsDir& dir, bool is_vf, NetDeviceRow* row) {
  if (const int failed = ReadOptionalNumber(dir, "dev_port", &row->dev_port)) return failed;
  if (is_vf) return 0;
  if (const int failed = ReadOptional(dir, "phys_port_name", &row->phys_port_name)) return failed;
  return ReadOptional(dir, "phys_switch_id", &row->phys_switch_id);
}

Outcome ReadOne(const SysfsDir& dir, bool is_vf, NetDeviceRow* row, int* error) {
  *error = ReadState(dir, row);
  if (*error == 0) *error = ReadPort(dir, is_vf, row);
  if (*error != 0) return Outcome::kFailed;
  // Last, for the same reason as a function's: it settles that the device is still there, and under
  // which name.
  std::string_view text;
  const int read = dir.Read("uevent", &text);
  if (IsProcessError(read)) {
    *error = read;
    return Outcome::kFailed;
  }
  NetUevent uevent;
  if (read != 0 || !ParseNetUevent(text, &uevent)) return Outcome::kVanished;
  row->name = std::string(uevent.name);
  row->ifindex = static_cast<int32_t>(uevent.ifindex);
  return Outcome::kRead;
}

// One pass over the names. *stale is set when a name led nowhere.
int ReadPass(const SysfsDir& classes, SysfsScratch* scratch, const std::vector<std::string>& names,
             Inventory* inventory, bool* stale) {
  for (const std::string& name : names) {
    std::string_view path, rest;
    const int linked = classes.ReadLink(name.c_str(), &path);
    // EINVAL: no link but a file, such as bonding_masters.
    if (linked != 0) {
      *stale |= linked != EINVAL;
      continue;
    }
    const int64_t owner = FindOwner(*inventory, path, &rest);
    if (owner < 0) continue;
    const std::string_view between = WithoutClass(rest, "net");
    if (!IsOwnIntermediate(between)) continue;
    NetDeviceRow row;
    row.function = static_cast<uint32_t>(owner);
    row.via = std::string(between);
    const bool is_vf = inventory->functions[row.function].is_vf;
    SysfsDir dir(scratch);
    int error = dir.OpenAt(classes, name.c_str());
    if (IsProcessError(error)) return error;
    const Outcome outcome = error != 0 ? Outcome::kVanished : ReadOne(dir, is_vf, &row, &error);
    if (outcome == Outcome::kFailed) return error;
    if (outcome == Outcome::kRead) {
      inventory->net_devices.push_back(std::move(row));
    } else {
      *stale = true;
    }
  }
  return 0;
}

}  // namespace

int ReadNetDevices(const SysfsDir& root, SysfsScratch* scratch, Inventory* inventory) {
  for (int pass = 0; pass < kMaxPasses; ++pass) {
    SysfsDir classes(scratch);
    const int opened = classes.OpenAt(root, "class/net");
    if (opened != 0) return IsProcessError(opened) ? opened : 0;
    std::vector<std::string> names;
    const int listed = classes.List(&names);
    if (IsProcessError(listed)) return listed;
    bool stale = false;
    inventory->net_devices.clear();
    if (const int failed = ReadPass(classes, scratch, names, inventory, &stale)) return failed;
    if (!stale) break;
  }
  std::sort(inventory->net_devices.begin(), inventory->net_devices.end(),
            [](const NetDeviceRow& a, const NetDeviceRow& b) {
              return a.function != b.function ? a.function < b.function : a.ifindex < b.ifindex;
            });
  return 0;
}

}  // namespace sriov::pci
