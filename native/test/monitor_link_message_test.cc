// ParseLinkMessage: a notification as Linux 6.1 sends it, what is no whole link, and malformed input.
#include "monitor/link_message.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cstdio>

#include "monitor_fakes.h"
#include "random.h"
#include "test.h"

namespace sriov {
namespace {

// The payload of the captured message.
std::vector<uint8_t> Captured() {
  std::vector<uint8_t> bytes;
  FILE* file = fopen(SRIOV_TEST_DIR "/monitor_newlink.hex", "r");
  EXPECT_TRUE(file != nullptr);
  if (file == nullptr) return bytes;
  char line[256];
  while (fgets(line, sizeof line, file) != nullptr) {
    unsigned byte = 0;
    for (const char* at = line; line[0] != '#' && sscanf(at, "%2x", &byte) == 1; at += 2) {
      bytes.push_back(static_cast<uint8_t>(byte));
    }
  }
  fclose(file);
  bytes.erase(bytes.begin(), bytes.begin() + NLMSG_HDRLEN);
  return bytes;
}

LinkMessage Parse(const std::vector<uint8_t>& payload, Link* link) {
  // A copy of just that size: the sanitizer sees a read past its end.
  const std::vector<uint8_t> exact(payload.begin(), payload.end());
  return ParseLinkMessage({exact.data(), exact.size()}, link);
}

std::vector<uint8_t> Payload(const FakeLink& link) {
  auto bytes = LinkBytes(RTM_NEWLINK, link);
  bytes.erase(bytes.begin(), bytes.begin() + NLMSG_HDRLEN);
  return bytes;
}

TEST(a_captured_notification_gives_the_link) {
  Link link;
  EXPECT_TRUE(Parse(Captured(), &link) == LinkMessage::kWhole);
  EXPECT_EQ(link.ifindex, 4u);
  EXPECT_EQ(link.name, std::string("eth2"));
  EXPECT_EQ(link.mtu, 1500u);
  EXPECT_EQ(link.flags, 0u);  // IFF_BROADCAST | IFF_NOARP are not kept
  EXPECT_EQ(link.operstate, 2);
  EXPECT_EQ(link.alias, std::string());
  EXPECT_EQ(link.parent, std::string("netdevsim5"));
  EXPECT_EQ(link.parent_bus, std::string("netdevsim"));
  EXPECT_EQ(link.address.size(), 6u);
  EXPECT_EQ(link.master, 0u);
}

TEST(a_captured_notification_cut_at_any_byte_is_never_taken_for_another_link) {
  const std::vector<uint8_t> whole = Captured();
  for (size_t size = 0; size < whole.size(); ++size) {
    Link link;
    const std::vector<uint8_t> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const LinkMessage what = Parse(cut, &link);
    // A cut between two attributes cannot be seen, but what is read then is as it was.
    if (what == LinkMessage::kWhole) EXPECT_TRUE(link.name == "eth2" && link.mtu == 1500);
    if (what == LinkMessage::kPartial) EXPECT_EQ(link.ifindex, 4u);
  }
}

TEST(a_notification_with_flipped_bytes_is_read_within_its_bounds) {
  const std::vector<uint8_t> whole = Captured();
  const uint64_t first = FirstSeed();
  for (uint64_t seed = first; seed < first + 20000; ++seed) {
    Random random(seed);
    std::vector<uint8_t> bytes = whole;
    for (uint32_t flips = 1 + random.Below(4); flips > 0; --flips) {
      bytes[random.Below(static_cast<uint32_t>(bytes.size()))] = static_cast<uint8_t>(random.Next());
    }
    Link link;
    const LinkMessage what = Parse(bytes, &link);
    if (what == LinkMessage::kWhole) EXPECT_TRUE(link.ifindex > 0 && link.address.size() <= 32);
  }
}

TEST(what_a_bridge_tells_of_its_ports_is_no_link) {
  std::vector<uint8_t> payload = Payload({7, "eth0", "", 1500});
  payload[0] = AF_BRIDGE;
  Link link;
  EXPECT_TRUE(Parse(payload, &link) == LinkMessage::kOther);
}

TEST(without_an_mtu_it_is_partial) {
  Wire wire;
  ifinfomsg info{};
  info.ifi_index = 7;
  wire.Raw(info);
  wire.Put(IFLA_IFNAME, "wlan0", 6);
  wire.Put(IFLA_WIRELESS, uint32_t{1});
  Link link;
  EXPECT_TRUE(Parse(wire.bytes, &link) == LinkMessage::kPartial);
  EXPECT_EQ(link.ifindex, 7u);
}

TEST(short_attributes_bad_nests_and_impossible_numbers_are_malformed) {
  const auto with = [](uint16_t type, const std::vector<uint8_t>& value) {
    Wire wire;
    wire.bytes = Payload({7, "eth0", "", 1500});
    wire.Put(type, value.data(), value.size());
    return wire.bytes;
  };
  Link link;
  EXPECT_TRUE(Parse(with(IFLA_MTU, {1, 2, 3}), &link) == LinkMessage::kMalformed);
  EXPECT_TRUE(Parse(with(IFLA_MASTER, {1}), &link) == LinkMessage::kMalformed);
  EXPECT_TRUE(Parse(with(IFLA_OPERSTATE, {}), &link) == LinkMessage::kMalformed);
  EXPECT_TRUE(Parse(with(IFLA_ADDRESS, std::vector<uint8_t>(33, 1)), &link) == LinkMessage::kMalformed);
  EXPECT_TRUE(Parse(with(IFLA_LINKINFO, {9, 0, 1, 0}), &link) == LinkMessage::kMalformed);
  EXPECT_TRUE(Parse(with(IFLA_LINKINFO, {1}), &link) == LinkMessage::kMalformed);
  EXPECT_TRUE(Parse(with(250, {1}), &link) == LinkMessage::kWhole);  // unknown
  for (const int ifindex : {0, -1}) {
    EXPECT_TRUE(Parse(Payload({ifindex, "eth0", "", 1500}), &link) == LinkMessage::kMalformed);
  }
}

TEST(texts_without_a_final_zero_and_hardware_addresses_of_any_length_are_kept) {
  for (const size_t length : {size_t{0}, size_t{4}, size_t{20}, size_t{32}}) {
    Wire wire;
    wire.bytes = Payload({7, "eth0", "", 1500});
    wire.Put(IFLA_IFALIAS, "four", 4);
    const std::vector<uint8_t> address(length, 0xab);
    wire.Put(IFLA_ADDRESS, address.data(), length);
    Link link;
    EXPECT_TRUE(Parse(wire.bytes, &link) == LinkMessage::kWhole);
    EXPECT_EQ(link.alias, std::string("four"));
    EXPECT_EQ(link.address.size(), length);
  }
}

}  // namespace
}  // namespace sriov
