#include "rtnl/upper_link.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <cerrno>

#include "netlink/reply.h"
#include "netlink/writer.h"
#include "rtnl/link.h"

namespace sriov {
namespace {

constexpr char kKind[] = "macvtap";

// One message with NLM_F_ACK, and its answer.
LinkOutcome Exchange(Channel* channel, const MessageWriter& writer, uint32_t seq) {
  LinkOutcome outcome;
  outcome.error = channel->Send(writer.data(), writer.size());
  std::vector<uint8_t>* const answer = channel->answer_buffer();
  while (outcome.error == 0) {
    size_t size = 0;
    const int error = channel->Receive(answer, &size);
    if (error == EMSGSIZE) continue;  // a datagram that was left over: an acknowledgement is short
    // The kernel has answered by now (channel.h), so an empty queue means that the answer is lost.
    outcome.error = error == EAGAIN ? EPROTO : error;
    if (error != 0) break;
    ReplyReader replies({answer->data(), size});
    Reply reply;
    while (replies.Next(&reply)) {
      if (reply.seq != seq || !reply.is_ack()) continue;
      outcome.error = reply.error;
      outcome.extended_ack = reply.extended_ack;
      return outcome;
    }
    if (replies.malformed()) outcome.error = EBADMSG;
  }
  return outcome;
}

ifinfomsg Info(uint32_t ifindex) {
  ifinfomsg info{};
  info.ifi_index = static_cast<int>(ifindex);
  return info;
}

}  // namespace

LinkOutcome MakeMacvtap(Channel* channel, uint32_t lower, const std::string& name) {
  LinkOutcome outcome;
  MessageWriter writer(channel->request_buffer());
  const uint32_t seq = channel->NextSeq();
  writer.Begin(RTM_NEWLINK, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, seq);
  writer.Fixed(Info(0));
  writer.PutU32(IFLA_LINK, lower);
  writer.Put(IFLA_IFNAME, name.c_str(), name.size() + 1);
  const size_t info = writer.OpenNest(IFLA_LINKINFO);
  writer.Put(IFLA_INFO_KIND, kKind, sizeof kKind - 1);
  const size_t data = writer.OpenNest(IFLA_INFO_DATA);
  writer.PutU32(IFLA_MACVLAN_MODE, MACVLAN_MODE_PASSTHRU);
  if (!writer.CloseNest(data) || !writer.CloseNest(info)) {
    outcome.error = EMSGSIZE;
    return outcome;
  }
  writer.End();
  outcome = Exchange(channel, writer, seq);
  // Kernels before 6.2 do not tell the new ifindex, whatever they are asked (NLM_F_ECHO).
  if (outcome.error == 0) outcome.error = FindLink(channel, name, &outcome.ifindex);
  return outcome;
}

LinkOutcome RemoveLink(Channel* channel, uint32_t ifindex) {
  MessageWriter writer(channel->request_buffer());
  const uint32_t seq = channel->NextSeq();
  writer.Begin(RTM_DELLINK, NLM_F_REQUEST | NLM_F_ACK, seq);
  writer.Fixed(Info(ifindex));
  writer.End();
  return Exchange(channel, writer, seq);
}

LinkOutcome ChangeLink(Channel* channel, uint32_t ifindex, const MacAddress* mac, const bool* up) {
  MessageWriter writer(channel->request_buffer());
  const uint32_t seq = channel->NextSeq();
  writer.Begin(RTM_SETLINK, NLM_F_REQUEST | NLM_F_ACK, seq);
  ifinfomsg info = Info(ifindex);
  if (up != nullptr) {
    info.ifi_change = IFF_UP;
    info.ifi_flags = *up ? IFF_UP : 0;
  }
  writer.Fixed(info);
  if (mac != nullptr) writer.Put(IFLA_ADDRESS, mac->data(), mac->size());
  writer.End();
  return Exchange(channel, writer, seq);
}

}  // namespace sriov
