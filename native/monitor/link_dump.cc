#include "monitor/link_dump.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <cerrno>
#include <utility>

#include "monitor/link_message.h"
#include "netlink/reply.h"
#include "netlink/writer.h"

namespace sriov {
namespace {

// The rest of a dump that was given up is still coming: until it has, the kernel refuses another on the same socket
// (EBUSY, __netlink_dump_start).
void DropRest(Channel* channel) {
  size_t size = 0;
  int error = 0;
  while (error == 0 || error == EMSGSIZE || error == ENOBUFS) {
    error = channel->Receive(channel->answer_buffer(), &size);
  }
}

int SendRequest(Channel* channel, uint32_t seq) {
  MessageWriter writer(channel->request_buffer());
  writer.Begin(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, seq);
  writer.Fixed(ifinfomsg{});
  writer.PutU32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  writer.End();
  return channel->Send(writer.data(), writer.size());
}

// Takes in one message of the answer. An errno, or 0; *done at its end.
int TakeIn(const Reply& reply, LinkDump* dump, bool* done) {
  dump->interrupted = dump->interrupted || (reply.flags & NLM_F_DUMP_INTR) != 0;
  if (reply.is_ack()) return reply.error != 0 ? reply.error : EBADMSG;
  if (reply.type == NLMSG_DONE) {
    *done = true;
    int error = 0;  // of a dump that ended early
    if (!ReadAt(reply.payload, 0, &error)) return 0;
    return error < 0 ? -error : 0;
  }
  if (reply.type != RTM_NEWLINK) return EBADMSG;
  Link link;
  if (ParseLinkMessage(reply.payload, &link) != LinkMessage::kWhole) return EBADMSG;
  dump->links.push_back(std::move(link));
  return 0;
}

}  // namespace

int DumpLinks(Channel* channel, LinkDump* dump) {
  DropRest(channel);
  *dump = LinkDump();
  const uint32_t seq = channel->NextSeq();
  if (const int error = SendRequest(channel, seq)) return error;
  bool done = false;
  while (!done) {
    size_t size = 0;
    // The next part is made while this one is taken (netlink_recvmsg), so there is never a wait.
    if (const int error = channel->Receive(channel->answer_buffer(), &size)) {
      return error == EAGAIN ? EBADMSG : error;
    }
    ReplyReader replies({channel->answer_buffer()->data(), size});
    Reply reply;
    while (!done && replies.Next(&reply)) {
      if (reply.seq != seq) continue;
      if (const int error = TakeIn(reply, dump, &done)) return error;
    }
    if (replies.malformed()) return EBADMSG;
  }
  return 0;
}

}  // namespace sriov
