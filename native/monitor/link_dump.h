// All links of the network namespace, asked for in one RTM_GETLINK dump.
// Never asks for VFs: for each the driver would be asked under the rtnl lock.
#pragma once

#include <vector>

#include "monitor/link.h"
#include "netlink/channel.h"

namespace sriov {

struct LinkDump {
  std::vector<Link> links;   // `device` and `bus` are not filled
  bool interrupted = false;  // links came, went or were renamed meanwhile: some may be missing (NLM_F_DUMP_INTR)
};

// 0 or an errno; EBADMSG if the answer could not be understood.
[[nodiscard]] int DumpLinks(Channel* channel, LinkDump* dump);

}  // namespace sriov
