#include "frames/frame_socket.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>

namespace sriov {
namespace {

// include/uapi/linux/if_packet.h, Linux 4.20; older headers lack it.
#ifndef PACKET_IGNORE_OUTGOING
constexpr int PACKET_IGNORE_OUTGOING = 23;
#endif

int SetOption(int fd, int name, int value) {
  return setsockopt(fd, SOL_PACKET, name, &value, sizeof(value)) == 0 ? 0 : -errno;
}

void TakeTag(const msghdr& message, Frame* frame) {
  for (const cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(const_cast<msghdr*>(&message), const_cast<cmsghdr*>(header))) {
    if (header->cmsg_level != SOL_PACKET || header->cmsg_type != PACKET_AUXDATA ||
        header->cmsg_len < CMSG_LEN(sizeof(tpacket_auxdata)))
      continue;
    tpacket_auxdata data;
    std::memcpy(&data, CMSG_DATA(header), sizeof(data));
    if ((data.tp_status & TP_STATUS_VLAN_VALID) == 0) return;
    frame->tagged = true;
    frame->tci = data.tp_vlan_tci;
    frame->tpid = (data.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0 ? data.tp_vlan_tpid : ETH_P_8021Q;
    return;
  }
}

}  // namespace

int FrameSocket::Open(uint32_t ifindex, bool promiscuous) {
  // Protocol 0: nothing is received before the options and the device are set.
  UniqueFd fd(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return -errno;
  if (const int error = SetOption(fd.get(), PACKET_AUXDATA, 1); error != 0) return error;
  // Before Linux 4.20 own frames come back as well; whoever looks at addresses does not mind.
  SetOption(fd.get(), PACKET_IGNORE_OUTGOING, 1);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(ifindex);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) return -errno;
  if (promiscuous) {
    packet_mreq request{};
    request.mr_ifindex = static_cast<int>(ifindex);
    request.mr_type = PACKET_MR_PROMISC;
    if (setsockopt(fd.get(), SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof(request)) != 0)
      return -errno;
  }
  fd_ = static_cast<UniqueFd&&>(fd);
  return 0;
}

int FrameSocket::Send(const uint8_t* frame, size_t length) {
  return send(fd_.get(), frame, length, 0) < 0 ? -errno : 0;
}

int FrameSocket::Receive(uint8_t* buffer, size_t capacity, Frame* frame) {
  *frame = Frame();
  alignas(cmsghdr) uint8_t control[CMSG_SPACE(sizeof(tpacket_auxdata))] = {};
  iovec vector{buffer, capacity};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  const ssize_t received = recvmsg(fd_.get(), &message, 0);
  if (received < 0) return errno == EAGAIN || errno == EINTR ? 0 : -errno;
  frame->length = static_cast<size_t>(received);
  TakeTag(message, frame);
  return 1;
}

}  // namespace sriov
