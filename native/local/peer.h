// Who is at the other end of a Unix socket, as the kernel wrote it down when the two were connected.
// Never closes or changes the socket, which is somebody else's.
#pragma once

#include <sys/types.h>

#include <vector>

namespace sriov {

struct Peer {
  pid_t pid = 0;  // 0: in a pid namespace that ours cannot see
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // supplementary; `gid` need not be among them
};

// Credentials of whoever connected, or of whoever listened (SO_PEERCRED and SO_PEERGROUPS, Linux 4.13). 0 or an errno;
// ENODATA: the socket has no peer, or is no Unix socket of a kind that is connected.
[[nodiscard]] int ReadPeer(int fd, Peer* peer);

}  // namespace sriov
