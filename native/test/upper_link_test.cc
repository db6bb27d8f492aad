// upper_link.h: what the three requests are on the wire, and what is made of the answers.
#include "rtnl/upper_link.h"

#include <linux/rtnetlink.h>
#include <net/if.h>

#include "fake_kernel.h"
#include "test.h"
#include "wire.h"

namespace sriov {
namespace {

// Keeps what is sent and says yes.
class Recorder final : public Channel {
 public:
  int Send(const uint8_t* data, size_t size) override {
    sent.assign(data, data + size);
    nlmsghdr header;
    std::memcpy(&header, data, sizeof header);
    Wire wire;
    const size_t message = wire.Begin(NLMSG_ERROR, NLM_F_CAPPED, header.nlmsg_seq);
    wire.Raw(int32_t{0});
    wire.Raw(header);
    wire.EndMessage(message);
    answer = wire.bytes;
    return 0;
  }
  int Receive(std::vector<uint8_t>* buffer, size_t* size) override {
    if (answer.empty()) return EAGAIN;
    *buffer = answer;
    *size = answer.size();
    answer.clear();
    return 0;
  }
  size_t max_send() const override { return 65536; }
  size_t max_unread() const override { return 1; }

  nlmsghdr header() const {
    nlmsghdr header{};
    (void)ReadAt({sent.data(), sent.size()}, 0, &header);
    return header;
  }
  ifinfomsg info() const {
    ifinfomsg info{};
    (void)ReadAt({sent.data(), sent.size()}, NLMSG_HDRLEN, &info);
    return info;
  }
  Bytes attributes() const {
    constexpr size_t kSkip = NLMSG_HDRLEN + sizeof(ifinfomsg);
    return {sent.data() + kSkip, sent.size() - kSkip};
  }

  std::vector<uint8_t> sent;
  std::vector<uint8_t> answer;
};

std::vector<uint8_t> Find(Bytes nest, uint16_t type) {
  AttributeReader reader(nest);
  Attribute attribute;
  while (reader.Next(&attribute)) {
    if (attribute.type == type) return {attribute.payload.data, attribute.payload.data + attribute.payload.size};
  }
  return {};
}

std::string TextOf(const std::vector<uint8_t>& bytes) { return std::string(bytes.begin(), bytes.end()); }

uint32_t NumberOf(const std::vector<uint8_t>& bytes) {
  uint32_t number = 0;
  (void)ReadAt({bytes.data(), bytes.size()}, 0, &number);
  return number;
}

TEST(a_macvtap_link_is_asked_for_in_passthru_mode_and_never_taken_over) {
  Recorder recorder;
  const LinkOutcome outcome = MakeMacvtap(&recorder, 41, "no-such-link-00");
  EXPECT_EQ(recorder.header().nlmsg_type, RTM_NEWLINK);
  EXPECT_EQ(recorder.header().nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
  EXPECT_EQ(size_t{recorder.header().nlmsg_len}, recorder.sent.size());
  EXPECT_EQ(recorder.info().ifi_index, 0);
  EXPECT_EQ(NumberOf(Find(recorder.attributes(), IFLA_LINK)), 41u);
  EXPECT_EQ(TextOf(Find(recorder.attributes(), IFLA_IFNAME)), std::string("no-such-link-00\0", 16));
  const std::vector<uint8_t> info = Find(recorder.attributes(), IFLA_LINKINFO);
  EXPECT_EQ(TextOf(Find({info.data(), info.size()}, IFLA_INFO_KIND)), "macvtap");
  const std::vector<uint8_t> data = Find({info.data(), info.size()}, IFLA_INFO_DATA);
  EXPECT_EQ(NumberOf(Find({data.data(), data.size()}, IFLA_MACVLAN_MODE)), uint32_t{MACVLAN_MODE_PASSTHRU});
  // It was acknowledged, but is not there (any more): that is no success.
  EXPECT_EQ(outcome.error, ENODEV);
}

TEST(a_change_names_only_what_is_to_be_changed) {
  Recorder recorder;
  const MacAddress mac{2, 0, 0, 0, 0, 9};
  EXPECT_EQ(ChangeLink(&recorder, 5, &mac, nullptr).error, 0);
  EXPECT_EQ(recorder.header().nlmsg_type, RTM_SETLINK);
  EXPECT_EQ(recorder.info().ifi_index, 5);
  EXPECT_EQ(recorder.info().ifi_change, 0u);
  EXPECT_TRUE(Find(recorder.attributes(), IFLA_ADDRESS) == std::vector<uint8_t>(mac.begin(), mac.end()));
  for (const bool up : {false, true}) {
    EXPECT_EQ(ChangeLink(&recorder, 5, nullptr, &up).error, 0);
    EXPECT_EQ(recorder.info().ifi_change, unsigned{IFF_UP});
    EXPECT_EQ(recorder.info().ifi_flags, up ? unsigned{IFF_UP} : 0u);
    EXPECT_EQ(recorder.attributes().size, 0u);
  }
}

TEST(a_link_is_removed_by_its_ifindex) {
  Recorder recorder;
  EXPECT_EQ(RemoveLink(&recorder, 12).error, 0);
  EXPECT_EQ(recorder.header().nlmsg_type, RTM_DELLINK);
  EXPECT_EQ(recorder.info().ifi_index, 12);
  EXPECT_EQ(recorder.attributes().size, 0u);
}

TEST(a_refusal_of_a_link_request_has_the_kernels_errno_and_words) {
  FakeKernel kernel(0);
  kernel.permitted = false;
  kernel.refusal_text = "not for you";
  LinkOutcome outcome = MakeMacvtap(&kernel, FakeKernel::kIfindex, "upper");
  EXPECT_EQ(outcome.error, EPERM);
  EXPECT_EQ(outcome.extended_ack, "not for you");
  EXPECT_EQ(outcome.ifindex, 0u);
  kernel.permitted = true;
  EXPECT_EQ(RemoveLink(&kernel, FakeKernel::kIfindex + 1).error, ENODEV);
}

TEST(an_answer_that_is_lost_is_an_error_and_one_left_over_is_passed_by) {
  FakeKernel kernel(0);
  kernel.receive_errors = {ENOBUFS};
  EXPECT_EQ(RemoveLink(&kernel, FakeKernel::kIfindex + 1).error, ENOBUFS);
  kernel.send_error = ENOMEM;
  kernel.send_error_after = 1;
  EXPECT_EQ(RemoveLink(&kernel, FakeKernel::kIfindex + 1).error, ENOMEM);
  kernel.send_error = 0;
  Wire old;
  const size_t message = old.Begin(NLMSG_ERROR, NLM_F_CAPPED, 999);
  old.Raw(int32_t{-EBUSY});
  old.Raw(nlmsghdr{});
  old.EndMessage(message);
  kernel.Queue(old.bytes);
  EXPECT_EQ(RemoveLink(&kernel, FakeKernel::kIfindex + 1).error, ENODEV);
  EXPECT_EQ(kernel.queued(), 0u);
}

}  // namespace
}  // namespace sriov
