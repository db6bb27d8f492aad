// Telling apart what comes back on a request socket.
// Owns struct nlmsgerr and its extended acknowledgement; never retries and never sends.
#pragma once

#include <linux/netlink.h>

#include <string>

#include "netlink/attribute.h"

namespace sriov {

// One message of a datagram.
struct Reply {
  uint32_t seq = 0;
  uint16_t type = 0;
  uint16_t flags = 0;
  int error = 0;             // errno of an NLMSG_ERROR, 0 for an acknowledgement and for data
  std::string extended_ack;  // NLMSGERR_ATTR_MSG, empty if the kernel gave none
  Bytes payload;             // of a data message: what follows the header
  bool is_ack() const { return type == NLMSG_ERROR; }
};

// Walks the messages of one datagram.
class ReplyReader {
 public:
  explicit ReplyReader(Bytes datagram) : rest_(datagram) {}
  // False at the end, or at a message that does not fit (then `malformed`).
  [[nodiscard]] bool Next(Reply* out);
  bool malformed() const { return malformed_; }

 private:
  Bytes rest_;
  bool malformed_ = false;
};

}  // namespace sriov
