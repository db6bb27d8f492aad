// Sending settings: spans in, RTM_SETLINK messages out, and which of them the kernel refused.
// Owns packing, sequence numbers and the reading of replies; never decides what to do about a refusal.
//
// One message is one rtnl lock and at most one notification. Messages that succeed are not answered: only
// the last one of a batch asks for an acknowledgement, which proves that the kernel walked the whole batch
// (a bad length would make it drop the rest in silence, netlink_rcv_skb). A message that fails is always
// answered, with its sequence number.
#pragma once

#include <string>
#include <vector>

#include "netlink/channel.h"
#include "netlink/writer.h"
#include "rtnl/span.h"

namespace sriov {

// A message on its way, and what came of it.
struct Refusal {
  Span span;
  int error = 0;
  std::string extended_ack;
};

class VfSender {
 public:
  VfSender(Channel* channel, uint32_t ifindex, const VfTable& table, const Wanted& wanted)
      : channel_(channel), ifindex_(ifindex), table_(table), wanted_(wanted), writer_(channel->request_buffer()) {}

  // Adds one message with settings from the front of `span`: at most `max_settings`, and no more than its
  // attribute list can hold. Returns where it stopped. The batch must have room (see `Full`).
  Position Append(const Span& span, uint32_t max_settings);

  // No further message should be added before Send.
  bool Full() const;
  bool empty() const { return batch_.empty(); }
  uint32_t settings_in_batch() const { return settings_; }

  // Sends the batch. With `last`, its last message asks for an acknowledgement. 0 or an errno.
  [[nodiscard]] int Send(bool last);

  // Takes in every reply to what was sent, and appends what was refused in wire order. 0 or an errno:
  // ENOBUFS if replies were lost, EPROTO if the acknowledgement is missing.
  [[nodiscard]] int Collect(std::vector<Refusal>* refused);

  // Asks whether the request would be let in at all: an empty list changes nothing (do_setlink). 0 or the
  // kernel's errno.
  [[nodiscard]] int Probe(std::string* extended_ack);

  uint32_t messages() const { return messages_; }

 private:
  struct InFlight {
    uint32_t seq;
    Span span;
  };
  size_t OpenMessage();

  Channel* channel_;
  const uint32_t ifindex_;
  const VfTable& table_;
  const Wanted& wanted_;
  MessageWriter writer_;
  std::vector<InFlight> batch_;   // in the buffer
  std::vector<InFlight> flying_;  // sent, replies not yet taken in
  uint32_t settings_ = 0;
  uint32_t acknowledged_by_ = 0;  // sequence number whose reply ends the exchange, 0 if none was asked for
  uint32_t messages_ = 0;
};

}  // namespace sriov
