// Where notifications come in: the seam at which tests put a kernel that loses some.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sriov {

class Inbox {
 public:
  virtual ~Inbox() = default;

  // Takes one datagram of the kernel's off the queue, without waiting. 0 and its length in `*size`, or: EAGAIN,
  // nothing is queued; ENOBUFS, notifications are lost, because the queue overflowed or the datagram did not fit; or
  // another errno.
  [[nodiscard]] virtual int Receive(std::vector<uint8_t>* buffer, size_t* size) = 0;

  // What poll(2) watches.
  virtual int fd() const = 0;
};

}  // namespace sriov
