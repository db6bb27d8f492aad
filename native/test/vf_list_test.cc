// The VF list as a whole: lengths that wrap, lists that are capped, messages that are cut or bent.
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "fake_link.h"
#include "rtnl/vf_decode.h"
#include "test.h"

namespace sriov {
namespace {

std::vector<uint8_t> Link(const LinkShape& shape) {
  Wire wire;
  AppendLink(&wire, 1, shape, DistinctVfs(shape.num_vf));
  std::vector<uint8_t> body(wire.bytes.begin() + NLMSG_HDRLEN, wire.bytes.end());
  body.shrink_to_fit();
  return body;
}

struct Outcome {
  VfListHead head;
  std::vector<uint64_t> storage;
  VfTable table;
  bool ok = false;
};

Outcome Decode(const std::vector<uint8_t>& body, bool stats) {
  Outcome o;
  o.ok = FindVfList({body.data(), body.size()}, &o.head) &&
         DecodeVfList(o.head, stats, &o.storage, &o.table);
  return o;
}

// The 16-bit length that the message gives to its list.
uint16_t ToldLength(const VfListHead& head) {
  uint16_t length;
  std::memcpy(&length, head.list.data - kAttributeHeader, sizeof length);
  return length;
}

TEST(lists_are_whole_on_both_sides_of_every_place_where_their_length_wraps) {
  for (const uint32_t count : {1u, 128u, 195u, 196u, 221u, 222u, 256u, 277u, 278u, 334u, 335u, 443u, 600u, 1024u}) {
    for (const bool stats : {false, true}) {
      for (const bool guids : {false, true}) {
        LinkShape shape;
        shape.num_vf = count;
        shape.stats = stats;
        shape.guids = guids;
        const auto body = Link(shape);
        const Outcome o = Decode(body, stats);
        EXPECT_TRUE(o.ok);
        EXPECT_EQ(o.head.listed, count);
        EXPECT_EQ(o.table.rows(), count);
        const size_t bytes = count * (196u + (stats ? 100 : 0) + (guids ? 40 : 0));
        EXPECT_EQ(o.head.list.size, bytes);
        EXPECT_EQ(size_t{ToldLength(o.head)}, (bytes + 4) & 0xffff);
        for (uint32_t vf = 0; o.ok && vf < count; ++vf) {
          if (o.table.vf(vf) != vf || o.table.column(kColumnRateMax)[vf] != 20000 + vf) {
            EXPECT_EQ(o.table.vf(vf), vf);
            EXPECT_EQ(o.table.column(kColumnRateMax)[vf], 20000 + vf);
          }
        }
      }
    }
  }
}

TEST(the_wrapped_lengths_are_those_seen_on_a_real_kernel) {
  LinkShape shape;  // 222 VFs with statistics: nla_len 180; 335 without: 128
  shape.num_vf = 222;
  shape.stats = true;
  EXPECT_EQ(ToldLength(Decode(Link(shape), true).head), 180);
  shape.num_vf = 335;
  shape.stats = false;
  EXPECT_EQ(ToldLength(Decode(Link(shape), false).head), 128);
}

TEST(what_follows_a_wrapped_list_does_not_end_up_in_it) {
  LinkShape shape;
  shape.num_vf = 335;
  const auto body = Link(shape);
  const Outcome o = Decode(body, false);
  EXPECT_TRUE(o.ok);
  EXPECT_EQ(o.head.address_length, 6u);  // entries spilt to the top level would look like IFLA_ADDRESS
}

TEST(a_capped_list_says_how_many_are_missing) {
  for (const bool stats : {false, true}) {
    LinkShape shape;
    shape.num_vf = 1024;
    shape.capped = true;
    shape.stats = stats;
    const Outcome o = Decode(Link(shape), stats);
    EXPECT_TRUE(o.ok);
    EXPECT_EQ(o.head.num_vf, 1024u);
    EXPECT_EQ(o.head.listed, stats ? 128u : 256u);
    EXPECT_EQ(o.table.rows(), o.head.listed);
    EXPECT_EQ(o.table.num_vf(), 1024u);
  }
}

TEST(vfs_left_out_of_a_wrapped_list_leave_the_others_as_they_are) {
  LinkShape shape;
  shape.num_vf = 700;
  shape.left_out.resize(700, false);
  for (uint32_t vf = 0; vf < 700; vf += 50) shape.left_out[vf] = true;
  const Outcome o = Decode(Link(shape), false);
  EXPECT_TRUE(o.ok);
  EXPECT_EQ(o.head.listed, 686u);
  for (uint32_t row = 0; row < o.table.rows(); ++row) EXPECT_TRUE(o.table.vf(row) % 50 != 0);
}

TEST(a_message_cut_at_any_byte_is_refused_or_known_to_be_incomplete) {
  for (const uint32_t count : {3u, 335u}) {
    LinkShape shape;
    shape.num_vf = count;
    shape.guids = count == 3;
    const auto whole = Link(shape);
    // Of the long one, all ends around its wrap and its real end.
    for (size_t size = 0; size < whole.size(); ++size) {
      if (count > 3 && size > 600 && size + 600 < whole.size() && size % 97 != 0) continue;
      std::vector<uint8_t> cut(whole.begin(), whole.begin() + static_cast<long>(size));
      cut.shrink_to_fit();
      const Outcome o = Decode(cut, false);
      const bool complete = o.ok && o.head.has_list && o.head.listed == o.head.num_vf;
      // Beyond the list there is IFLA_AF_SPEC alone, 16 bytes.
      if (complete) EXPECT_TRUE(size + 16 >= whole.size());
    }
  }
}

TEST(a_list_that_is_not_as_long_as_its_length_allows_is_refused) {
  LinkShape shape;
  shape.num_vf = 10;
  for (const int change : {4, -4, 196, -196, 0x1000}) {
    auto body = Link(shape);
    VfListHead head;
    EXPECT_TRUE(FindVfList({body.data(), body.size()}, &head));
    uint8_t* length_at = body.data() + (head.list.data - body.data()) - kAttributeHeader;
    uint16_t length = ToldLength(head);
    length = static_cast<uint16_t>(length + change);
    std::memcpy(length_at, &length, sizeof length);
    EXPECT_TRUE(!FindVfList({body.data(), body.size()}, &head));
  }
}

TEST(every_single_byte_may_be_anything_without_a_read_past_the_end) {
  LinkShape shape;
  shape.num_vf = 2;
  shape.guids = true;
  shape.stats = true;
  const auto good = Link(shape);
  for (size_t at = 0; at < good.size(); ++at) {
    for (const int value : {0x00, 0x01, 0x04, 0x7f, 0x80, 0xff}) {
      std::vector<uint8_t> bent = good;
      bent[at] = static_cast<uint8_t>(value);
      bent.shrink_to_fit();
      const Outcome o = Decode(bent, true);
      if (o.ok) EXPECT_TRUE(o.table.rows() == o.head.listed && o.head.listed <= o.head.num_vf);
    }
  }
}

TEST(a_count_of_vfs_far_beyond_the_list_costs_nothing) {
  LinkShape shape;
  shape.num_vf = 3;
  auto body = Link(shape);
  VfListHead head;
  EXPECT_TRUE(FindVfList({body.data(), body.size()}, &head));
  const uint32_t many = 0xffffffff;
  std::memcpy(body.data() + (head.list.data - body.data()) - kAttributeHeader - 4, &many, sizeof many);
  const Outcome o = Decode(body, false);
  EXPECT_TRUE(o.ok);
  EXPECT_EQ(o.head.num_vf, many);
  EXPECT_EQ(o.table.rows(), 3u);
  EXPECT_EQ(o.storage.size() * 8, TableBytes(4, false));
}

}  // namespace
}  // namespace sriov
