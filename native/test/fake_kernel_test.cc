// The fake kernel itself: each rule of rtnetlink that the other tests lean on.
#include "fake_kernel.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <functional>

#include "netlink/reply.h"
#include "rtnl/span.h"
#include "test.h"

namespace sriov {
namespace {

using Fill = std::function<void(Wire*)>;

void AppendSetLink(Wire* wire, uint32_t seq, uint16_t flags, const std::vector<Fill>& entries) {
  const size_t message = wire->Begin(RTM_SETLINK, flags, seq);
  ifinfomsg info{};
  info.ifi_index = FakeKernel::kIfindex;
  wire->Raw(info);
  const size_t list = wire->Nest(IFLA_VFINFO_LIST);
  for (const Fill& fill : entries) {
    const size_t entry = wire->Nest(IFLA_VF_INFO);
    fill(wire);
    wire->EndNest(entry);
  }
  wire->EndNest(list);
  wire->EndMessage(message);
}

// Every reply that is queued, as seq and errno.
std::vector<Reply> Drain(FakeKernel* kernel) {
  std::vector<Reply> replies;
  std::vector<uint8_t> buffer;
  size_t size = 0;
  while (kernel->Receive(&buffer, &size) == 0) {
    ReplyReader reader({buffer.data(), size});
    Reply reply;
    while (reader.Next(&reply)) replies.push_back(reply);
  }
  return replies;
}

// errno of one message with these entries.
int Try(FakeKernel* kernel, const std::vector<Fill>& entries) {
  Wire wire;
  AppendSetLink(&wire, 9, NLM_F_REQUEST | NLM_F_ACK, entries);
  EXPECT_EQ(kernel->Send(wire.bytes.data(), wire.bytes.size()), 0);
  const auto replies = Drain(kernel);
  EXPECT_EQ(replies.size(), 1u);
  return replies.empty() ? -1 : replies[0].error;
}

Fill Trust(uint32_t vf) {
  return [vf](Wire* w) { w->Put(IFLA_VF_TRUST, ifla_vf_trust{vf, 1}); };
}

Fill VlanInfos(size_t bytes, int count) {
  return [bytes, count](Wire* w) {
    const size_t list = w->Nest(IFLA_VF_VLAN_LIST);
    const uint8_t zeros[16] = {};
    for (int i = 0; i < count; ++i) w->Put(IFLA_VF_VLAN_INFO, zeros, bytes);
    w->EndNest(list);
  };
}

TEST(fake_success_is_silent_and_failure_is_not) {
  FakeKernel kernel(4);
  Wire wire;
  AppendSetLink(&wire, 1, NLM_F_REQUEST, {Trust(0)});
  AppendSetLink(&wire, 2, NLM_F_REQUEST, {Trust(9)});
  AppendSetLink(&wire, 3, NLM_F_REQUEST, {Trust(1)});
  const size_t noop = wire.Begin(NLMSG_NOOP, NLM_F_REQUEST | NLM_F_ACK, 4);
  wire.EndMessage(noop);
  EXPECT_EQ(kernel.Send(wire.bytes.data(), wire.bytes.size()), 0);
  const auto replies = Drain(&kernel);
  EXPECT_EQ(replies.size(), 2u);
  EXPECT_EQ(replies[0].seq, 2u);
  EXPECT_EQ(replies[0].error, EINVAL);
  EXPECT_EQ(replies[1].seq, 4u);
  EXPECT_EQ(replies[1].error, 0);
  EXPECT_TRUE(kernel.vfs[0].trust == 1 && kernel.vfs[1].trust == 1);
}

TEST(fake_a_bad_length_drops_the_rest_in_silence) {
  FakeKernel kernel(4);
  Wire wire;
  AppendSetLink(&wire, 1, NLM_F_REQUEST, {Trust(0)});
  const size_t second = wire.bytes.size();
  AppendSetLink(&wire, 2, NLM_F_REQUEST | NLM_F_ACK, {Trust(1)});
  const uint32_t wrong = 4000;
  std::memcpy(wire.bytes.data() + second, &wrong, sizeof wrong);
  EXPECT_EQ(kernel.Send(wire.bytes.data(), wire.bytes.size()), 0);
  EXPECT_EQ(Drain(&kernel).size(), 0u);
  EXPECT_TRUE(kernel.vfs[0].trust == 1 && kernel.vfs[1].trust == 0);
}

TEST(fake_a_message_stops_at_its_first_error_and_keeps_what_went_before) {
  FakeKernel kernel(4);
  EXPECT_EQ(Try(&kernel, {Trust(0), Trust(7), Trust(1)}), EINVAL);
  EXPECT_TRUE(kernel.vfs[0].trust == 1 && kernel.vfs[1].trust == 0);
}

TEST(fake_attributes_of_an_entry_apply_in_a_fixed_order_whatever_theirs_is) {
  FakeKernel kernel(4);
  kernel.Refuse(0, Bit(kSetSpoofCheck), EIO);
  EXPECT_EQ(Try(&kernel, {[](Wire* w) {
              w->Put(IFLA_VF_TRUST, ifla_vf_trust{0, 1});
              w->Put(IFLA_VF_SPOOFCHK, ifla_vf_spoofchk{0, 1});
              w->Put(IFLA_VF_VLAN, ifla_vf_vlan{0, 5, 0});
            }}),
            EIO);
  EXPECT_TRUE(kernel.vfs[0].vlan_id == 5 && kernel.vfs[0].trust == 0);
}

TEST(fake_a_port_guid_beside_a_node_guid_is_never_looked_at) {
  FakeKernel kernel(1);
  kernel.infiniband = true;
  const auto guid = [](uint16_t type) {
    return [type](Wire* w) {
      const uint8_t payload[16] = {0, 0, 0, 0, 0, 0, 0, 0, 7};
      w->Put(type, payload, sizeof payload);
    };
  };
  EXPECT_EQ(Try(&kernel, {[&](Wire* w) {
              guid(IFLA_VF_IB_NODE_GUID)(w);
              guid(IFLA_VF_IB_PORT_GUID)(w);
            }}),
            0);
  EXPECT_TRUE(kernel.vfs[0].node_guid == 7 && kernel.vfs[0].port_guid == 0);
  EXPECT_EQ(Try(&kernel, {guid(IFLA_VF_IB_NODE_GUID), guid(IFLA_VF_IB_PORT_GUID)}), 0);
  EXPECT_EQ(kernel.vfs[0].port_guid, 7u);
  kernel.infiniband = false;
  EXPECT_EQ(Try(&kernel, {guid(IFLA_VF_IB_NODE_GUID)}), EOPNOTSUPP);
}

TEST(fake_payloads_below_the_policy_are_out_of_range_and_longer_ones_pass) {
  const struct {
    uint16_t type;
    size_t least;
  } attributes[] = {{1, 36}, {2, 12}, {3, 8}, {4, 8}, {5, 8}, {6, 12}, {7, 8}, {9, 8}, {10, 16}, {11, 16}};
  for (const auto& a : attributes) {
    FakeKernel kernel(1);
    kernel.infiniband = true;
    const uint8_t zeros[40] = {};
    EXPECT_EQ(Try(&kernel, {[&](Wire* w) { w->Put(a.type, zeros, a.least - 4); }}), ERANGE);
    EXPECT_EQ(Try(&kernel, {[&](Wire* w) { w->Put(a.type, zeros, a.least); }}), 0);
    EXPECT_EQ(Try(&kernel, {[&](Wire* w) { w->Put(a.type, zeros, 40); }}), 0);
  }
}

TEST(fake_a_vlan_list_holds_exactly_one_entry_of_16_bytes) {
  FakeKernel kernel(1);
  EXPECT_EQ(Try(&kernel, {VlanInfos(16, 1)}), 0);
  EXPECT_EQ(Try(&kernel, {VlanInfos(14, 1)}), EINVAL);
  EXPECT_EQ(Try(&kernel, {VlanInfos(16, 2)}), EOPNOTSUPP);
  EXPECT_EQ(Try(&kernel, {VlanInfos(16, 0)}), EINVAL);
}

TEST(fake_entries_and_lists_that_hold_nothing) {
  FakeKernel kernel(1);
  EXPECT_EQ(Try(&kernel, {}), 0);
  EXPECT_EQ(Try(&kernel, {[](Wire*) {}}), EINVAL);
  EXPECT_EQ(Try(&kernel, {[](Wire* w) { w->Put(50, uint32_t{0}); }}), EINVAL);
  EXPECT_EQ(Try(&kernel, {[](Wire* w) {
              const uint8_t broadcast[32] = {};
              w->Put(IFLA_VF_BROADCAST, broadcast, sizeof broadcast);
            }}),
            EINVAL);
}

TEST(fake_rates_keep_the_minimum_and_stay_in_order) {
  FakeKernel kernel(1);
  const auto rate = [](uint32_t min, uint32_t max) {
    return [=](Wire* w) { w->Put(IFLA_VF_RATE, ifla_vf_rate{0, min, max}); };
  };
  const auto maximum = [](uint32_t max) {
    return [=](Wire* w) { w->Put(IFLA_VF_TX_RATE, ifla_vf_tx_rate{0, max}); };
  };
  EXPECT_EQ(Try(&kernel, {rate(10, 20)}), 0);
  EXPECT_EQ(Try(&kernel, {maximum(30)}), 0);
  EXPECT_TRUE(kernel.vfs[0].rate_min == 10 && kernel.vfs[0].rate_max == 30);
  EXPECT_EQ(Try(&kernel, {maximum(9)}), EINVAL);
  EXPECT_EQ(Try(&kernel, {rate(5, 4)}), EINVAL);
  EXPECT_EQ(Try(&kernel, {rate(5, 0x80000000)}), EINVAL);  // compared as int
  EXPECT_EQ(Try(&kernel, {rate(5, 0)}), 0);
}

TEST(fake_values_are_truncated_as_the_core_does) {
  FakeKernel kernel(1);
  EXPECT_EQ(Try(&kernel, {[](Wire* w) { w->Put(IFLA_VF_VLAN, ifla_vf_vlan{0, 65541, 259}); }}), 0);
  EXPECT_TRUE(kernel.vfs[0].vlan_id == 5 && kernel.vfs[0].vlan_qos == 3);
  EXPECT_EQ(Try(&kernel, {Trust(0x7fffffff)}), EINVAL);
}

TEST(fake_eintr_of_a_handler_is_never_answered) {
  FakeKernel kernel(1);
  kernel.Refuse(0, kAllSettings, EINTR);
  Wire wire;
  AppendSetLink(&wire, 1, NLM_F_REQUEST | NLM_F_ACK, {Trust(0)});
  EXPECT_EQ(kernel.Send(wire.bytes.data(), wire.bytes.size()), 0);
  EXPECT_EQ(Drain(&kernel).size(), 0u);
}

TEST(fake_a_full_queue_loses_replies_until_it_is_empty) {
  FakeKernel kernel(1);
  kernel.queue_limit = 3;
  const auto noops = [&](uint32_t count) {
    Wire wire;
    for (uint32_t i = 0; i < count; ++i) wire.EndMessage(wire.Begin(NLMSG_NOOP, NLM_F_REQUEST | NLM_F_ACK, i));
    EXPECT_EQ(kernel.Send(wire.bytes.data(), wire.bytes.size()), 0);
  };
  std::vector<uint8_t> buffer;
  size_t size = 0;
  noops(5);
  EXPECT_EQ(kernel.Receive(&buffer, &size), ENOBUFS);
  EXPECT_EQ(kernel.Receive(&buffer, &size), 0);
  noops(1);  // still congested: lost
  EXPECT_EQ(Drain(&kernel).size(), 2u);
  noops(1);
  EXPECT_EQ(Drain(&kernel).size(), 1u);
}

TEST(fake_refuses_what_needs_a_capability_or_a_device) {
  FakeKernel kernel(1);
  kernel.permitted = false;
  EXPECT_EQ(Try(&kernel, {Trust(0)}), EPERM);
  EXPECT_EQ(Try(&kernel, {}), EPERM);
  kernel.permitted = true;
  kernel.gone_after_messages = kernel.messages + 1;
  EXPECT_EQ(Try(&kernel, {Trust(0)}), 0);
  EXPECT_EQ(Try(&kernel, {Trust(0)}), ENODEV);
}

TEST(fake_send_has_a_longest_datagram) {
  FakeKernel kernel(1);
  const std::vector<uint8_t> zeros(212961, 0);
  EXPECT_EQ(kernel.Send(zeros.data(), 212961), EMSGSIZE);
  EXPECT_EQ(kernel.Send(zeros.data(), 212960), 0);
}

}  // namespace
}  // namespace sriov
