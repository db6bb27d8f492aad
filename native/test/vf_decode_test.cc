// Every IFLA_VF_* attribute that can be read, out of messages as the kernel writes them.
#include "rtnl/vf_decode.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "fake_link.h"
#include "test.h"

namespace sriov {
namespace {

// Decodes a whole RTM_NEWLINK, copied so that AddressSanitizer sees a read past its end.
struct Decoded {
  explicit Decoded(const Wire& wire, bool stats = false)
      : bytes(wire.bytes.begin() + NLMSG_HDRLEN, wire.bytes.end()) {
    bytes.shrink_to_fit();
    found = FindVfList({bytes.data(), bytes.size()}, &head);
    ok = found && DecodeVfList(head, stats, &storage, &table);
  }
  std::vector<uint8_t> bytes;
  std::vector<uint64_t> storage;
  VfListHead head;
  VfTable table;
  bool found = false;
  bool ok = false;
};

VfValues RowOfTable(const VfTable& t, uint32_t row) {
  VfValues v;
  std::memcpy(v.mac.data(), t.mac(row), 6);
  v.vlan_id = t.column(kColumnVlanId)[row];
  v.vlan_qos = t.column(kColumnVlanQos)[row];
  v.vlan_proto = t.column(kColumnVlanProto)[row];
  v.rate_min = t.column(kColumnRateMin)[row];
  v.rate_max = t.column(kColumnRateMax)[row];
  v.spoof_check = t.column(kColumnSpoofCheck)[row];
  v.link_state = t.column(kColumnLinkState)[row];
  v.rss_query = t.column(kColumnRssQuery)[row];
  v.trust = t.column(kColumnTrust)[row];
  v.node_guid = t.node_guid()[row];
  v.port_guid = t.port_guid()[row];
  return v;
}

TEST(every_attribute_of_every_vf_is_read) {
  LinkShape shape;
  shape.num_vf = 5;
  shape.guids = true;
  shape.stats = true;
  const auto vfs = DistinctVfs(5);
  Wire wire;
  AppendLink(&wire, 1, shape, vfs);
  Decoded d(wire, true);
  EXPECT_TRUE(d.ok);
  EXPECT_EQ(d.head.ifindex, 7u);
  EXPECT_EQ(d.head.address_length, 20u);
  EXPECT_EQ(d.table.num_vf(), 5u);
  EXPECT_EQ(d.table.rows(), 5u);
  for (uint32_t row = 0; row < d.table.rows(); ++row) {
    EXPECT_EQ(d.table.vf(row), row);
    EXPECT_EQ(d.table.mask(row), kEverySettableField | kFieldStats);
    EXPECT_EQ(DifferentFields(RowOfTable(d.table, row), vfs[row]), 0u);
    for (uint32_t i = 0; i < kStatsCounters; ++i) EXPECT_EQ(d.table.stats(i)[row], FakeCounter(row, i));
  }
  EXPECT_EQ(d.table.broadcast()[0], 0xff);
  EXPECT_EQ(d.table.broadcast()[5], 0xff);
  EXPECT_EQ(d.table.broadcast()[6], 0);
}

TEST(statistics_that_a_table_has_no_room_for_are_passed_over) {
  LinkShape shape;
  shape.num_vf = 2;
  shape.stats = true;
  Wire wire;
  AppendLink(&wire, 1, shape, DistinctVfs(2));
  Decoded d(wire, false);
  EXPECT_TRUE(d.ok);
  EXPECT_EQ(d.table.mask(1) & kFieldStats, 0u);
}

TEST(a_switch_that_reads_as_minus_one_is_absent) {
  LinkShape shape;
  shape.num_vf = 1;
  shape.unreported = Bit(kSetSpoofCheck) | Bit(kSetRssQuery) | Bit(kSetTrust);
  Wire wire;
  AppendLink(&wire, 1, shape, DistinctVfs(1));
  Decoded d(wire);
  EXPECT_TRUE(d.ok);
  EXPECT_EQ(d.table.mask(0), kFieldMac | kFieldVlan | kFieldRateMin | kFieldRateMax | kFieldLinkState);
}

TEST(what_an_old_kernel_does_not_tell_is_absent) {
  LinkShape shape;
  shape.num_vf = 1;
  shape.unreported = Bit(kSetVlan) | Bit(kSetRate) | Bit(kSetLinkState);
  Wire wire;
  AppendLink(&wire, 1, shape, DistinctVfs(1));
  Decoded d(wire);
  EXPECT_TRUE(d.ok);
  EXPECT_EQ(d.table.mask(0), kFieldMac | kFieldSpoofCheck | kFieldRssQuery | kFieldTrust);
}

TEST(the_number_of_a_vf_comes_from_its_entry_and_not_from_its_place) {
  LinkShape shape;
  shape.num_vf = 6;
  shape.left_out = {true, false, true, false, false, true};
  const auto vfs = DistinctVfs(6);
  Wire wire;
  AppendLink(&wire, 1, shape, vfs);
  Decoded d(wire);
  EXPECT_TRUE(d.ok);
  EXPECT_EQ(d.head.num_vf, 6u);
  EXPECT_EQ(d.head.listed, 3u);
  const uint32_t expected[] = {1, 3, 4};
  for (uint32_t row = 0; row < 3; ++row) {
    EXPECT_EQ(d.table.vf(row), expected[row]);
    EXPECT_EQ(d.table.mac(row)[4], expected[row]);
  }
  EXPECT_EQ(VfIndex(d.table).Find(3), 1);
  EXPECT_EQ(VfIndex(d.table).Find(2), -1);
}

TEST(a_vlan_without_a_list_has_no_protocol_and_with_one_has_it) {
  Wire entry;
  const size_t message = entry.Begin(16, 0, 1);
  entry.Raw(ifinfomsg{});
  entry.Put(IFLA_NUM_VF, uint32_t{1});
  const size_t list = entry.Nest(IFLA_VFINFO_LIST);
  const size_t info = entry.Nest(IFLA_VF_INFO);
  entry.Put(IFLA_VF_MAC, ifla_vf_mac{});
  entry.Put(IFLA_VF_VLAN, ifla_vf_vlan{0, 12, 3});
  entry.EndNest(info);
  entry.EndNest(list);
  entry.EndMessage(message);
  Decoded d(entry);
  EXPECT_TRUE(d.ok);
  EXPECT_EQ(d.table.column(kColumnVlanId)[0], 12u);
  EXPECT_EQ(d.table.column(kColumnVlanQos)[0], 3u);
  EXPECT_EQ(d.table.column(kColumnVlanProto)[0], 0u);
}

TEST(unknown_attributes_and_short_ones_are_passed_over) {
  Wire entry;
  const size_t message = entry.Begin(16, 0, 1);
  entry.Raw(ifinfomsg{});
  entry.Put(IFLA_NUM_VF, uint32_t{1});
  const size_t list = entry.Nest(IFLA_VFINFO_LIST);
  const size_t info = entry.Nest(IFLA_VF_INFO);
  entry.Put(IFLA_VF_MAC, ifla_vf_mac{});
  entry.Put(IFLA_VF_VLAN, uint32_t{0});
  entry.Put(IFLA_VF_RATE, uint32_t{0});
  entry.Put(IFLA_VF_TRUST, uint32_t{0});
  entry.Put(IFLA_VF_IB_NODE_GUID, uint32_t{0});
  entry.Put(IFLA_VF_VLAN_LIST, uint32_t{0});
  entry.Put(99, uint32_t{0});
  entry.EndNest(info);
  entry.EndNest(list);
  entry.EndMessage(message);
  Decoded d(entry);
  EXPECT_TRUE(d.ok);
  EXPECT_EQ(d.table.mask(0), kFieldMac);
}

TEST(a_pf_without_vfs_has_a_list_and_a_device_without_vf_operations_has_none) {
  LinkShape shape;
  Wire empty;
  AppendLink(&empty, 1, shape, {});
  Decoded d(empty);
  EXPECT_TRUE(d.ok && d.head.has_list);
  EXPECT_EQ(d.table.rows(), 0u);
  shape.num_vf = 4;
  shape.vf_operations = false;
  Wire representor;
  AppendLink(&representor, 1, shape, {});
  Decoded r(representor);
  EXPECT_TRUE(r.ok && !r.head.has_list);
  EXPECT_EQ(r.head.num_vf, 4u);
  EXPECT_EQ(r.head.listed, 0u);
}

}  // namespace
}  // namespace sriov
