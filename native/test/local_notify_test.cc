// Notify, against receivers of our own: addresses of each kind and length, and what goes wrong.
#include "local/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/unique_fd.h"
#include "test.h"

namespace sriov {
namespace {

// A bound datagram socket; `name` as in sun_path, its first byte 0 for an abstract address.
UniqueFd Bind(const std::string& name) {
  UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name.data(), name.size());
  const size_t length = offsetof(sockaddr_un, sun_path) + name.size() + (name[0] == '\0' ? 0 : 1);
  EXPECT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(length)), 0);
  return fd;
}

std::string Received(const UniqueFd& fd) {
  char buffer[256];
  const ssize_t size = recv(fd.get(), buffer, sizeof buffer, 0);
  return size < 0 ? "(nothing)" : std::string(buffer, static_cast<size_t>(size));
}

struct Folder {
  std::string path = "/tmp/sriov-notify-XXXXXX";
  Folder() { EXPECT_TRUE(mkdtemp(path.data()) != nullptr); }
  ~Folder() { rmdir(path.c_str()); }
};

TEST(a_notification_is_one_datagram_to_a_path_or_an_abstract_address) {
  const Folder folder;
  const std::string file = folder.path + "/n";
  const UniqueFd by_path = Bind(file);
  EXPECT_EQ(Notify(file, "READY=1\nSTATUS=x"), 0);
  EXPECT_EQ(Received(by_path), std::string("READY=1\nSTATUS=x"));
  EXPECT_EQ(Received(by_path), std::string("(nothing)"));
  unlink(file.c_str());

  const std::string name = "sriov-notify-test-" + std::to_string(getpid());
  const UniqueFd abstract = Bind(std::string(1, '\0') + name);
  EXPECT_EQ(Notify("@" + name, "STOPPING=1"), 0);
  EXPECT_EQ(Received(abstract), std::string("STOPPING=1"));
}

TEST(the_longest_addresses_arrive_and_longer_ones_are_refused) {
  const Folder folder;
  const size_t room = sizeof(sockaddr_un{}.sun_path);
  std::string file = folder.path + "/";
  file.resize(room - 1, 'f');
  const UniqueFd by_path = Bind(file);
  EXPECT_EQ(Notify(file, "a"), 0);
  EXPECT_EQ(Received(by_path), std::string("a"));
  unlink(file.c_str());
  EXPECT_EQ(Notify(file + "f", "a"), ENAMETOOLONG);
  EXPECT_EQ(Notify(std::string(100'000, '/'), "a"), ENAMETOOLONG);

  std::string name = "@sriov-" + std::to_string(getpid()) + "-";
  name.resize(room, 'n');
  const UniqueFd abstract = Bind(std::string(1, '\0') + name.substr(1));
  EXPECT_EQ(Notify(name, "b"), 0);
  EXPECT_EQ(Received(abstract), std::string("b"));
  EXPECT_EQ(Notify(name + "n", "b"), ENAMETOOLONG);
}

TEST(what_is_no_address_or_says_nothing_is_refused) {
  for (const char* path : {"run/notify", "vsock:2:1234", "x"}) EXPECT_EQ(Notify(path, "a"), EAFNOSUPPORT);
  for (const char* path : {"", "/", "@"}) EXPECT_EQ(Notify(path, "a"), EINVAL);
  EXPECT_EQ(Notify(std::string("/run\0/x", 7), "a"), EINVAL);
  EXPECT_EQ(Notify("@sriov", ""), EINVAL);
}

TEST(a_receiver_that_is_not_there_or_has_no_room_is_an_error_and_no_hang) {
  EXPECT_EQ(Notify("/nonexistent/notify", "a"), ENOENT);
  const std::string name = "sriov-full-" + std::to_string(getpid());
  EXPECT_EQ(Notify("@" + name, "a"), ECONNREFUSED);
  const UniqueFd full = Bind(std::string(1, '\0') + name);
  int error = 0;
  for (int sent = 0; sent < 100'000 && error == 0; ++sent) error = Notify("@" + name, "a");
  EXPECT_EQ(error, EAGAIN);
  EXPECT_EQ(Received(full), std::string("a"));
  EXPECT_EQ(Notify("@" + name, "a"), 0);
}

}  // namespace
}  // namespace sriov
