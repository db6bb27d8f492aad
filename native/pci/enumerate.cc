#include "pci/enumerate.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <new>
#include <utility>

#include "pci/companions.h"
#include "pci/function_reader.h"
#include "pci/net_devices.h"
#include "pci/netdevsim.h"
#include "pci/sysfs.h"

namespace sriov::pci {
namespace {

// A row for each name in the directory, in address order: then PFs come before their VFs, whose
// routing id is the PF's plus an offset, and a VF's relation is known from its PF by the time it is
// read.
std::vector<FunctionRow> RowsFor(std::vector<std::string> names) {
  std::vector<FunctionRow> rows;
  rows.reserve(names.size());
  for (std::string& name : names) {
    FunctionRow row;
    if (!ParseAddress(name, &row.key)) continue;
    row.device = std::move(name);
    rows.push_back(std::move(row));
  }
  std::sort(rows.begin(), rows.end(),
            [](const FunctionRow& a, const FunctionRow& b) { return a.key < b.key; });
  return rows;
}

// Writes PF and index into the rows of the VFs. Rows may come in any order; links to functions that
// are not listed (created since) are dropped.
void ClaimVfs(const FunctionRow& pf, const std::vector<VfLink>& links,
              std::vector<FunctionRow>* rows) {
  for (const VfLink& link : links) {
    const auto at =
        std::lower_bound(rows->begin(), rows->end(), link.vf,
                         [](const FunctionRow& row, AddressKey key) { return row.key < key; });
    if (at == rows->end() || at->key != link.vf) continue;
    at->is_vf = true;
    at->pf_device = pf.device;
    at->vf_index = static_cast<int32_t>(link.index);
  }
}

int ReadPci(const SysfsDir& root, SysfsScratch* scratch, Inventory* inventory) {
  SysfsDir devices(scratch);
  const int opened = devices.OpenAt(root, "bus/pci/devices");
  // A machine without PCI, as many a virtual one.
  if (opened == ENOENT) return 0;
  if (opened != 0) return opened;
  std::vector<std::string> names;
  if (const int failed = devices.List(&names)) return failed;
  std::vector<FunctionRow> rows = RowsFor(std::move(names));
  std::vector<bool> there(rows.size(), false);
  std::vector<VfLink> links;
  for (size_t i = 0; i < rows.size(); ++i) {
    links.clear();
    int error = 0;
    const ReadOutcome outcome = ReadFunction(devices, scratch, &rows[i], &links, &error);
    if (outcome == ReadOutcome::kFailed) return error;
    if (outcome == ReadOutcome::kVanished) continue;
    there[i] = true;
    ClaimVfs(rows[i], links, &rows);
  }
  inventory->functions.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    if (there[i]) inventory->functions.push_back(std::move(rows[i]));
  }
  return 0;
}

}  // namespace

bool Enumerate(const char* root_path, Inventory* inventory, EnumerateFailure* failure) {
  // On the heap: 36 KiB is much for the stack of a thread that is not ours.
  const std::unique_ptr<SysfsScratch> scratch(new SysfsScratch);
  SysfsDir root(scratch.get());
  failure->path = ".";
  failure->error = root.Open(root_path);
  if (failure->error != 0) return false;
  struct Part {
    const char* path;
    int (*read)(const SysfsDir&, SysfsScratch*, Inventory*);
  };
  constexpr Part kParts[] = {{"bus/pci/devices", ReadPci},
                             {"bus/netdevsim/devices", ReadNetdevsim},
                             {"class/net", ReadNetDevices},
                             {"class/infiniband", ReadCompanions}};
  for (const Part& part : kParts) {
    failure->path = part.path;
    failure->error = part.read(root, scratch.get(), inventory);
    if (failure->error != 0) return false;
  }
  root.Close();
  inventory->system_calls = scratch->calls;
  return true;
}

}  // namespace sriov::pci
