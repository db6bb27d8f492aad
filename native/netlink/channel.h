// One conversation with a netlink family: bytes out, datagrams in.
// The seam at which tests put a kernel that refuses on demand; `socket.h` is the real one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sriov {

class Channel {
 public:
  virtual ~Channel() = default;

  // Sends all of `size` bytes as one datagram. The kernel has executed every message in it when this
  // returns, and every reply is queued (net/netlink/af_netlink.c, netlink_unicast_kernel). 0 or an errno.
  [[nodiscard]] virtual int Send(const uint8_t* data, size_t size) = 0;

  // Takes one datagram off the queue into the front of `buffer`, which grows if it was too small for this
  // channel's datagrams so far. 0 and its length in `*size`, or: EAGAIN, nothing is queued; EMSGSIZE, the
  // datagram did not fit, is lost, and `buffer` has grown, so ask again; ENOBUFS, the queue overflowed and
  // replies are lost; or another errno.
  [[nodiscard]] virtual int Receive(std::vector<uint8_t>* buffer, size_t* size) = 0;

  // Longest datagram that Send takes, and how many short replies may be left unread.
  virtual size_t max_send() const = 0;
  virtual size_t max_unread() const = 0;

  uint32_t NextSeq() {
    if (++seq_ == 0) seq_ = 1;
    return seq_;
  }

  // Memory for whoever uses the channel, one after the other, kept so that a request allocates nothing: to
  // fill fresh pages with zeros took longer than the kernel took for a thousand settings.
  std::vector<uint8_t>* request_buffer() { return &request_buffer_; }
  std::vector<uint8_t>* answer_buffer() { return &answer_buffer_; }

 private:
  std::vector<uint8_t> request_buffer_;
  std::vector<uint8_t> answer_buffer_;
  uint32_t seq_ = 0;
};

}  // namespace sriov
