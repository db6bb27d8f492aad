// Every settable IFLA_VF_* attribute, byte for byte.
#include "rtnl/vf_encode.h"

#include <linux/if_link.h>
#include <linux/netlink.h>

#include "rtnl/span.h"
#include "test.h"
#include "vf_values.h"

namespace sriov {
namespace {

std::string Hex(const uint8_t* data, size_t size) {
  std::string text;
  char digits[4];
  for (size_t i = 0; i < size; ++i) {
    std::snprintf(digits, sizeof digits, "%02x", data[i]);
    text += digits;
    if (i % 4 == 3) text += ' ';
  }
  if (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

// Little endian, as every machine that this runs on today.
std::string Encode(uint32_t vf, uint32_t fields, const VfValues& values, Settings which) {
  VfRows rows(2);
  rows.Add(vf, fields, values);
  std::vector<uint8_t> out(kMaxVfInfoBytes, 0xcc);
  const uint8_t* end = VfEncoder(rows.table()).Encode(0, which, out.data());
  return Hex(out.data(), static_cast<size_t>(end - out.data()));
}

std::string Encode(uint32_t vf, uint32_t fields, const VfValues& values) {
  return Encode(vf, fields, values, SettingsOfFields(fields));
}

VfValues Some() {
  VfValues v = Distinct(0);
  v.mac = {0x02, 0x11, 0x22, 0x33, 0x44, 0x55};
  v.vlan_id = 0x0abc;
  v.vlan_qos = 5;
  v.vlan_proto = 0x8100;
  v.rate_min = 0x01020304;
  v.rate_max = 0x05060708;
  v.link_state = 2;
  v.node_guid = 0x1122334455667788;
  v.port_guid = 0x99aabbccddeeff00;
  return v;
}

TEST(a_mac_is_36_bytes_with_zeros_behind_the_address) {
  EXPECT_EQ(Encode(0x102, kFieldMac, Some()),
            std::string("2c000100 28000100 02010000 02112233 44550000 00000000 00000000 00000000 "
                        "00000000 00000000 00000000"));
}

TEST(a_vlan_of_802_1q_is_12_bytes) {
  EXPECT_EQ(Encode(3, kFieldVlan, Some()),
            std::string("14000100 10000200 03000000 bc0a0000 05000000"));
}

TEST(a_vlan_without_a_protocol_is_802_1q) {
  VfValues v = Some();
  v.vlan_proto = 0;
  EXPECT_EQ(Encode(3, kFieldVlan, v), Encode(3, kFieldVlan, Some()));
}

TEST(a_vlan_of_802_1ad_is_a_list_of_one_with_16_bytes_and_the_protocol_in_network_order) {
  VfValues v = Some();
  v.vlan_proto = 0x88a8;
  EXPECT_EQ(Encode(3, kFieldVlan, v),
            std::string("1c000100 18000c00 14000100 03000000 bc0a0000 05000000 88a80000"));
}

TEST(both_rates_are_12_bytes_minimum_first) {
  EXPECT_EQ(Encode(3, kFieldRateMin | kFieldRateMax, Some()),
            std::string("14000100 10000600 03000000 04030201 08070605"));
}

TEST(a_maximum_alone_is_a_tx_rate_of_8_bytes) {
  EXPECT_EQ(Encode(3, kFieldRateMax, Some()), std::string("10000100 0c000300 03000000 08070605"));
}

TEST(a_minimum_alone_takes_along_the_maximum_that_was_filled_in) {
  VfRows rows(2);
  rows.Add(3, kFieldRateMin, Some());
  rows.table().column(kColumnRateMax)[0] = 0x0a;
  uint8_t out[kMaxVfInfoBytes];
  const uint8_t* end = VfEncoder(rows.table()).Encode(0, Bit(kSetRate), out);
  EXPECT_EQ(Hex(out, static_cast<size_t>(end - out)),
            std::string("14000100 10000600 03000000 04030201 0a000000"));
}

TEST(the_four_switches_are_8_bytes_each) {
  EXPECT_EQ(Encode(3, kFieldSpoofCheck, Some()), std::string("10000100 0c000400 03000000 01000000"));
  EXPECT_EQ(Encode(3, kFieldLinkState, Some()), std::string("10000100 0c000500 03000000 02000000"));
  EXPECT_EQ(Encode(3, kFieldRssQuery, Some()), std::string("10000100 0c000700 03000000 01000000"));
  EXPECT_EQ(Encode(3, kFieldTrust, Some()), std::string("10000100 0c000900 03000000 01000000"));
}

TEST(a_guid_is_16_bytes_in_host_order_after_4_bytes_of_zero_padding) {
  EXPECT_EQ(Encode(3, kFieldNodeGuid, Some()),
            std::string("18000100 14000a00 03000000 00000000 88776655 44332211"));
  EXPECT_EQ(Encode(3, kFieldPortGuid, Some()),
            std::string("18000100 14000b00 03000000 00000000 00ffeedd ccbbaa99"));
}

TEST(two_guids_go_into_two_entries) {
  EXPECT_EQ(Encode(3, kFieldNodeGuid | kFieldPortGuid, Some()),
            std::string("18000100 14000a00 03000000 00000000 88776655 44332211 "
                        "18000100 14000b00 03000000 00000000 00ffeedd ccbbaa99"));
}

TEST(a_row_with_everything_takes_exactly_the_most_bytes_that_a_row_can) {
  VfValues v = Some();
  v.vlan_proto = 0x88a8;
  VfRows rows(2);
  rows.Add(3, kEverySettableField, v);
  uint8_t out[kMaxVfInfoBytes];
  const uint8_t* end = VfEncoder(rows.table()).Encode(0, kAllSettings, out);
  EXPECT_EQ(static_cast<size_t>(end - out), kMaxVfInfoBytes);
  uint16_t length;
  std::memcpy(&length, out, sizeof length);
  EXPECT_EQ(length, kMaxVfInfoBytes - 24);
}

TEST(seven_attributes_of_a_vf_take_124_bytes) {
  const uint32_t seven = kFieldMac | kFieldVlan | kFieldRateMin | kFieldRateMax | kFieldSpoofCheck |
                         kFieldLinkState | kFieldRssQuery | kFieldTrust;
  EXPECT_EQ(Encode(1, seven, Some()).size(), 124u * 9 / 4 - 1);
}

TEST(only_what_is_asked_for_is_written_whatever_the_row_claims) {
  EXPECT_EQ(Encode(3, kEverySettableField, Some(), Bit(kSetTrust)),
            std::string("10000100 0c000900 03000000 01000000"));
}

}  // namespace
}  // namespace sriov
