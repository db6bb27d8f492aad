#include "netlink/socket.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace sriov {
namespace {

// One send may carry several VF lists of 64 KiB; replies to failures come one datagram each.
constexpr int kWantedSendBuffer = 1 << 20;
constexpr int kWantedReceiveBuffer = 4 << 20;

// netlink_sendmsg refuses what is longer than sk_sndbuf - 32 (EMSGSIZE).
constexpr size_t kSendOverhead = 32;

// Memory that a queued short reply is charged with: 832 to 960 bytes were seen on 6.12 to 7.3.
constexpr size_t kReplyCharge = 1024;

// First size of a receive buffer: the settings of more than 1,300 VFs without statistics.
constexpr size_t kFirstReceiveBytes = 256 << 10;

size_t BufferSize(int fd, int option) {
  int value = 0;
  socklen_t length = sizeof value;
  if (getsockopt(fd, SOL_SOCKET, option, &value, &length) != 0 || value < 0) return 0;
  return static_cast<size_t>(value);
}

// SO_*BUFFORCE may pass the system's limit but needs CAP_NET_ADMIN; without it the limit is what we get.
void WantBuffer(int fd, int force_option, int option, int bytes) {
  if (setsockopt(fd, SOL_SOCKET, force_option, &bytes, sizeof bytes) == 0) return;
  (void)setsockopt(fd, SOL_SOCKET, option, &bytes, sizeof bytes);
}

void EnableOption(int fd, int option) {
  const int on = 1;
  // Kernels before 4.12 lack some of these: errors then come without text, and nothing else is lost.
  (void)setsockopt(fd, SOL_NETLINK, option, &on, sizeof on);
}

}  // namespace

int NetlinkSocket::Open(int family) {
  fd_ = UniqueFd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, family));
  if (!fd_.valid()) return errno;
  sockaddr_nl self{};
  self.nl_family = AF_NETLINK;
  if (bind(fd_.get(), reinterpret_cast<sockaddr*>(&self), sizeof self) != 0) return errno;
  EnableOption(fd_.get(), NETLINK_CAP_ACK);  // an error does not echo a request of 64 KiB
  EnableOption(fd_.get(), NETLINK_EXT_ACK);
  EnableOption(fd_.get(), NETLINK_GET_STRICT_CHK);
  SizeBuffers();
  return 0;
}

void NetlinkSocket::SizeBuffers() {
  WantBuffer(fd_.get(), SO_SNDBUFFORCE, SO_SNDBUF, kWantedSendBuffer);
  WantBuffer(fd_.get(), SO_RCVBUFFORCE, SO_RCVBUF, kWantedReceiveBuffer);
  const size_t send_bytes = BufferSize(fd_.get(), SO_SNDBUF);
  max_send_ = send_bytes > kSendOverhead ? send_bytes - kSendOverhead : 0;
  const size_t unread = BufferSize(fd_.get(), SO_RCVBUF) / kReplyCharge;
  max_unread_ = unread > 1 ? unread : 1;
}

int NetlinkSocket::Send(const uint8_t* data, size_t size) {
  for (;;) {
    // An unconnected netlink socket sends to the kernel: nl_pid 0 is its default destination.
    const ssize_t sent = send(fd_.get(), data, size, 0);
    if (sent >= 0) return static_cast<size_t>(sent) == size ? 0 : EMSGSIZE;
    // EINTR comes before anything was executed: the only wait in netlink_sendmsg is for memory.
    if (errno != EINTR) return errno;
  }
}

int NetlinkSocket::Receive(std::vector<uint8_t>* buffer, size_t* size) {
  if (buffer->size() < kFirstReceiveBytes) buffer->resize(kFirstReceiveBytes);
  for (;;) {
    // MSG_TRUNC makes the kernel tell the datagram's true length.
    const ssize_t got = recv(fd_.get(), buffer->data(), buffer->size(), MSG_DONTWAIT | MSG_TRUNC);
    if (got < 0) {
      if (errno == EINTR) continue;
      return errno == EWOULDBLOCK ? EAGAIN : errno;
    }
    if (static_cast<size_t>(got) > buffer->size()) {
      buffer->resize(static_cast<size_t>(got) + static_cast<size_t>(got) / 4);
      return EMSGSIZE;
    }
    *size = static_cast<size_t>(got);
    return 0;
  }
}

}  // namespace sriov
