// What an enumeration found, before it is packed for JavaScript. Plain data: owns no descriptor,
// knows no file. Numbers are -1 where the kernel gave none.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pci/address.h"

namespace sriov::pci {

// Bits of FunctionRow::unreadable: attributes that are there and could not be read. One that is
// simply absent is no error, and a device that went away is no row.
enum Unreadable : uint32_t {
  kUnreadableUevent = 1u << 0,
  kUnreadableNuma = 1u << 1,
  kUnreadableIommu = 1u << 2,
  kUnreadableSriov = 1u << 3,
};

struct FunctionRow {
  std::string device;  // Name in sysfs: 0000:03:00.0 or netdevsim1.
  std::string
      pf_device;  // Of a VF: its PF's name. Empty when this is no VF, or the PF is not visible.
  std::string driver;  // Empty when none is bound.
  AddressKey key = 0;  // Meaningless when netdevsim.
  bool netdevsim = false;
  bool is_vf = false;  // The kernel says so: a physfn or virtfn link.
  uint32_t unreadable = 0;
  int32_t class_code = -1;
  int32_t vendor = -1;
  int32_t device_id = -1;
  int32_t subsystem_vendor = -1;
  int32_t subsystem_device = -1;
  int32_t numa_node = -1;
  int32_t iommu_group = -1;
  int32_t vf_index = -1;
  int32_t total_vfs = -1;
  int32_t num_vfs = -1;  // -1: not an SR-IOV PF.
  int32_t vf_device_id = -1;
  int32_t autoprobe = -1;  // 0, 1, or -1.
};

// A network device of a function.
struct NetDeviceRow {
  uint32_t function = 0;  // Index of its FunctionRow.
  std::string name;
  std::string
      via;  // What lies between function and net/: "virtio0", "mlx5_core.sf.4"; mostly empty.
  std::string operstate;
  std::string phys_switch_id;
  std::string phys_port_name;
  int32_t ifindex = -1;
  int32_t carrier = -1;  // 0, 1, or -1: the device is down, so that there is none to speak of.
  int32_t speed = -1;    // Mbit/s.
  int32_t dev_port = -1;
};

enum class CompanionKind : uint32_t { kRdma = 0, kVdpa = 1 };

// A device of another subsystem on a function: an RDMA or a vDPA device.
struct CompanionRow {
  uint32_t function = 0;
  CompanionKind kind = CompanionKind::kRdma;
  std::string name;
};

struct Inventory {
  std::vector<FunctionRow> functions;     // PCI in address order, then netdevsim by number.
  std::vector<NetDeviceRow> net_devices;  // By function, then ifindex.
  std::vector<CompanionRow> companions;   // By function, kind, name.
  uint64_t system_calls = 0;
};

// Why a whole enumeration failed. error is an errno; path is relative to the root of sysfs.
struct EnumerateFailure {
  int error = 0;
  std::string path;
};

}  // namespace sriov::pci
