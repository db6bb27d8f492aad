#include "pci/owner.h"

#include <algorithm>

#include "pci/address.h"
#include "pci/sysfs.h"

namespace sriov::pci {
namespace {

bool HasNumberAfter(std::string_view text, std::string_view prefix) {
  int64_t number = 0;
  return text.substr(0, prefix.size()) == prefix && ParseInt(text.substr(prefix.size()), &number) &&
         number >= 0;
}

// auxiliary_device_init(), drivers/base/auxiliary.c: "<module>.<name>.<id>".
bool IsAuxiliary(std::string_view text) {
  const size_t last = text.rfind('.');
  if (last == std::string_view::npos || last == 0) return false;
  const size_t first = text.rfind('.', last - 1);
  int64_t id = 0;
  return first != std::string_view::npos && first > 0 && text.find(':') == std::string_view::npos &&
         ParseInt(text.substr(last + 1), &id) && id >= 0;
}

// netdevsim devices live in /sys/devices/netdevsim1; their rows come after the PCI functions.
int64_t FindNetdevsim(const Inventory& inventory, std::string_view path, std::string_view* rest) {
  constexpr std::string_view kPrefix = "/netdevsim";
  const size_t start = path.find(kPrefix);
  if (start == std::string_view::npos) return -1;
  const size_t end = std::min(path.find('/', start + 1), path.size());
  const std::string_view name = path.substr(start + 1, end - start - 1);
  for (size_t i = inventory.functions.size(); i > 0 && inventory.functions[i - 1].netdevsim; --i) {
    if (inventory.functions[i - 1].device != name) continue;
    *rest = path.substr(std::min(end + 1, path.size()));
    return static_cast<int64_t>(i - 1);
  }
  return -1;
}

}  // namespace

int64_t FindOwner(const Inventory& inventory, std::string_view path, std::string_view* rest) {
  AddressKey key = 0;
  const std::string_view name = LastAddressIn(path, &key);
  if (name.empty()) return FindNetdevsim(inventory, path, rest);
  const std::vector<FunctionRow>& rows = inventory.functions;
  const auto at = std::lower_bound(
      rows.begin(), rows.end(), key,
      [](const FunctionRow& row, AddressKey wanted) { return !row.netdevsim && row.key < wanted; });
  if (at == rows.end() || at->netdevsim || at->key != key) return -1;
  const size_t end = static_cast<size_t>(name.data() - path.data()) + name.size();
  *rest = path.substr(std::min(end + 1, path.size()));
  return at - rows.begin();
}

std::string_view WithoutClass(std::string_view rest, std::string_view class_name) {
  const auto parent = [](std::string_view path) {
    const size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
  };
  rest = parent(rest);
  return BaseName(rest) == class_name ? parent(rest) : rest;
}

bool IsOwnIntermediate(std::string_view between) {
  if (between.empty()) return true;
  const size_t slash = between.find('/');
  if (slash == std::string_view::npos)
    return HasNumberAfter(between, "virtio") || IsAuxiliary(between);
  // vDPA in the kernel's own stack: vdpa0/virtio1.
  return HasNumberAfter(between.substr(slash + 1), "virtio");
}

}  // namespace sriov::pci
