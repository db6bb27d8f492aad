// A kernel that tells of links on demand, for the tests of native/monitor: notifications that are queued, lost or
// malformed, and dumps that are interrupted or fail. Nothing here is evidence of what a real kernel does; that is for
// the kernel tests.
#pragma once

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <cerrno>
#include <deque>
#include <string>
#include <vector>

#include "monitor/inbox.h"
#include "netlink/channel.h"
#include "wire.h"

namespace sriov {

struct FakeLink {
  int ifindex = 0;
  std::string name;
  std::string device;
  uint32_t mtu = 1500;
};

// One message, as rtnl_fill_ifinfo begins it.
inline std::vector<uint8_t> LinkBytes(uint16_t type, const FakeLink& link, uint16_t flags = 0, uint32_t seq = 0) {
  Wire wire;
  const size_t message = wire.Begin(type, flags, seq);
  ifinfomsg info{};
  info.ifi_index = link.ifindex;
  wire.Raw(info);
  wire.Put(IFLA_IFNAME, link.name.c_str(), link.name.size() + 1);
  wire.Put(IFLA_MTU, link.mtu);
  if (!link.device.empty()) {
    wire.Put(56, link.device.c_str(), link.device.size() + 1);  // IFLA_PARENT_DEV_NAME
    wire.Put(57, "pci", 4);                                     // IFLA_PARENT_DEV_BUS_NAME
  }
  wire.EndMessage(message);
  return wire.bytes;
}

class FakeInbox final : public Inbox {
 public:
  struct Item {
    int error;
    std::vector<uint8_t> bytes;
  };
  std::deque<Item>* items;  // outlives the inbox, so that a test can go on to fill it

  explicit FakeInbox(std::deque<Item>* queue) : items(queue) {}
  int Receive(std::vector<uint8_t>* buffer, size_t* size) override {
    if (items->empty()) return EAGAIN;
    const Item item = items->front();
    items->pop_front();
    if (item.error != 0) return item.error;
    buffer->assign(item.bytes.begin(), item.bytes.end());
    *size = item.bytes.size();
    return 0;
  }
  int fd() const override { return 0; }
};

// Answers RTM_GETLINK dumps. The state outlives the channel.
struct FakeLinks {
  std::vector<FakeLink> links;
  int dumps = 0;
  int fail = 0;          // errno for dumps from now on
  int interrupt = 0;     // how many dumps are marked as interrupted, and miss the last link
  int lose_done = 0;     // how many end without NLMSG_DONE
  void (*during)(void*) = nullptr;  // called while a dump is answered
  void* context = nullptr;
};

class FakeDumper final : public Channel {
 public:
  explicit FakeDumper(FakeLinks* state) : state_(state) {}
  int Send(const uint8_t* data, size_t size) override {
    nlmsghdr header;
    if (size < sizeof header) return EINVAL;
    std::memcpy(&header, data, sizeof header);
    ++state_->dumps;
    if (state_->fail != 0) return state_->fail;
    const bool interrupted = state_->interrupt > 0 && state_->interrupt-- > 0;
    const uint16_t flags = NLM_F_MULTI | (interrupted ? NLM_F_DUMP_INTR : 0);
    const size_t count = state_->links.size() - (interrupted && !state_->links.empty() ? 1 : 0);
    for (size_t i = 0; i < count; ++i) {
      replies_.push_back(LinkBytes(RTM_NEWLINK, state_->links[i], flags, header.nlmsg_seq));
    }
    if (state_->during != nullptr) state_->during(state_->context);
    if (state_->lose_done > 0 && state_->lose_done-- > 0) return 0;
    Wire wire;
    const size_t message = wire.Begin(NLMSG_DONE, flags, header.nlmsg_seq);
    wire.Raw(int32_t{0});
    wire.EndMessage(message);
    replies_.push_back(wire.bytes);
    return 0;
  }
  int Receive(std::vector<uint8_t>* buffer, size_t* size) override {
    if (replies_.empty()) return EAGAIN;
    buffer->assign(replies_.front().begin(), replies_.front().end());
    *size = replies_.front().size();
    replies_.pop_front();
    return 0;
  }
  size_t max_send() const override { return 65536; }
  size_t max_unread() const override { return 64; }

 private:
  FakeLinks* state_;
  std::deque<std::vector<uint8_t>> replies_;
};

}  // namespace sriov
