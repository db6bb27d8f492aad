// One message to a service manager: a datagram to a Unix socket, as sd_notify(3) describes it.
// Owns the address and the sending; what is said is TypeScript's business.
#pragma once

#include <string_view>

namespace sriov {

// `path` is absolute, or begins with @ for an abstract address. 0 or an errno: EAFNOSUPPORT for any other address (vsock,
// say), EINVAL for a path or text of nothing or a path with a zero byte, ENAMETOOLONG, EAGAIN when the receiver did not
// make room within a second, or what the kernel says.
[[nodiscard]] int Notify(std::string_view path, std::string_view text);

}  // namespace sriov
