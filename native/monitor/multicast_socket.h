// A netlink socket for notifications. Used by one thread at a time; the destructor closes it.
// It never sends: replies would queue behind notifications and be lost with them.
#pragma once

#include "base/unique_fd.h"
#include "monitor/inbox.h"

namespace sriov {

class MulticastSocket final : public Inbox {
 public:
  // Joins `groups`, a bit mask of the first 32 groups of `family`, in the calling thread's network namespace.
  // 0 or errno.
  [[nodiscard]] int Open(int family, uint32_t groups);

  int Receive(std::vector<uint8_t>* buffer, size_t* size) override;
  int fd() const override { return fd_.get(); }

 private:
  UniqueFd fd_;
};

}  // namespace sriov
