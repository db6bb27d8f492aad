#include "local/peer.h"

#include <sys/socket.h>

#include <cerrno>

namespace sriov {
namespace {

// include/uapi/asm-generic/socket.h, Linux 4.13; older headers lack it.
#ifndef SO_PEERGROUPS
constexpr int SO_PEERGROUPS = 59;
#endif

// NGROUPS_MAX of the kernel (include/uapi/linux/limits.h): no credentials have more.
constexpr size_t kMostGroups = 65536;
constexpr size_t kFirstGuess = 32;

int ReadGroups(int fd, std::vector<gid_t>* groups) {
  size_t room = kFirstGuess;
  for (;;) {
    groups->resize(room);
    socklen_t bytes = static_cast<socklen_t>(room * sizeof(gid_t));
    const int error = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups->data(), &bytes) == 0 ? 0 : errno;
    if (error != 0 && error != ERANGE) return error;
    // With ERANGE as well it is the length of all groups (sk_getsockopt, net/core/sock.c).
    const size_t count = bytes / sizeof(gid_t);
    if (bytes % sizeof(gid_t) != 0 || count > kMostGroups) return EBADMSG;
    if (error == 0) {
      if (count > room) return EBADMSG;
      groups->resize(count);
      return 0;
    }
    // Always more room than before, or an end: what the kernel says must not keep us here.
    if (count <= room) return EBADMSG;
    room = count;
  }
}

}  // namespace

int ReadPeer(int fd, Peer* peer) {
  ucred credentials{};
  socklen_t bytes = sizeof credentials;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &bytes) != 0) return errno;
  if (bytes != sizeof credentials) return EBADMSG;
  // A socket without a peer has no error but nobody's credentials (cred_to_ucred, net/core/sock.c); a real uid is
  // never -1.
  if (credentials.uid == static_cast<uid_t>(-1)) return ENODATA;
  peer->pid = credentials.pid;
  peer->uid = credentials.uid;
  peer->gid = credentials.gid;
  return ReadGroups(fd, &peer->groups);
}

}  // namespace sriov
