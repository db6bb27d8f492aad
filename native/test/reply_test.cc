// ReplyReader: acknowledgements, errors and their texts, as netlink_ack lays them out.
#include "netlink/reply.h"

#include <linux/rtnetlink.h>

#include <cerrno>

#include "test.h"
#include "wire.h"

namespace sriov {
namespace {

// An NLMSG_ERROR. `echo` bytes of request follow the header in it, none if capped.
std::vector<uint8_t> Error(int error, uint16_t flags, size_t echo, const char* text, uint32_t seq = 5) {
  Wire wire;
  const size_t message = wire.Begin(NLMSG_ERROR, flags, seq);
  wire.Raw(int32_t{error});
  wire.Raw(nlmsghdr{static_cast<uint32_t>(NLMSG_HDRLEN + echo), RTM_SETLINK, 1, seq, 0});
  if ((flags & NLM_F_CAPPED) == 0) wire.bytes.resize(wire.bytes.size() + NLMSG_ALIGN(echo), 0x5a);
  if (text != nullptr) {
    wire.Put(NLMSGERR_ATTR_OFFS, uint32_t{40});
    wire.Put(NLMSGERR_ATTR_MSG, text, std::strlen(text) + 1);
  }
  wire.EndMessage(message);
  return wire.bytes;
}

TEST(an_acknowledgement_has_error_0_and_its_sequence_number) {
  const auto bytes = Error(0, NLM_F_CAPPED, 0, nullptr, 0xfffffff0);
  ReplyReader reader({bytes.data(), bytes.size()});
  Reply reply;
  EXPECT_TRUE(reader.Next(&reply));
  EXPECT_TRUE(reply.is_ack());
  EXPECT_EQ(reply.error, 0);
  EXPECT_EQ(reply.seq, 0xfffffff0u);
  EXPECT_EQ(reply.extended_ack, std::string());
  EXPECT_TRUE(!reader.Next(&reply) && !reader.malformed());
}

TEST(an_errno_comes_out_positive_and_with_its_text_capped_or_not) {
  for (const size_t echo : {size_t{0}, size_t{1}, size_t{16}, size_t{61003}}) {
    for (const uint16_t capped : {uint16_t{0}, uint16_t{NLM_F_CAPPED}}) {
      const auto bytes = Error(-EPERM, NLM_F_ACK_TLVS | capped, echo, "not you");
      ReplyReader reader({bytes.data(), bytes.size()});
      Reply reply;
      EXPECT_TRUE(reader.Next(&reply));
      EXPECT_EQ(reply.error, EPERM);
      EXPECT_EQ(reply.extended_ack, std::string("not you"));
    }
  }
}

TEST(without_the_flag_that_says_so_no_text_is_looked_for) {
  const auto bytes = Error(-EINVAL, NLM_F_CAPPED, 0, "rubbish");
  ReplyReader reader({bytes.data(), bytes.size()});
  Reply reply;
  EXPECT_TRUE(reader.Next(&reply));
  EXPECT_EQ(reply.extended_ack, std::string());
}

TEST(a_text_without_a_final_zero_ends_with_its_attribute) {
  Wire wire;
  const size_t message = wire.Begin(NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS, 5);
  wire.Raw(int32_t{-EINVAL});
  wire.Raw(nlmsghdr{16, RTM_SETLINK, 1, 5, 0});
  wire.Put(NLMSGERR_ATTR_MSG, "four", 4);
  wire.EndMessage(message);
  ReplyReader reader({wire.bytes.data(), wire.bytes.size()});
  Reply reply;
  EXPECT_TRUE(reader.Next(&reply));
  EXPECT_EQ(reply.extended_ack, std::string("four"));
}

TEST(an_echo_that_claims_more_than_is_there_gives_no_text) {
  for (const uint32_t claimed : {64u, 0xffffu, 0x7fffffffu, 0xfffffffcu, 0xffffffffu}) {
    auto bytes = Error(-EINVAL, NLM_F_ACK_TLVS, 8, "text");
    std::memcpy(bytes.data() + NLMSG_HDRLEN + 4, &claimed, sizeof claimed);
    ReplyReader reader({bytes.data(), bytes.size()});
    Reply reply;
    EXPECT_TRUE(reader.Next(&reply));
    EXPECT_EQ(reply.error, EINVAL);
    EXPECT_EQ(reply.extended_ack, std::string());
  }
}

TEST(an_error_that_is_no_errno_is_malformed) {
  for (const int error : {1, 4096, -4096, 0x7fffffff, -0x7fffffff - 1}) {
    const auto bytes = Error(error, NLM_F_CAPPED, 0, nullptr);
    ReplyReader reader({bytes.data(), bytes.size()});
    Reply reply;
    EXPECT_TRUE(!reader.Next(&reply));
    EXPECT_TRUE(reader.malformed());
  }
}

TEST(several_messages_of_one_datagram_come_one_by_one) {
  auto bytes = Error(-EBUSY, NLM_F_CAPPED, 0, nullptr, 1);
  const auto second = Error(0, NLM_F_CAPPED, 0, nullptr, 2);
  bytes.insert(bytes.end(), second.begin(), second.end());
  ReplyReader reader({bytes.data(), bytes.size()});
  Reply reply;
  EXPECT_TRUE(reader.Next(&reply) && reply.seq == 1 && reply.error == EBUSY);
  EXPECT_TRUE(reader.Next(&reply) && reply.seq == 2 && reply.error == 0);
  EXPECT_TRUE(!reader.Next(&reply) && !reader.malformed());
}

TEST(a_datagram_cut_short_at_any_byte_is_malformed) {
  const auto bytes = Error(-EINVAL, NLM_F_ACK_TLVS | NLM_F_CAPPED, 0, "a text of some length");
  for (size_t size = 1; size < bytes.size(); ++size) {
    const std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<long>(size));
    ReplyReader reader({cut.data(), cut.size()});
    Reply reply;
    EXPECT_TRUE(!reader.Next(&reply));
    EXPECT_TRUE(reader.malformed());
  }
}

TEST(a_message_length_below_the_header_or_beyond_the_end_is_malformed) {
  for (const uint32_t length : {0u, 1u, 15u, 37u, 0x80000000u, 0xffffffffu}) {
    auto bytes = Error(0, NLM_F_CAPPED, 0, nullptr);
    std::memcpy(bytes.data(), &length, sizeof length);
    ReplyReader reader({bytes.data(), bytes.size()});
    Reply reply;
    EXPECT_TRUE(!reader.Next(&reply));
    EXPECT_TRUE(reader.malformed());
  }
  // An NLMSG_ERROR that has no room for its error.
  for (const uint32_t length : {16u, 19u}) {
    auto bytes = Error(0, NLM_F_CAPPED, 0, nullptr);
    std::memcpy(bytes.data(), &length, sizeof length);
    ReplyReader reader({bytes.data(), bytes.size()});
    Reply reply;
    EXPECT_TRUE(!reader.Next(&reply));
    EXPECT_TRUE(reader.malformed());
  }
}

}  // namespace
}  // namespace sriov
