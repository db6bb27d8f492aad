#include "pci/function_reader.h"

#include <algorithm>
#include <cerrno>

#include "pci/uevent.h"

namespace sriov::pci {
namespace {

// Reads the attributes of one directory, remembering the first error that concerns the process and
// which attributes could not be read.
class AttributeReader {
 public:
  AttributeReader(const SysfsDir& dir, FunctionRow* row) : dir_(dir), row_(row) {}

  int process_error() const { return process_error_; }

  // False when the attribute is absent or unreadable. ENOENT: this device or kernel has no such
  // attribute. ENODEV: the device is being removed (kernfs_get_active() failed); uevent, read last,
  // settles that.
  bool Text(const char* name, uint32_t bit, std::string_view* text) {
    return Accept(dir_.Read(name, text), bit);
  }

  bool Link(const char* name, uint32_t bit, std::string_view* target) {
    return Accept(dir_.ReadLink(name, target), bit);
  }

  // Leaves *value alone when absent; marks the row when what is there is no number within int32.
  bool Number(const char* name, uint32_t bit, int32_t* value) {
    std::string_view text;
    return Text(name, bit, &text) && Store(text, bit, value);
  }

  bool Store(std::string_view text, uint32_t bit, int32_t* value) {
    int64_t number = 0;
    if (!ParseInt(text, &number) || number < INT32_MIN || number > INT32_MAX) {
      row_->unreadable |= bit;
      return false;
    }
    *value = static_cast<int32_t>(number);
    return true;
  }

 private:
  bool Accept(int error, uint32_t bit) {
    if (error == 0) return true;
    if (IsProcessError(error)) {
      if (process_error_ == 0) process_error_ = error;
    } else if (error != ENOENT && error != ENODEV) {
      row_->unreadable |= bit;
    }
    return false;
  }

  const SysfsDir& dir_;
  FunctionRow* row_;
  int process_error_ = 0;
};

// "%x" of pci_dev::vf_device (sriov_vf_device_show(), drivers/pci/iov.c), without 0x.
bool ParseVfDevice(std::string_view text, int32_t* value) {
  if (text.empty() || text.size() > 4) return false;
  int32_t result = 0;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && !(c >= 'a' && c <= 'f')) return false;
    result = result << 4 | (digit ? c - '0' : c - 'a' + 10);
  }
  *value = result;
  return true;
}

// The VFs that exist are the PF's virtfnN links. sriov_numvfs would say how many with a read as
// well, but it waits for the device lock (sriov_numvfs_show(), drivers/pci/iov.c), which a running
// write of sriov_numvfs holds for as long as the driver takes, on some for ever.
void ReadVfLinks(const SysfsDir& dir, FunctionRow* row, std::vector<VfLink>* links) {
  constexpr std::string_view kPrefix = "virtfn";
  std::vector<std::string> names;
  const size_t first = links->size();
  if (dir.ListPrefixed(kPrefix, &names) != 0) row->unreadable |= kUnreadableSriov;
  for (const std::string& name : names) {
    int64_t index = 0;
    if (!ParseInt(std::string_view(name).substr(kPrefix.size()), &index) || index < 0 ||
        index > 0xffff)
      continue;
    std::string_view target;
    // A link that is gone by now belonged to a VF that is gone by now.
    if (dir.ReadLink(name.c_str(), &target) != 0) continue;
    VfLink link;
    link.index = static_cast<uint32_t>(index);
    if (ParseAddress(BaseName(target), &link.vf)) links->push_back(link);
  }
  // By number: a directory has no order, and text order puts virtfn10 before virtfn9.
  std::sort(links->begin() + static_cast<std::ptrdiff_t>(first), links->end(),
            [](const VfLink& a, const VfLink& b) { return a.index < b.index; });
  row->num_vfs = static_cast<int32_t>(links->size() - first);
}

void ReadSriov(const SysfsDir& dir, AttributeReader* attributes, FunctionRow* row,
               std::vector<VfLink>* links) {
  std::string_view text;
  // Present on every function with an SR-IOV capability (sriov_pf_attrs_are_visible()), VFs or not.
  if (attributes->Text("sriov_totalvfs", kUnreadableSriov, &text)) {
    (void)attributes->Store(text, kUnreadableSriov, &row->total_vfs);
  } else if ((row->unreadable & kUnreadableSriov) == 0) {
    // Absent: no PF. A physfn link then makes it a VF that was created after its PF was read, or
    // whose PF cannot be seen.
    if (!attributes->Link("physfn", kUnreadableSriov, &text)) return;
    row->is_vf = true;
    row->pf_device = std::string(BaseName(text));
    return;
  }
  (void)attributes->Number("sriov_drivers_autoprobe", kUnreadableSriov, &row->autoprobe);
  if (attributes->Text("sriov_vf_device", kUnreadableSriov, &text) &&
      !ParseVfDevice(text, &row->vf_device_id)) {
    row->unreadable |= kUnreadableSriov;
  }
  ReadVfLinks(dir, row, links);
}

}  // namespace

bool IsProcessError(int error) { return error == EMFILE || error == ENFILE || error == ENOMEM; }

ReadOutcome ReadFunction(const SysfsDir& devices, SysfsScratch* scratch, FunctionRow* row,
                         std::vector<VfLink>* links, int* error) {
  SysfsDir dir(scratch);
  const int opened = dir.OpenAt(devices, row->device.c_str());
  if (IsProcessError(opened)) {
    *error = opened;
    return ReadOutcome::kFailed;
  }
  if (opened == ENOENT || opened == ENODEV) return ReadOutcome::kVanished;
  if (opened != 0) {
    row->unreadable = kUnreadableUevent | kUnreadableNuma | kUnreadableIommu | kUnreadableSriov;
    return ReadOutcome::kRead;
  }

  AttributeReader attributes(dir, row);
  // -1 when the firmware gives no node (numa_node_show()); absent without CONFIG_NUMA.
  (void)attributes.Number("numa_node", kUnreadableNuma, &row->numa_node);
  std::string_view text;
  if (attributes.Link("iommu_group", kUnreadableIommu, &text)) {
    (void)attributes.Store(BaseName(text), kUnreadableIommu, &row->iommu_group);
  }
  if (!row->is_vf) ReadSriov(dir, &attributes, row, links);

  // Last, because a device that still answers now was there all along: what was absent above is
  // absent, not gone.
  const int read = dir.Read("uevent", &text);
  if (attributes.process_error() != 0 || IsProcessError(read)) {
    *error = attributes.process_error() != 0 ? attributes.process_error() : read;
    return ReadOutcome::kFailed;
  }
  if (read == ENOENT || read == ENODEV) return ReadOutcome::kVanished;
  PciUevent uevent;
  if (read != 0 || !ParsePciUevent(text, &uevent)) {
    row->unreadable |= kUnreadableUevent;
    return ReadOutcome::kRead;
  }
  row->driver = std::string(uevent.driver);
  row->class_code = static_cast<int32_t>(uevent.class_code);
  row->vendor = uevent.vendor;
  row->device_id = uevent.device;
  row->subsystem_vendor = uevent.subsystem_vendor;
  row->subsystem_device = uevent.subsystem_device;
  return ReadOutcome::kRead;
}

}  // namespace sriov::pci
