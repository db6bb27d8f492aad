#include "rtnl/vf_sender.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <cerrno>

#include "netlink/reply.h"
#include "rtnl/vf_encode.h"

namespace sriov {
namespace {

constexpr size_t kMessageOverhead = NLMSG_HDRLEN + sizeof(ifinfomsg) + kAttributeHeader;

// The `count` settings of `which` that the kernel applies first.
Settings Lowest(Settings which, uint32_t count) {
  Settings chosen = 0;
  for (; count > 0; --count) {
    chosen |= which & (~which + 1);
    which &= which - 1;
  }
  return chosen;
}

}  // namespace

bool VfSender::Full() const {
  return writer_.size() + kMessageOverhead + kMaxAttributeBytes > channel_->max_send() ||
         batch_.size() + flying_.size() >= channel_->max_unread();
}

size_t VfSender::OpenMessage() {
  const uint32_t seq = channel_->NextSeq();
  writer_.Begin(RTM_SETLINK, NLM_F_REQUEST, seq);
  ifinfomsg info{};
  info.ifi_index = static_cast<int>(ifindex_);
  writer_.Fixed(info);
  batch_.push_back({seq, {}});
  ++messages_;
  return writer_.OpenNest(IFLA_VFINFO_LIST);
}

Position VfSender::Append(const Span& span, uint32_t max_settings) {
  const size_t list = OpenMessage();
  uint8_t* out = writer_.Reserve(kMaxAttributeBytes + kMaxVfInfoBytes);
  const uint8_t* const limit = out + (kMaxAttributeBytes - kAttributeHeader);
  const VfEncoder encoder(table_);
  const uint32_t first_row = RowOf(span.begin);
  const uint32_t last_row = span.last_row();
  Position reached = span.end;
  uint32_t left = max_settings;
  Settings counted = 0;  // rows are alike nearly always
  uint32_t count = 0;
  for (uint32_t row = first_row; row <= last_row; ++row) {
    const bool inner = row != first_row && row != last_row;
    Settings which = wanted_[row] & (inner ? span.filter : span.In(row));
    if (which == 0) continue;
    if (which != counted) {
      counted = which;
      count = CountOf(which);
    }
    if (count > left) which = Lowest(which, left);
    uint8_t* const end = which == 0 ? out : encoder.Encode(row, which, out);
    if (which == 0 || end > limit) {  // the row goes with the next message
      reached = row == first_row ? span.begin : At(row, 0);
      break;
    }
    out = end;
    if (count > left) {  // its other settings do
      reached = At(row, 32 - static_cast<uint32_t>(__builtin_clz(which)));
      left = 0;
      break;
    }
    left -= count;
  }
  settings_ += max_settings - left;
  writer_.Commit(out);
  (void)writer_.CloseNest(list);  // never longer than `limit` lets it be
  writer_.End();
  batch_.back().span = {span.begin, reached, span.filter};
  return reached;
}

int VfSender::Send(bool last) {
  if (batch_.empty()) return 0;
  if (last) {
    writer_.AddFlags(NLM_F_ACK);
    acknowledged_by_ = batch_.back().seq;
  }
  const int error = channel_->Send(writer_.data(), writer_.size());
  writer_.Clear();
  settings_ = 0;
  flying_.insert(flying_.end(), batch_.begin(), batch_.end());
  batch_.clear();
  return error;
}

int VfSender::Collect(std::vector<Refusal>* refused) {
  int result = 0;
  bool ended = false;
  size_t next = 0;
  std::vector<uint8_t>* const answer = channel_->answer_buffer();
  while (!ended) {
    size_t size = 0;
    const int error = channel_->Receive(answer, &size);
    if (error == EAGAIN) break;
    if (error == EMSGSIZE || error == ENOBUFS) {
      result = ENOBUFS;  // a reply is lost; what is left in the queue must still be taken out
      continue;
    }
    if (error != 0) {
      result = error;
      break;
    }
    ReplyReader replies({answer->data(), size});
    Reply reply;
    while (replies.Next(&reply)) {
      if (!reply.is_ack()) continue;
      // Replies come in the order of the messages; one that is not ours is left over and means nothing.
      size_t found = next;
      while (found < flying_.size() && flying_[found].seq != reply.seq) ++found;
      if (found == flying_.size()) continue;
      next = found;
      if (reply.error != 0) refused->push_back({flying_[found].span, reply.error, reply.extended_ack});
      ended = ended || (acknowledged_by_ != 0 && reply.seq == acknowledged_by_);
    }
    if (replies.malformed()) result = EBADMSG;
  }
  if (result == 0 && acknowledged_by_ != 0 && !ended) result = EPROTO;
  acknowledged_by_ = 0;
  flying_.clear();
  return result;
}

int VfSender::Probe(std::string* extended_ack) {
  writer_.Clear();
  const size_t list = OpenMessage();
  (void)writer_.CloseNest(list);
  writer_.End();
  int error = Send(true);
  std::vector<Refusal> refused;
  if (error == 0) error = Collect(&refused);
  if (error != 0 || refused.empty()) return error;
  *extended_ack = refused.front().extended_ack;
  return refused.front().error;
}

}  // namespace sriov
