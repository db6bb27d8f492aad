// Finding a link by name, alternative name or ifindex, and asking the kernel about one.
// Owns the look-ups; never asks for VF data, which the kernel gathers under rtnl.
#pragma once

#include <string>

#include "netlink/channel.h"

namespace sriov {

// ifindex of the link that has `name` as its name or alternative name. 0, or ENODEV, or another errno.
// A name of up to 15 bytes is found without the rtnl lock (SIOCGIFINDEX knows alternative names as well:
// dev_get_by_name_rcu, net/core/dev.c). A longer one can only be an alternative name (kernel 5.5) and is
// asked for by RTM_GETLINK, which waits for whoever holds rtnl.
[[nodiscard]] int FindLink(Channel* channel, const std::string& name, uint32_t* ifindex);

// Name of the link `ifindex`, without the rtnl lock (SIOCGIFNAME). 0, or ENODEV, or another errno.
[[nodiscard]] int LinkName(uint32_t ifindex, std::string* name);

}  // namespace sriov
