// MessageWriter and AttributeReader: what is written can be read, and nothing is read past its end.
#include "netlink/attribute.h"

#include "netlink/writer.h"
#include "test.h"
#include "wire.h"

namespace sriov {
namespace {

// A copy of exactly these bytes on the heap, so that AddressSanitizer sees a read past the end.
struct Exact {
  explicit Exact(const std::vector<uint8_t>& from, size_t size) : bytes(from.begin(), from.begin() + size) {
    bytes.shrink_to_fit();
  }
  Bytes view() const { return {bytes.data(), bytes.size()}; }
  std::vector<uint8_t> bytes;
};

uint16_t LengthAt(const uint8_t* at) {
  uint16_t length;
  std::memcpy(&length, at, sizeof length);
  return length;
}

TEST(what_is_written_is_read_back_in_order) {
  std::vector<uint8_t> buffer;
  MessageWriter writer(&buffer);
  writer.Begin(16, 1, 77);
  writer.PutU32(3, 0x01020304);
  const size_t nest = writer.OpenNest(22);
  writer.Put(9, "abcde", 5);
  writer.PutU32(10, 6);
  EXPECT_TRUE(writer.CloseNest(nest));
  writer.End();

  nlmsghdr header;
  EXPECT_TRUE(ReadAt(Bytes{writer.data(), writer.size()}, 0, &header));
  EXPECT_EQ(header.nlmsg_len, writer.size());
  EXPECT_EQ(header.nlmsg_type, 16);
  EXPECT_EQ(header.nlmsg_seq, 77u);
  AttributeReader outer({writer.data() + NLMSG_HDRLEN, writer.size() - NLMSG_HDRLEN});
  Attribute attribute;
  uint32_t value = 0;
  EXPECT_TRUE(outer.Next(&attribute) && attribute.type == 3 && ReadAt(attribute.payload, 0, &value));
  EXPECT_EQ(value, 0x01020304u);
  EXPECT_TRUE(outer.Next(&attribute) && attribute.type == 22);
  AttributeReader inner(attribute.payload);
  EXPECT_TRUE(inner.Next(&attribute) && attribute.type == 9);
  EXPECT_EQ(attribute.payload.size, 5u);  // the padding is not the payload
  EXPECT_TRUE(inner.Next(&attribute) && attribute.type == 10);
  EXPECT_TRUE(!inner.Next(&attribute) && !inner.malformed());
  EXPECT_TRUE(!outer.Next(&attribute) && !outer.malformed());
}

TEST(padding_is_zero_even_in_a_buffer_that_was_used_before) {
  std::vector<uint8_t> buffer(64, 0xaa);
  MessageWriter writer(&buffer);
  writer.Put(9, "abcde", 5);
  EXPECT_EQ(writer.size(), 12u);
  EXPECT_EQ(LengthAt(writer.data()), 9);
  for (size_t i = 9; i < 12; ++i) EXPECT_EQ(writer.data()[i], 0);
}

TEST(a_nest_closes_up_to_65535_bytes_and_not_beyond) {
  for (const size_t inner : {size_t{65528}, size_t{65532}}) {
    std::vector<uint8_t> buffer;
    MessageWriter writer(&buffer);
    const size_t nest = writer.OpenNest(22);
    uint8_t* at = writer.Reserve(inner);
    std::memset(at, 0, inner);
    writer.Commit(at + inner);
    EXPECT_EQ(writer.CloseNest(nest), inner + 4 <= kMaxAttributeBytes);
    if (inner == 65528) EXPECT_EQ(LengthAt(writer.data()), 65532);
  }
}

TEST(flags_and_lengths_of_the_message_begun_last_change_and_those_before_do_not) {
  std::vector<uint8_t> buffer;
  MessageWriter writer(&buffer);
  writer.Begin(16, 1, 1);
  writer.End();
  writer.Begin(16, 1, 2);
  writer.PutU32(3, 4);
  writer.AddFlags(NLM_F_ACK);
  writer.End();
  nlmsghdr first;
  nlmsghdr second;
  EXPECT_TRUE(ReadAt(Bytes{writer.data(), writer.size()}, 0, &first));
  EXPECT_TRUE(ReadAt(Bytes{writer.data(), writer.size()}, first.nlmsg_len, &second));
  EXPECT_EQ(first.nlmsg_len, 16u);
  EXPECT_EQ(first.nlmsg_flags, 1);
  EXPECT_EQ(second.nlmsg_len, 24u);
  EXPECT_EQ(second.nlmsg_flags, 1 | NLM_F_ACK);
}

TEST(type_flags_are_masked_off) {
  Wire wire;
  wire.Put(NLA_F_NESTED | NLA_F_NET_BYTEORDER | 62, uint32_t{1});
  AttributeReader reader({wire.bytes.data(), wire.bytes.size()});
  Attribute attribute;
  EXPECT_TRUE(reader.Next(&attribute));
  EXPECT_EQ(attribute.type, 62);
}

TEST(an_attribute_cut_short_at_any_byte_is_malformed_and_not_given) {
  Wire wire;
  wire.Put(1, uint32_t{7});
  wire.Put(2, "abcdef", 6);
  const size_t ends[] = {0, 8, 18, 20};  // an end at 18 lacks padding alone, which the last one may
  for (size_t size = 0; size <= wire.bytes.size(); ++size) {
    const Exact cut(wire.bytes, size);
    AttributeReader reader(cut.view());
    Attribute attribute;
    size_t count = 0;
    while (reader.Next(&attribute)) ++count;
    EXPECT_EQ(count, size < 8 ? 0u : size < 18 ? 1u : 2u);
    const bool whole = size == ends[0] || size == ends[1] || size >= ends[2];
    EXPECT_EQ(reader.malformed(), !whole);
  }
}

TEST(a_length_below_the_header_or_beyond_the_end_is_malformed_and_ends_the_walk) {
  for (const uint16_t length : {0, 1, 3, 9, 0x7fff, 0xffff}) {
    Wire wire;
    wire.Put(1, uint32_t{7});
    std::memcpy(wire.bytes.data(), &length, sizeof length);
    const Exact exact(wire.bytes, wire.bytes.size());
    AttributeReader reader(exact.view());
    Attribute attribute;
    EXPECT_TRUE(!reader.Next(&attribute));
    EXPECT_TRUE(reader.malformed());
  }
}

TEST(skip_and_read_at_never_pass_the_end) {
  const std::vector<uint8_t> bytes(6, 1);
  AttributeReader reader({bytes.data(), bytes.size()});
  reader.Skip(100);
  EXPECT_EQ(reader.rest().size, 0u);
  uint32_t value = 9;
  const Bytes view{bytes.data(), bytes.size()};
  EXPECT_TRUE(!ReadAt(view, 3, &value) && !ReadAt(view, 7, &value) && !ReadAt(view, ~size_t{0}, &value));
  EXPECT_EQ(value, 9u);
  EXPECT_TRUE(ReadAt(view, 2, &value));
}

}  // namespace
}  // namespace sriov
