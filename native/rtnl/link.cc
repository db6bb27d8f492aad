#include "rtnl/link.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/unique_fd.h"
#include "netlink/reply.h"
#include "netlink/writer.h"

#ifndef IFLA_ALT_IFNAME  // kernel 5.5
#define IFLA_ALT_IFNAME 53
#endif

namespace sriov {
namespace {

// Any socket of the network namespace serves these two ioctls (dev_ioctl, net/core/dev_ioctl.c).
int AskByIoctl(unsigned long request, ifreq* what) {
  const UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return errno;
  return ioctl(fd.get(), request, what) == 0 ? 0 : errno;
}

int FindByAlternativeName(Channel* channel, const std::string& name, uint32_t* ifindex) {
  std::vector<uint8_t> buffer;
  MessageWriter writer(&buffer);
  const uint32_t seq = channel->NextSeq();
  writer.Begin(RTM_GETLINK, NLM_F_REQUEST, seq);
  writer.Fixed(ifinfomsg{});
  writer.Put(IFLA_ALT_IFNAME, name.c_str(), name.size() + 1);
  writer.PutU32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  writer.End();
  int error = channel->Send(writer.data(), writer.size());
  size_t size = 0;
  if (error == 0) error = channel->Receive(&buffer, &size);
  if (error != 0) return error;
  ReplyReader replies({buffer.data(), size});
  Reply reply;
  while (replies.Next(&reply)) {
    if (reply.seq != seq) continue;
    if (reply.is_ack()) return reply.error != 0 ? reply.error : ENODEV;
    ifinfomsg info;
    if (!ReadAt(reply.payload, 0, &info)) return EBADMSG;
    *ifindex = static_cast<uint32_t>(info.ifi_index);
    return 0;
  }
  return EBADMSG;
}

}  // namespace

int FindLink(Channel* channel, const std::string& name, uint32_t* ifindex) {
  // ALTIFNAMSIZ is 128 with the final zero (include/uapi/linux/if.h).
  // A colon would make the ioctl look for what stands before it (dev_ioctl), and no name may hold one.
  if (name.empty() || name.size() > 127 || name.find_first_of(std::string(":/\0", 3)) != std::string::npos) {
    return ENODEV;
  }
  if (name.size() >= IFNAMSIZ) return FindByAlternativeName(channel, name, ifindex);
  ifreq request{};
  std::memcpy(request.ifr_name, name.data(), name.size());
  const int error = AskByIoctl(SIOCGIFINDEX, &request);
  if (error == 0) *ifindex = static_cast<uint32_t>(request.ifr_ifindex);
  return error;
}

int LinkName(uint32_t ifindex, std::string* name) {
  ifreq request{};
  request.ifr_ifindex = static_cast<int>(ifindex);
  const int error = AskByIoctl(SIOCGIFNAME, &request);
  if (error == ENXIO) return ENODEV;
  if (error == 0) name->assign(request.ifr_name, strnlen(request.ifr_name, IFNAMSIZ));
  return error;
}

}  // namespace sriov
