#include "local/notify.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "base/unique_fd.h"

namespace sriov {
namespace {

int FillAddress(std::string_view path, sockaddr_un* address, socklen_t* length) {
  if (path.empty()) return EINVAL;
  const bool abstract = path[0] == '@';
  if (!abstract && path[0] != '/') return EAFNOSUPPORT;
  // No file and no abstract address has such a short name; the kernel would take "@" for a wish to be given one.
  if (path.size() < 2) return EINVAL;
  if (path.find('\0') != std::string_view::npos) return EINVAL;
  // A path in the file system ends with a zero byte; an abstract address ends where its length says (unix(7)).
  const size_t needed = path.size() + (abstract ? 0 : 1);
  if (needed > sizeof address->sun_path) return ENAMETOOLONG;
  *address = sockaddr_un{};
  address->sun_family = AF_UNIX;
  std::memcpy(address->sun_path, path.data(), path.size());
  if (abstract) address->sun_path[0] = '\0';
  *length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + needed);
  return 0;
}

}  // namespace

int Notify(std::string_view path, std::string_view text) {
  if (text.empty()) return EINVAL;
  sockaddr_un address;
  socklen_t length = 0;
  if (const int error = FillAddress(path, &address, &length)) return error;
  const UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return errno;
  // A full queue is worth a moment's wait, because READY=1 is not said twice; a manager that hangs must not hang us.
  const timeval most{1, 0};
  if (setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most) != 0) return errno;
  for (;;) {
    const ssize_t sent = sendto(fd.get(), text.data(), text.size(), MSG_NOSIGNAL,
                                reinterpret_cast<const sockaddr*>(&address), length);
    // A datagram goes whole or not at all.
    if (sent >= 0) return 0;
    if (errno != EINTR) return errno;
  }
}

}  // namespace sriov
