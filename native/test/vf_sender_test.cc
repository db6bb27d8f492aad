// VfSender: how settings are packed into messages, and what is made of the replies.
#include "rtnl/vf_sender.h"

#include "fake_kernel.h"
#include "random.h"
#include "test.h"

namespace sriov {
namespace {

constexpr uint32_t kThree = kFieldMac | kFieldVlan | kFieldSpoofCheck;

struct Setup {
  Setup(uint32_t count, uint32_t fields) : kernel(count), rows(count) {
    kernel.infiniband = true;
    kernel.send_limit = 1 << 20;
    for (uint32_t vf = 0; vf < count; ++vf) {
      VfValues values = Distinct(vf);
      values.vlan_proto = 0x8100;
      rows.Add(vf, fields, values);
    }
    wanted.assign(count, SettingsOfFields(fields));
  }
  Span all() { return {0, At(rows.table().rows(), 0)}; }
  FakeKernel kernel;
  VfRows rows;
  Wanted wanted;
};

TEST(a_message_takes_as_many_rows_as_65535_bytes_hold) {
  Setup s(2000, kThree);  // 72 bytes a row
  VfSender sender(&s.kernel, FakeKernel::kIfindex, s.rows.table(), s.wanted);
  const Position reached = sender.Append(s.all(), 1000000);
  EXPECT_EQ(reached, At(910, 0));
  EXPECT_EQ(sender.settings_in_batch(), 910u * 3);
  EXPECT_EQ(sender.Append({reached, At(2000, 0)}, 1000000), At(1820, 0));
  EXPECT_EQ(sender.Append({At(1820, 0), At(2000, 0)}, 1000000), At(2000, 0));
  EXPECT_EQ(sender.Send(true), 0);
  std::vector<Refusal> refused;
  EXPECT_EQ(sender.Collect(&refused), 0);
  EXPECT_EQ(refused.size(), 0u);
  EXPECT_EQ(s.kernel.sends, 1u);
  EXPECT_EQ(s.kernel.setlinks, 3u);
  EXPECT_EQ(s.kernel.receives, 1u);
  EXPECT_EQ(s.kernel.longest_list, 4u + 910 * 72);
  EXPECT_EQ(s.kernel.vfs[1999].vlan_id, Distinct(1999).vlan_id);
}

TEST(a_list_may_be_65532_bytes_long_and_the_next_row_is_the_next_messages) {
  Setup s(4096, kFieldTrust);  // 16 bytes a row: 4095 of them and the header are 65,524
  VfSender sender(&s.kernel, FakeKernel::kIfindex, s.rows.table(), s.wanted);
  EXPECT_EQ(sender.Append(s.all(), 1000000), At(4095, 0));
}

TEST(a_row_is_divided_where_the_limit_of_settings_says) {
  Setup s(2, kEverySettableField);
  for (uint32_t limit = 1; limit <= 18; ++limit) {
    VfSender sender(&s.kernel, FakeKernel::kIfindex, s.rows.table(), s.wanted);
    const Position reached = sender.Append(s.all(), limit);
    EXPECT_EQ(reached, limit < 9 ? At(0, limit) : limit < 18 ? At(1, limit - 9) : At(2, 0));
    EXPECT_EQ(sender.settings_in_batch(), limit);
  }
}

TEST(every_setting_is_sent_exactly_once_however_messages_are_cut) {
  for (uint64_t seed = FirstSeed(); seed < FirstSeed() + 400; ++seed) {
    Random random(seed);
    const uint32_t count = 1 + random.Below(random.OneIn(8) ? 1500 : 40);
    Setup s(count, 0);
    s.kernel.send_limit = random.OneIn(2) ? 1 << 20 : 212960;
    uint32_t asked = 0;
    for (uint32_t vf = 0; vf < count; ++vf) {
      const uint32_t fields = static_cast<uint32_t>(random.Next()) & kEverySettableField;
      VfTable& t = s.rows.table();
      const VfValues v = Distinct(vf);
      std::memcpy(t.mac(vf), v.mac.data(), 6);
      const uint32_t cells[] = {fields, vf, v.vlan_id, v.vlan_qos, v.vlan_proto, v.rate_min,
                                v.rate_max, 1, v.link_state, 1, 1};
      for (size_t c = 0; c < kColumns; ++c) t.column(static_cast<Column>(c))[vf] = cells[c];
      t.node_guid()[vf] = v.node_guid;
      t.port_guid()[vf] = v.port_guid;
      s.wanted[vf] = SettingsOfFields(fields);
      asked += static_cast<uint32_t>(__builtin_popcount(s.wanted[vf]));
    }
    VfSender sender(&s.kernel, FakeKernel::kIfindex, s.rows.table(), s.wanted);
    Span rest = s.all();
    while (CountSettings(s.wanted, rest) > 0) {
      const Position begin = rest.begin;
      rest.begin = sender.Append(rest, 1 + random.Below(random.OneIn(4) ? 5000 : 30));
      EXPECT_TRUE(rest.begin > begin);
      if (sender.Full() || random.OneIn(3) || CountSettings(s.wanted, rest) == 0) {
        EXPECT_EQ(sender.Send(true), 0);
        std::vector<Refusal> refused;
        EXPECT_EQ(sender.Collect(&refused), 0);
        EXPECT_EQ(refused.size(), 0u);
      }
    }
    uint32_t seen = 0;
    uint32_t wrong = 0;
    s.kernel.settings_seen.resize(count * 16);
    for (uint32_t vf = 0; vf < count; ++vf) {
      for (uint32_t i = 0; i < kSettings; ++i) {
        seen += s.kernel.settings_seen[vf * 16 + i];
        if (s.kernel.settings_seen[vf * 16 + i] != ((s.wanted[vf] >> i) & 1)) ++wrong;
      }
    }
    EXPECT_TRUE(s.kernel.longest_list <= 65535);
    EXPECT_EQ(seen, asked);
    EXPECT_EQ(wrong, 0u);
    if (testing::FailuresOfCase() > 0) {
      std::fprintf(stderr, "SRIOV_SEED=%llu\n", static_cast<unsigned long long>(seed));
      return;
    }
  }
}

TEST(refusals_come_with_the_span_of_their_message_and_in_wire_order) {
  Setup s(10, kFieldTrust);
  s.kernel.Refuse(2, Bit(kSetTrust), EIO);
  s.kernel.Refuse(9, Bit(kSetTrust), EACCES);
  VfSender sender(&s.kernel, FakeKernel::kIfindex, s.rows.table(), s.wanted);
  Span rest = s.all();
  while (!rest.empty()) rest.begin = sender.Append(rest, 4);
  EXPECT_EQ(sender.Send(true), 0);
  std::vector<Refusal> refused;
  EXPECT_EQ(sender.Collect(&refused), 0);
  EXPECT_EQ(refused.size(), 2u);
  EXPECT_EQ(refused[0].error, EIO);
  EXPECT_EQ(refused[0].span.begin, At(0, 0));
  EXPECT_EQ(refused[0].span.end, At(4, 0));
  EXPECT_EQ(refused[1].error, EACCES);
  EXPECT_EQ(refused[1].span.begin, At(8, 0));
  EXPECT_EQ(s.kernel.queued(), 0u);
}

TEST(replies_left_over_from_before_mean_nothing) {
  Setup s(2, kFieldTrust);
  Wire stale;
  const size_t message = stale.Begin(NLMSG_ERROR, NLM_F_CAPPED, 0xabcdef);
  stale.Raw(int32_t{-EIO});
  stale.Raw(nlmsghdr{});
  stale.EndMessage(message);
  s.kernel.Queue(stale.bytes);
  VfSender sender(&s.kernel, FakeKernel::kIfindex, s.rows.table(), s.wanted);
  (void)sender.Append(s.all(), 100);
  EXPECT_EQ(sender.Send(true), 0);
  std::vector<Refusal> refused;
  EXPECT_EQ(sender.Collect(&refused), 0);
  EXPECT_EQ(refused.size(), 0u);
}

TEST(lost_replies_and_a_missing_acknowledgement_are_errors) {
  Setup s(64, kFieldTrust);
  s.kernel.Refuse(kEveryVf, Bit(kSetTrust), EIO);
  s.kernel.queue_limit = 10;  // less than the channel says
  VfSender sender(&s.kernel, FakeKernel::kIfindex, s.rows.table(), s.wanted);
  Span rest = s.all();
  while (!rest.empty()) rest.begin = sender.Append(rest, 1);
  EXPECT_EQ(sender.Send(true), 0);
  std::vector<Refusal> refused;
  EXPECT_EQ(sender.Collect(&refused), ENOBUFS);
  EXPECT_EQ(refused.size(), 10u);

  Setup lost(1, kFieldTrust);
  lost.kernel.queue_limit = 0;
  VfSender other(&lost.kernel, FakeKernel::kIfindex, lost.rows.table(), lost.wanted);
  (void)other.Append(lost.all(), 1);
  EXPECT_EQ(other.Send(true), 0);
  EXPECT_EQ(other.Collect(&refused), ENOBUFS);
}

TEST(a_batch_is_full_before_the_datagram_or_the_reply_queue_overflows) {
  Setup s(4000, kThree);
  s.kernel.send_limit = 212960;
  VfSender sender(&s.kernel, FakeKernel::kIfindex, s.rows.table(), s.wanted);
  Span rest = s.all();
  uint32_t messages = 0;
  while (!sender.Full()) {
    rest.begin = sender.Append(rest, 1000000);
    ++messages;
  }
  EXPECT_EQ(messages, 3u);
  EXPECT_EQ(sender.Send(false), 0);
  Setup many(500, kFieldTrust);
  VfSender each(&many.kernel, FakeKernel::kIfindex, many.rows.table(), many.wanted);
  rest = many.all();
  messages = 0;
  while (!each.Full()) {
    rest.begin = each.Append(rest, 1);
    ++messages;
  }
  EXPECT_EQ(messages, many.kernel.claimed_unread);
}

TEST(a_probe_changes_nothing_and_tells_why_the_request_would_be_refused) {
  Setup s(1, kFieldTrust);
  VfSender sender(&s.kernel, FakeKernel::kIfindex, s.rows.table(), s.wanted);
  std::string text;
  EXPECT_EQ(sender.Probe(&text), 0);
  s.kernel.permitted = false;
  s.kernel.refusal_text = "no";
  EXPECT_EQ(sender.Probe(&text), EPERM);
  EXPECT_EQ(text, std::string("no"));
  EXPECT_EQ(s.kernel.vfs[0].trust, 0u);
}

}  // namespace
}  // namespace sriov
