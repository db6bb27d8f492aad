#include "pci/pack.h"

#include <cstring>
#include <string>
#include <string_view>

#include "pci/enumerate.h"
#include "pci/layout.h"

namespace sriov::pci {
namespace {

// The strings, numbered in order of arrival.
class StringTable {
 public:
  uint32_t Add(std::string_view text) {
    if (text.empty()) return 0;
    bytes_.push_back('\n');
    // A newline cannot be in a name; were a driver to invent one, it must not shift all that
    // follows.
    for (const char c : text) bytes_.push_back(c == '\n' ? '?' : c);
    return ++last_;
  }

  // As Add(), for columns of few different values: the last one is most often the next one.
  uint32_t AddRepeated(std::string_view text) {
    if (text.empty()) return 0;
    for (size_t i = recent_.size(); i > 0; --i) {
      if (recent_[i - 1].text == text) return recent_[i - 1].number;
    }
    // A host has a few dozen drivers, link states and PFs at a time; past that the table only
    // misses.
    if (recent_.size() == kRecent) recent_.erase(recent_.begin());
    recent_.push_back({std::string(text), Add(text)});
    return last_;
  }

  const std::string& bytes() const { return bytes_; }

 private:
  static constexpr size_t kRecent = 32;
  struct Recent {
    std::string text;
    uint32_t number;
  };
  std::string bytes_;
  std::vector<Recent> recent_;
  uint32_t last_ = 0;
};

uint32_t Word(int32_t value) { return static_cast<uint32_t>(value); }

void PackFunction(const FunctionRow& row, StringTable* strings, uint32_t* words) {
  words[kFunctionDevice] = strings->Add(row.device);
  words[kFunctionDriver] = strings->AddRepeated(row.driver);
  words[kFunctionPf] = strings->AddRepeated(row.pf_device);
  words[kFunctionFlags] = (row.netdevsim ? kFlagNetdevsim : 0u) | (row.is_vf ? kFlagVf : 0u);
  words[kFunctionUnreadable] = row.unreadable;
  words[kFunctionClass] = Word(row.class_code);
  words[kFunctionVendor] = Word(row.vendor);
  words[kFunctionDeviceId] = Word(row.device_id);
  words[kFunctionSubsystemVendor] = Word(row.subsystem_vendor);
  words[kFunctionSubsystemDevice] = Word(row.subsystem_device);
  words[kFunctionNuma] = Word(row.numa_node);
  words[kFunctionIommu] = Word(row.iommu_group);
  words[kFunctionVfIndex] = Word(row.vf_index);
  words[kFunctionTotalVfs] = Word(row.total_vfs);
  words[kFunctionNumVfs] = Word(row.num_vfs);
  words[kFunctionVfDeviceId] = Word(row.vf_device_id);
  words[kFunctionAutoprobe] = Word(row.autoprobe);
}

void PackNetDevice(const NetDeviceRow& row, StringTable* strings, uint32_t* words) {
  words[kNetFunction] = row.function;
  words[kNetName] = strings->Add(row.name);
  words[kNetVia] = strings->Add(row.via);
  words[kNetOperstate] = strings->AddRepeated(row.operstate);
  words[kNetSwitchId] = strings->AddRepeated(row.phys_switch_id);
  words[kNetPortName] = strings->Add(row.phys_port_name);
  words[kNetIfindex] = Word(row.ifindex);
  words[kNetCarrier] = Word(row.carrier);
  words[kNetSpeed] = Word(row.speed);
  words[kNetDevPort] = Word(row.dev_port);
}

}  // namespace

std::vector<uint8_t> Pack(const Inventory& inventory, const EnumerateFailure& failure) {
  const bool failed = failure.error != 0;
  const size_t functions = failed ? 0 : inventory.functions.size();
  const size_t net_devices = failed ? 0 : inventory.net_devices.size();
  const size_t companions = failed ? 0 : inventory.companions.size();
  std::vector<uint32_t> words(kHeaderWords + functions * kFunctionWords + net_devices * kNetWords +
                              companions * kCompanionWords);
  StringTable strings;
  uint32_t* at = words.data() + kHeaderWords;
  for (size_t i = 0; i < functions; ++i, at += kFunctionWords)
    PackFunction(inventory.functions[i], &strings, at);
  for (size_t i = 0; i < net_devices; ++i, at += kNetWords)
    PackNetDevice(inventory.net_devices[i], &strings, at);
  for (size_t i = 0; i < companions; ++i, at += kCompanionWords) {
    const CompanionRow& row = inventory.companions[i];
    at[kCompanionFunction] = row.function;
    at[kCompanionKind] = static_cast<uint32_t>(row.kind);
    at[kCompanionName] = strings.Add(row.name);
  }
  words[kHeaderVersion] = kLayoutVersion;
  words[kHeaderError] = Word(failure.error);
  words[kHeaderErrorPath] = failed ? strings.Add(failure.path) : 0;
  words[kHeaderFunctions] = static_cast<uint32_t>(functions);
  words[kHeaderNetDevices] = static_cast<uint32_t>(net_devices);
  words[kHeaderCompanions] = static_cast<uint32_t>(companions);
  words[kHeaderSystemCalls] = static_cast<uint32_t>(inventory.system_calls);
  words[kHeaderStringBytes] = static_cast<uint32_t>(strings.bytes().size());

  const size_t size = words.size() * sizeof(uint32_t);
  std::vector<uint8_t> out(size + strings.bytes().size());
  std::memcpy(out.data(), words.data(), size);
  if (!strings.bytes().empty())
    std::memcpy(out.data() + size, strings.bytes().data(), strings.bytes().size());
  return out;
}

std::vector<uint8_t> EnumeratePacked(const char* root) {
  Inventory inventory;
  EnumerateFailure failure;
  if (Enumerate(root, &inventory, &failure)) failure.error = 0;
  return Pack(inventory, failure);
}

}  // namespace sriov::pci
