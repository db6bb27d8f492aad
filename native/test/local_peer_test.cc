// ReadPeer, by sockets of our own: who we are is known.
#include "local/peer.h"

#include <grp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/unique_fd.h"
#include "test.h"

namespace sriov {
namespace {

std::vector<gid_t> OwnGroups() {
  std::vector<gid_t> groups(65536);
  const int count = getgroups(static_cast<int>(groups.size()), groups.data());
  groups.resize(count < 0 ? 0 : static_cast<size_t>(count));
  return groups;
}

int PeerOfPair(Peer* peer) {
  int pair[2] = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return errno;
  const UniqueFd a(pair[0]);
  const UniqueFd b(pair[1]);
  return ReadPeer(a.get(), peer);
}

TEST(the_peer_of_a_pair_of_our_own_is_us) {
  Peer peer;
  EXPECT_EQ(PeerOfPair(&peer), 0);
  EXPECT_EQ(peer.pid, getpid());
  EXPECT_EQ(peer.uid, geteuid());
  EXPECT_EQ(peer.gid, getegid());
  EXPECT_TRUE(peer.groups == OwnGroups());
}

TEST(all_groups_of_a_peer_are_read_however_many_they_are) {
  const std::vector<gid_t> own = OwnGroups();
  for (const size_t count : {0u, 1u, 31u, 32u, 33u, 1000u, 65536u}) {
    std::vector<gid_t> many(count);
    for (size_t i = 0; i < count; ++i) many[i] = static_cast<gid_t>(100'000 + i);
    if (setgroups(many.size(), many.data()) != 0) {
      std::printf("     not checked with %zu groups: this process may not take them (errno %d)\n", count, errno);
      continue;
    }
    Peer peer;
    EXPECT_EQ(PeerOfPair(&peer), 0);
    EXPECT_TRUE(peer.groups == many);
  }
  // Those who took none may not give back any either; nothing has changed then.
  (void)setgroups(own.size(), own.data());
  EXPECT_TRUE(OwnGroups() == own);
}

TEST(what_has_no_peer_is_refused) {
  Peer peer;
  EXPECT_EQ(ReadPeer(-1, &peer), EBADF);
  const UniqueFd alone(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(ReadPeer(alone.get(), &peer), ENODATA);
  int ends[2] = {-1, -1};
  EXPECT_EQ(pipe(ends), 0);
  const UniqueFd out(ends[0]);
  const UniqueFd in(ends[1]);
  EXPECT_EQ(ReadPeer(out.get(), &peer), ENOTSOCK);
  const UniqueFd internet(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (internet.valid()) EXPECT_TRUE(ReadPeer(internet.get(), &peer) != 0);
}

}  // namespace
}  // namespace sriov
