// Writing rows of the table as IFLA_VF_INFO nests.
// Owns the bytes of every settable IFLA_VF_* attribute; never decides which settings go into a message.
//
// This is the hot path: the kernel spends about 300 instructions on a setting, so each one here counts. Hence
// whole words are written, and the columns are looked up once for all rows.
#pragma once

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/netlink.h>

#include "rtnl/vf_setting.h"

namespace sriov {

// Most bytes that one row can take: two IFLA_VF_INFO headers and every attribute.
//   MAC 40, VLAN_LIST 4 + 20, RATE 16, four switches of 12, two GUIDs of 20
constexpr size_t kMaxVfInfoBytes = 2 * 4 + 40 + 24 + 16 + 4 * 12 + 2 * 20;

class VfEncoder {
 public:
  explicit VfEncoder(const VfTable& table)
      : macs_(table.mac(0)),
        guids_(table.node_guid()),
        words_(table.column(kColumnMask)),
        capacity_(table.capacity()) {}

  // Writes the settings `which` of `row`, at least one, at `out`, which has room for kMaxVfInfoBytes.
  // Returns the end of what it wrote. A rate with its maximum alone goes out as IFLA_VF_TX_RATE, by which
  // the kernel itself keeps the minimum; with its minimum alone it needs the maximum filled in before.
  uint8_t* Encode(uint32_t row, Settings which, uint8_t* out) const {
    const uint32_t vf = Cell(kColumnVf, row);
    uint8_t* const start = out;
    out += NLA_HDRLEN;
    if (which & Bit(kSetMac)) out = Mac(row, vf, out);
    if (which & Bit(kSetVlan)) out = Vlan(row, vf, out);
    if (which & Bit(kSetSpoofCheck)) out = Switch(IFLA_VF_SPOOFCHK, vf, Cell(kColumnSpoofCheck, row), out);
    if (which & ~(Bit(kSetMac) | Bit(kSetVlan) | Bit(kSetSpoofCheck))) return Others(row, which, vf, start, out);
    Close(start, out);
    return out;
  }

 private:
  // Payloads go out whole and zero padded: the kernel's policy gives minimum lengths (ifla_vf_policy,
  // net/core/rtnetlink.c), and a short ifla_vf_vlan_info or ifla_vf_guid is refused.
  static constexpr bool kLittle = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

  static constexpr uint64_t Words(uint32_t first, uint32_t second) {
    return kLittle ? uint64_t{second} << 32 | first : uint64_t{first} << 32 | second;
  }
  static constexpr uint32_t Header(size_t bytes, uint32_t type) {
    const uint32_t length = static_cast<uint32_t>(bytes);
    return kLittle ? type << 16 | length : length << 16 | type;
  }
  static void Put(uint8_t* out, uint64_t words) { std::memcpy(out, &words, sizeof words); }
  static void Put32(uint8_t* out, uint32_t word) { std::memcpy(out, &word, sizeof word); }

  uint32_t Cell(Column column, uint32_t row) const { return words_[size_t{column} * capacity_ + row]; }

  // Every payload starts with the VF's number, in the word after the header.
  template <typename Payload>
  static void Head(uint16_t type, uint32_t vf, uint8_t* out) {
    static_assert(sizeof(Payload) % NLA_ALIGNTO == 0, "needs padding");
    Put(out, Words(Header(NLA_HDRLEN + sizeof(Payload), type), vf));
  }

  uint8_t* Mac(uint32_t row, uint32_t vf, uint8_t* out) const {
    static_assert(sizeof(ifla_vf_mac) == 4 + 32, "zeros below");
    uint64_t mac;
    std::memcpy(&mac, macs_ + size_t{row} * 8, sizeof mac);
    mac &= kLittle ? 0x0000ffffffffffff : 0xffffffffffff0000;
    Head<ifla_vf_mac>(IFLA_VF_MAC, vf, out);
    Put(out + 8, mac);
    Put(out + 16, 0);
    Put(out + 24, 0);
    Put(out + 32, 0);
    return out + NLA_HDRLEN + sizeof(ifla_vf_mac);
  }

  uint8_t* Vlan(uint32_t row, uint32_t vf, uint8_t* out) const {
    const uint64_t id_and_qos = Words(Cell(kColumnVlanId, row), Cell(kColumnVlanQos, row));
    const uint32_t proto = Cell(kColumnVlanProto, row);
    // IFLA_VF_VLAN means 802.1Q; it is 8 bytes shorter and older than the list.
    if (proto == 0 || proto == ETH_P_8021Q) {
      Head<ifla_vf_vlan>(IFLA_VF_VLAN, vf, out);
      Put(out + 8, id_and_qos);
      return out + NLA_HDRLEN + sizeof(ifla_vf_vlan);
    }
    Put32(out, Header(2 * NLA_HDRLEN + sizeof(ifla_vf_vlan_info), IFLA_VF_VLAN_LIST));
    out += NLA_HDRLEN;
    Head<ifla_vf_vlan_info>(IFLA_VF_VLAN_INFO, vf, out);
    Put(out + 8, id_and_qos);
    const uint16_t on_the_wire[2] = {htons(static_cast<uint16_t>(proto)), 0};
    std::memcpy(out + 16, on_the_wire, sizeof on_the_wire);
    return out + NLA_HDRLEN + sizeof(ifla_vf_vlan_info);
  }

  // The five structs of VF and one word have one shape: ifla_vf_spoofchk, _link_state, _rss_query_en, _trust,
  // _tx_rate.
  static uint8_t* Switch(uint16_t type, uint32_t vf, uint32_t value, uint8_t* out) {
    Head<ifla_vf_spoofchk>(type, vf, out);
    Put32(out + 8, value);
    return out + NLA_HDRLEN + sizeof(ifla_vf_spoofchk);
  }

  static void Close(uint8_t* start, const uint8_t* end) {
    Put32(start, Header(static_cast<size_t>(end - start), IFLA_VF_INFO));
  }

  // In a file of its own: what is rare, or costs much besides.
  uint8_t* Others(uint32_t row, Settings which, uint32_t vf, uint8_t* start, uint8_t* out) const;
  uint8_t* Rate(uint32_t row, uint32_t vf, uint8_t* out) const;

  const uint8_t* const macs_;
  const uint64_t* const guids_;
  const uint32_t* const words_;
  const size_t capacity_;
};

}  // namespace sriov
