// Reading a kernel uevent: "add@/devices/...", then KEY=VALUE, each with a final zero (kobject_uevent_env,
// lib/kobject_uevent.c).
// Owns which of them are passed on; what one means is TypeScript's business.
#pragma once

#include <string_view>

#include "netlink/attribute.h"

namespace sriov {

// Whether the datagram is one uevent, whole and well formed, of a subsystem in which SR-IOV shows. *text is then the
// uevent without its last zero.
[[nodiscard]] bool IsOurUevent(Bytes datagram, std::string_view* text);

}  // namespace sriov
