#include "monitor/multicast_socket.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <cerrno>

namespace sriov {
namespace {

// Some thousand notifications: memory is taken only while they wait. Not more, since what is lost is healed.
constexpr int kReceiveBuffer = 4 << 20;

// No notification of a link is near this: they carry no VFs.
constexpr size_t kDatagram = 64 << 10;

}  // namespace

int MulticastSocket::Open(int family, uint32_t groups) {
  fd_ = UniqueFd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, family));
  if (!fd_.valid()) return errno;
  // Beyond the system's limit with CAP_NET_ADMIN, up to it without. NETLINK_NO_ENOBUFS stays off: it hides losses.
  const int bytes = kReceiveBuffer;
  if (setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0) {
    (void)setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }
  sockaddr_nl self{};
  self.nl_family = AF_NETLINK;
  self.nl_groups = groups;
  return bind(fd_.get(), reinterpret_cast<sockaddr*>(&self), sizeof self) == 0 ? 0 : errno;
}

int MulticastSocket::Receive(std::vector<uint8_t>* buffer, size_t* size) {
  if (buffer->size() < kDatagram) buffer->resize(kDatagram);
  for (;;) {
    sockaddr_nl from{};
    iovec part{buffer->data(), buffer->size()};
    msghdr message{};
    message.msg_name = &from;
    message.msg_namelen = sizeof from;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    const ssize_t got = recvmsg(fd_.get(), &message, MSG_DONTWAIT | MSG_TRUNC);
    if (got < 0) {
      if (errno == EINTR) continue;
      return errno == EWOULDBLOCK ? EAGAIN : errno;
    }
    // Any process may send to a socket whose port it guesses, and root's to the group; only port 0 is the kernel's.
    if (from.nl_pid != 0) continue;
    if (static_cast<size_t>(got) > buffer->size()) {
      buffer->resize(static_cast<size_t>(got) + static_cast<size_t>(got) / 4);
      return ENOBUFS;
    }
    *size = static_cast<size_t>(got);
    return 0;
  }
}

}  // namespace sriov
