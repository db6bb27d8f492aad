// Links on top of a VF's network device, and that device itself: macvtap made and removed, MAC and state set.
// Owns these requests; each is one message. Finding links is link.h's, VF settings are vf_sender.h's.
#pragma once

#include <array>
#include <string>

#include "netlink/channel.h"

namespace sriov {

// What came of a request: 0 or an errno, and the kernel's words.
struct LinkOutcome {
  int error = 0;
  std::string extended_ack;
  uint32_t ifindex = 0;  // of a link that was made
};

using MacAddress = std::array<uint8_t, 6>;

// Makes the macvtap link `name` in passthru mode on `lower`; it takes the MAC of `lower` (macvlan_common_newlink,
// drivers/net/macvlan.c). EEXIST: the name is taken; EINVAL: there is such a link on `lower` already, or one in
// another mode; ENODEV: `lower` is gone; EOPNOTSUPP: the kernel has no macvtap.
[[nodiscard]] LinkOutcome MakeMacvtap(Channel* channel, uint32_t lower, const std::string& name);

// Removes the link. EOPNOTSUPP: it is of hardware.
[[nodiscard]] LinkOutcome RemoveLink(Channel* channel, uint32_t ifindex);

// Sets what is not null: MAC, up or down. The kernel does the MAC first (do_setlink, net/core/rtnetlink.c).
[[nodiscard]] LinkOutcome ChangeLink(Channel* channel, uint32_t ifindex, const MacAddress* mac, const bool* up);

}  // namespace sriov
