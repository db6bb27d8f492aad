#include "rtnl/vf_decode.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

namespace sriov {
namespace {

constexpr uint32_t kNotSupported = 0xffffffff;  // -1 from a driver that leaves a switch alone

// Every entry starts with IFLA_VF_MAC (rtnl_fill_vfinfo), which makes a stray attribute of another kind
// that happens to have type 1 (IFLA_ADDRESS) easy to tell from an entry.
constexpr size_t kMacAttributeBytes = kAttributeHeader + sizeof(ifla_vf_mac);
constexpr size_t kMaxEntryBytes = 1024;  // 368 today on the widest architecture; room for new attributes

bool LooksLikeEntry(Bytes rest, size_t* length) {
  nlattr entry;
  nlattr first;
  if (!ReadAt(rest, 0, &entry) || !ReadAt(rest, kAttributeHeader, &first)) return false;
  *length = entry.nla_len;
  return (entry.nla_type & NLA_TYPE_MASK) == IFLA_VF_INFO &&
         entry.nla_len >= kAttributeHeader + kMacAttributeBytes && entry.nla_len <= kMaxEntryBytes &&
         AlignAttribute(entry.nla_len) <= rest.size && (first.nla_type & NLA_TYPE_MASK) == IFLA_VF_MAC &&
         first.nla_len == kMacAttributeBytes;
}

// Walks the entries at the start of `rest`, which reaches to the end of the message, to where they end or
// `num_vf` are found: nothing that may follow the list looks like one. Gives their true length; false if
// that cannot be what the 16-bit length `told` stands for.
bool WalkEntries(Bytes rest, size_t told, uint32_t num_vf, uint32_t* listed, size_t* bytes) {
  size_t at = 0;
  uint32_t count = 0;
  while (count < num_vf) {
    size_t length = 0;
    if (!LooksLikeEntry({rest.data + at, rest.size - at}, &length)) break;
    at += AlignAttribute(length);
    ++count;
  }
  *listed = count;
  *bytes = at;
  return ((at + kAttributeHeader) & 0xffff) == (told & 0xffff);
}

void StoreU32(const Bytes& payload, VfTable* table, uint32_t row, Column column, uint32_t field, bool is_switch) {
  uint32_t value = 0;
  if (!ReadAt(payload, 4, &value)) return;
  if (is_switch && value == kNotSupported) return;
  table->column(column)[row] = value;
  table->column(kColumnMask)[row] |= field;
}

void StoreVlan(const Bytes& payload, VfTable* table, uint32_t row) {
  ifla_vf_vlan vlan;
  if (!ReadAt(payload, 0, &vlan)) return;
  table->column(kColumnVlanId)[row] = vlan.vlan;
  table->column(kColumnVlanQos)[row] = vlan.qos;
  table->column(kColumnMask)[row] |= kFieldVlan;
}

// The list carries the protocol too; it comes after IFLA_VF_VLAN and says more.
void StoreVlanList(const Bytes& payload, VfTable* table, uint32_t row) {
  AttributeReader list(payload);
  Attribute entry;
  ifla_vf_vlan_info info;
  if (!list.Next(&entry) || entry.type != IFLA_VF_VLAN_INFO || !ReadAt(entry.payload, 0, &info)) return;
  table->column(kColumnVlanId)[row] = info.vlan;
  table->column(kColumnVlanQos)[row] = info.qos;
  table->column(kColumnVlanProto)[row] = ntohs(info.vlan_proto);
  table->column(kColumnMask)[row] |= kFieldVlan;
}

void StoreRate(const Bytes& payload, VfTable* table, uint32_t row) {
  ifla_vf_rate rate;
  if (!ReadAt(payload, 0, &rate)) return;
  table->column(kColumnRateMin)[row] = rate.min_tx_rate;
  table->column(kColumnRateMax)[row] = rate.max_tx_rate;
  table->column(kColumnMask)[row] |= kFieldRateMin | kFieldRateMax;
}

void StoreGuid(const Bytes& payload, VfTable* table, uint64_t* column, uint32_t row, uint32_t field) {
  ifla_vf_guid guid;
  if (!ReadAt(payload, 0, &guid)) return;
  column[row] = guid.guid;
  table->column(kColumnMask)[row] |= field;
}

void StoreStats(const Bytes& payload, VfTable* table, uint32_t row) {
  // Place of each IFLA_VF_STATS_* in the table, or -1; type 6 is padding and type 0 is a counter.
  static constexpr int kCounter[] = {0, 1, 2, 3, 4, 5, -1, 6, 7};
  if (!table->has_stats()) return;
  AttributeReader nest(payload);
  Attribute counter;
  while (nest.Next(&counter)) {
    if (counter.type >= sizeof kCounter / sizeof *kCounter || kCounter[counter.type] < 0) continue;
    uint64_t value = 0;
    if (ReadAt(counter.payload, 0, &value)) {
      table->stats(static_cast<size_t>(kCounter[counter.type]))[row] = value;
    }
  }
  table->column(kColumnMask)[row] |= kFieldStats;
}

// Fills one row; false if the entry is malformed or does not say which VF it is.
bool DecodeEntry(Bytes entry, VfTable* table, uint32_t row) {
  AttributeReader attributes(entry);
  Attribute attribute;
  bool named = false;
  table->column(kColumnMask)[row] = 0;
  table->column(kColumnVlanProto)[row] = 0;
  while (attributes.Next(&attribute)) {
    const Bytes& payload = attribute.payload;
    switch (attribute.type) {
      case IFLA_VF_MAC:
        // The VF's number, not its place in the list: the kernel leaves out a VF that its driver does not
        // describe.
        named = payload.size >= 4 + ETH_ALEN && ReadAt(payload, 0, &table->column(kColumnVf)[row]);
        if (!named) return false;
        std::memcpy(table->mac(row), payload.data + 4, ETH_ALEN);
        table->column(kColumnMask)[row] |= kFieldMac;
        break;
      case IFLA_VF_BROADCAST:
        // The PF's own broadcast address, the same for each of its VFs.
        if (payload.size >= 32) std::memcpy(table->broadcast(), payload.data, 32);
        break;
      case IFLA_VF_VLAN:
        StoreVlan(payload, table, row);
        break;
      case IFLA_VF_VLAN_LIST:
        StoreVlanList(payload, table, row);
        break;
      case IFLA_VF_RATE:
        StoreRate(payload, table, row);
        break;
      case IFLA_VF_SPOOFCHK:
        StoreU32(payload, table, row, kColumnSpoofCheck, kFieldSpoofCheck, true);
        break;
      case IFLA_VF_LINK_STATE:
        StoreU32(payload, table, row, kColumnLinkState, kFieldLinkState, false);
        break;
      case IFLA_VF_RSS_QUERY_EN:
        StoreU32(payload, table, row, kColumnRssQuery, kFieldRssQuery, true);
        break;
      case IFLA_VF_TRUST:
        StoreU32(payload, table, row, kColumnTrust, kFieldTrust, true);
        break;
      case IFLA_VF_IB_NODE_GUID:
        StoreGuid(payload, table, table->node_guid(), row, kFieldNodeGuid);
        break;
      case IFLA_VF_IB_PORT_GUID:
        StoreGuid(payload, table, table->port_guid(), row, kFieldPortGuid);
        break;
      case IFLA_VF_STATS:
        StoreStats(payload, table, row);
        break;
      default:
        break;  // IFLA_VF_TX_RATE says again what IFLA_VF_RATE says; newer ones are none of ours
    }
  }
  return named && !attributes.malformed();
}

}  // namespace

bool FindVfList(Bytes payload, VfListHead* head) {
  *head = {};
  ifinfomsg info;
  if (!ReadAt(payload, 0, &info)) return false;
  head->ifindex = static_cast<uint32_t>(info.ifi_index);
  AttributeReader attributes({payload.data + sizeof info, payload.size - sizeof info});
  for (;;) {
    const Bytes at = attributes.rest();
    // The list may not be read through AttributeReader::Next: its length may have wrapped to anything.
    nlattr next;
    if (head->num_vf > 0 && !head->has_list && ReadAt(at, 0, &next) &&
        (next.nla_type & NLA_TYPE_MASK) == IFLA_VFINFO_LIST) {
      size_t bytes = 0;
      const Bytes entries{at.data + kAttributeHeader, at.size - kAttributeHeader};
      if (!WalkEntries(entries, next.nla_len, head->num_vf, &head->listed, &bytes)) return false;
      head->has_list = true;
      head->list = {entries.data, bytes};
      attributes.Skip(kAttributeHeader + bytes);
      continue;
    }
    Attribute attribute;
    if (!attributes.Next(&attribute)) return !attributes.malformed();
    // IFLA_NUM_VF always comes right before the list (rtnl_fill_vf).
    if (attribute.type == IFLA_NUM_VF && !ReadAt(attribute.payload, 0, &head->num_vf)) return false;
    if (attribute.type == IFLA_ADDRESS) head->address_length = static_cast<uint32_t>(attribute.payload.size);
    // With num_vf 0 the list is there and empty, which still says that the device is a PF.
    if (attribute.type == IFLA_VFINFO_LIST) head->has_list = true;
  }
}

bool DecodeVfList(const VfListHead& head, VfTable* table) {
  table->set_ifindex(head.ifindex);
  table->set_num_vf(head.num_vf);
  table->set_address_length(head.address_length);
  AttributeReader entries(head.list);
  Attribute entry;
  uint32_t row = 0;
  while (row < table->capacity() && entries.Next(&entry)) {
    if (!DecodeEntry(entry.payload, table, row)) return false;
    ++row;
  }
  table->set_rows(row);
  return !entries.malformed() && row == head.listed;
}

bool DecodeVfList(const VfListHead& head, bool stats, std::vector<uint64_t>* storage, VfTable* table) {
  const uint32_t capacity = EvenCapacity(head.listed);
  storage->assign((TableBytes(capacity, stats) + 7) / 8, 0);
  table->Format(reinterpret_cast<uint8_t*>(storage->data()), capacity, stats);
  return DecodeVfList(head, table);
}

}  // namespace sriov
