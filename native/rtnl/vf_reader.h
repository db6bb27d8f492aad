// Reading the VFs of one PF with one RTM_GETLINK.
// Owns the request and its retries; what the bytes mean is `vf_decode.h`'s.
#pragma once

#include <string>

#include "netlink/channel.h"
#include "rtnl/vf_decode.h"

namespace sriov {

struct ReadError {
  int error = 0;  // 0, or an errno; EBADMSG if the answer made no sense
  std::string extended_ack;
};

// Keeps the receive buffer between reads. Used by one thread at a time.
class VfReader {
 public:
  // Asks for the VFs of `ifindex`. On success `head` points into this reader until the next call.
  // Statistics are asked for only when wanted: the driver is asked for each VF under rtnl.
  [[nodiscard]] ReadError Fetch(Channel* channel, uint32_t ifindex, bool stats, VfListHead* head);

  // Fetch and decode into `storage`, of which `table` becomes a view.
  [[nodiscard]] ReadError Read(Channel* channel, uint32_t ifindex, bool stats, std::vector<uint64_t>* storage,
                               VfTable* table);

  uint32_t messages() const { return messages_; }  // requests sent so far

 private:
  ReadError Receive(Channel* channel, uint32_t seq, VfListHead* head);

  std::vector<uint8_t> request_;
  std::vector<uint8_t> answer_;
  uint32_t messages_ = 0;
};

}  // namespace sriov
