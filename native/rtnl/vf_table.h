// The table of VFs: one row per VF, one column per attribute, all in one buffer that C++ and TypeScript
// read and write alike. This file is the layout; `src/vf/layout.ts` is its twin and a test compares them.
// It never allocates and never interprets a value.
//
//   byte 0                 header, 16 x u32: magic, capacity, rows, IFLA_NUM_VF, ifindex, flags, length of
//                          a hardware address, 0, then the PF's broadcast address (32 bytes)
//   byte 64                u64 columns of `capacity` entries: node GUID, port GUID
//                          then, with kTableHasStats, the eight counters of IFLA_VF_STATS
//                          then MAC, 8 bytes a row of which 6 are used
//                          then u32 columns in the order of Column
//
// `capacity` is even so that each u64 column is aligned; a row is valid below `rows`. A value counts only
// where its bit is set in the row's mask; elsewhere it is whatever was there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sriov {

constexpr uint32_t kTableMagic = 0x76665431;  // "vfT1"
constexpr size_t kTableHeaderBytes = 64;
constexpr uint32_t kTableHasStats = 1;
constexpr size_t kStatsCounters = 8;
constexpr uint32_t kMaxTableRows = 65536;  // PCIe NumVFs has 16 bits

// Bits of a row's mask.
enum Field : uint32_t {
  kFieldMac = 1u << 0,
  kFieldVlan = 1u << 1,  // id, QoS and protocol: the kernel sets them together
  kFieldRateMin = 1u << 2,
  kFieldRateMax = 1u << 3,
  kFieldSpoofCheck = 1u << 4,
  kFieldLinkState = 1u << 5,
  kFieldRssQuery = 1u << 6,
  kFieldTrust = 1u << 7,
  kFieldNodeGuid = 1u << 8,
  kFieldPortGuid = 1u << 9,
  kFieldStats = 1u << 10,
};

enum Column : size_t {
  kColumnMask,
  kColumnVf,
  kColumnVlanId,
  kColumnVlanQos,
  kColumnVlanProto,  // host order, 0x8100 or 0x88a8; 0 where none was ever set
  kColumnRateMin,    // Mbit/s
  kColumnRateMax,
  kColumnSpoofCheck,
  kColumnLinkState,  // IFLA_VF_LINK_STATE_AUTO 0, ENABLE 1, DISABLE 2
  kColumnRssQuery,
  kColumnTrust,
  kColumns,
};

constexpr uint32_t EvenCapacity(uint32_t rows) { return (rows + 1) & ~1u; }

constexpr size_t TableBytes(uint32_t capacity, bool stats) {
  return kTableHeaderBytes + size_t{capacity} * ((stats ? 2 + kStatsCounters : 2) * 8 + 8 + kColumns * 4);
}

// A view of a table that someone else owns and keeps alive.
class VfTable {
 public:
  VfTable() = default;

  // Takes `bytes` as a table; false if they are none or are cut short.
  [[nodiscard]] bool Attach(uint8_t* data, size_t bytes) {
    uint32_t head[7];
    if (bytes < kTableHeaderBytes || reinterpret_cast<uintptr_t>(data) % 8 != 0) return false;
    std::memcpy(head, data, sizeof head);
    const bool stats = (head[5] & kTableHasStats) != 0;
    if (head[0] != kTableMagic || head[1] > kMaxTableRows || head[1] % 2 != 0 || head[2] > head[1] ||
        bytes < TableBytes(head[1], stats)) {
      return false;
    }
    data_ = data;
    capacity_ = head[1];
    stats_ = stats;
    return true;
  }

  // Makes `data`, TableBytes(capacity, stats) zero bytes, an empty table.
  void Format(uint8_t* data, uint32_t capacity, bool stats) {
    data_ = data;
    capacity_ = capacity;
    stats_ = stats;
    Head()[0] = kTableMagic;
    Head()[1] = capacity;
    Head()[5] = stats ? kTableHasStats : 0;
  }

  uint32_t capacity() const { return capacity_; }
  bool has_stats() const { return stats_; }
  uint32_t rows() const { return Head()[2]; }
  void set_rows(uint32_t rows) { Head()[2] = rows; }
  uint32_t num_vf() const { return Head()[3]; }
  void set_num_vf(uint32_t count) { Head()[3] = count; }
  void set_ifindex(uint32_t ifindex) { Head()[4] = ifindex; }
  void set_address_length(uint32_t length) { Head()[6] = length; }
  uint8_t* broadcast() { return data_ + 32; }

  uint64_t* node_guid() const { return reinterpret_cast<uint64_t*>(data_ + kTableHeaderBytes); }
  uint64_t* port_guid() const { return node_guid() + capacity_; }
  // Counter `which`, in the order rx/tx packets, rx/tx bytes, broadcast, multicast, rx/tx dropped.
  uint64_t* stats(size_t which) const { return node_guid() + (2 + which) * capacity_; }
  uint8_t* mac(uint32_t row) const { return Macs() + size_t{row} * 8; }
  uint32_t* column(Column which) const {
    return reinterpret_cast<uint32_t*>(Macs() + size_t{capacity_} * 8) + which * capacity_;
  }
  // Appends row `from_row` of `from`, statistics left out. There is room.
  void CopyRow(const VfTable& from, uint32_t from_row) {
    const uint32_t row = rows();
    set_rows(row + 1);
    for (size_t c = 0; c < kColumns; ++c) {
      column(static_cast<Column>(c))[row] = from.column(static_cast<Column>(c))[from_row];
    }
    std::memcpy(mac(row), from.mac(from_row), 8);
    node_guid()[row] = from.node_guid()[from_row];
    port_guid()[row] = from.port_guid()[from_row];
  }

  uint32_t mask(uint32_t row) const { return column(kColumnMask)[row]; }
  uint32_t vf(uint32_t row) const { return column(kColumnVf)[row]; }

 private:
  uint32_t* Head() const { return reinterpret_cast<uint32_t*>(data_); }
  uint8_t* Macs() const {
    return data_ + kTableHeaderBytes + size_t{capacity_} * 8 * (stats_ ? 2 + kStatsCounters : 2);
  }

  uint8_t* data_ = nullptr;
  uint32_t capacity_ = 0;
  bool stats_ = false;
};

}  // namespace sriov
