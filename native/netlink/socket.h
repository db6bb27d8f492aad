// A netlink socket for requests. Used by one thread at a time; the destructor closes it.
// It never subscribes to notifications: those would mix with replies and could overflow the queue.
#pragma once

#include "base/unique_fd.h"
#include "netlink/channel.h"

namespace sriov {

class NetlinkSocket final : public Channel {
 public:
  // Opens a socket of `family` (NETLINK_ROUTE, ...) in the calling thread's network namespace. 0 or errno.
  [[nodiscard]] int Open(int family);
  bool is_open() const { return fd_.valid(); }

  int Send(const uint8_t* data, size_t size) override;
  int Receive(std::vector<uint8_t>* buffer, size_t* size) override;
  size_t max_send() const override { return max_send_; }
  size_t max_unread() const override { return max_unread_; }

 private:
  void SizeBuffers();

  UniqueFd fd_;
  size_t max_send_ = 0;
  size_t max_unread_ = 0;
};

}  // namespace sriov
