#include "pci/companions.h"

#include <algorithm>
#include <utility>

#include "pci/function_reader.h"
#include "pci/owner.h"

namespace sriov::pci {
namespace {

int ReadKind(const SysfsDir& root, SysfsScratch* scratch, const char* path,
             std::string_view class_name, CompanionKind kind, Inventory* inventory) {
  SysfsDir dir(scratch);
  const int opened = dir.OpenAt(root, path);
  // Absent without the subsystem's module.
  if (opened != 0) return IsProcessError(opened) ? opened : 0;
  std::vector<std::string> names;
  const int listed = dir.List(&names);
  if (IsProcessError(listed)) return listed;
  for (std::string& name : names) {
    std::string_view target, rest;
    if (dir.ReadLink(name.c_str(), &target) != 0) continue;
    const int64_t owner = FindOwner(*inventory, target, &rest);
    if (owner < 0 || !IsOwnIntermediate(WithoutClass(rest, class_name))) continue;
    inventory->companions.push_back({static_cast<uint32_t>(owner), kind, std::move(name)});
  }
  return 0;
}

}  // namespace

int ReadCompanions(const SysfsDir& root, SysfsScratch* scratch, Inventory* inventory) {
  int error =
      ReadKind(root, scratch, "class/infiniband", "infiniband", CompanionKind::kRdma, inventory);
  if (error == 0)
    error = ReadKind(root, scratch, "bus/vdpa/devices", "", CompanionKind::kVdpa, inventory);
  std::sort(inventory->companions.begin(), inventory->companions.end(),
            [](const CompanionRow& a, const CompanionRow& b) {
              if (a.function != b.function) return a.function < b.function;
              return a.kind != b.kind ? a.kind < b.kind : a.name < b.name;
            });
  return error;
}

}  // namespace sriov::pci
