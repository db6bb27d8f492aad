#include "rtnl/vf_reader.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <cerrno>

#include "base/clock.h"
#include "netlink/reply.h"
#include "netlink/writer.h"

namespace sriov {
namespace {

// ENOBUFS: kernels before 6.12 build the answer in one contiguous piece, for which a fragmented host may
// have no room just now. EMSGSIZE: the answer was longer than the buffer, which has grown meanwhile.
constexpr int kAttempts = 5;

}  // namespace

ReadError VfReader::Receive(Channel* channel, uint32_t seq, VfListHead* head) {
  for (;;) {
    size_t size = 0;
    const int error = channel->Receive(&answer_, &size);
    if (error != 0) return {error, {}};
    ReplyReader replies({answer_.data(), size});
    Reply reply;
    while (replies.Next(&reply)) {
      if (reply.seq != seq) continue;  // left over from a request that was given up
      if (reply.is_ack()) return {reply.error != 0 ? reply.error : EBADMSG, reply.extended_ack};
      return {reply.type == RTM_NEWLINK && FindVfList(reply.payload, head) ? 0 : EBADMSG, {}};
    }
    if (replies.malformed()) return {EBADMSG, {}};
  }
}

ReadError VfReader::Fetch(Channel* channel, uint32_t ifindex, bool stats, VfListHead* head) {
  ReadError result;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    MessageWriter writer(&request_);
    const uint32_t seq = channel->NextSeq();
    writer.Begin(RTM_GETLINK, NLM_F_REQUEST, seq);
    ifinfomsg info{};
    info.ifi_index = static_cast<int>(ifindex);
    writer.Fixed(info);
    writer.PutU32(IFLA_EXT_MASK, RTEXT_FILTER_VF | (stats ? 0 : RTEXT_FILTER_SKIP_STATS));
    writer.End();
    ++messages_;
    result.error = channel->Send(writer.data(), writer.size());
    if (result.error == 0) result = Receive(channel, seq, head);
    if (result.error == ENOBUFS) SleepNs(1000000u << attempt);
    if (result.error != ENOBUFS && result.error != EMSGSIZE) break;
  }
  return result;
}

ReadError VfReader::Read(Channel* channel, uint32_t ifindex, bool stats, std::vector<uint64_t>* storage,
                         VfTable* table) {
  VfListHead head;
  ReadError result = Fetch(channel, ifindex, stats, &head);
  if (result.error != 0) return result;
  if (!DecodeVfList(head, stats, storage, table)) result.error = EBADMSG;
  return result;
}

}  // namespace sriov
