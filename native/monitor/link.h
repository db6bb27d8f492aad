// A network device as the monitor knows it: the part of an RTM_NEWLINK that it watches.
// Plain data. Never holds VFs: notifications are built without them (rtmsg_ifinfo, ext mask 0).
#pragma once

#include <cstdint>
#include <string>

namespace sriov {

struct Link {
  uint32_t ifindex = 0;
  uint32_t flags = 0;  // IFF_UP and IFF_LOWER_UP, no others
  uint32_t mtu = 0;
  uint32_t master = 0;     // ifindex, 0 for none
  uint8_t operstate = 0;   // IF_OPER_*
  std::string name;
  std::string address;     // raw bytes of IFLA_ADDRESS
  std::string alias;       // IFLA_IFALIAS
  std::string port_name;   // IFLA_PHYS_PORT_NAME
  std::string kind;        // IFLA_INFO_KIND, empty for most hardware
  std::string parent;      // IFLA_PARENT_DEV_NAME (Linux 5.14), empty if the kernel named none
  std::string parent_bus;  // IFLA_PARENT_DEV_BUS_NAME
  std::string device;      // the device it belongs to, see device_name.h; empty for none
  std::string bus;         // of `device`
};

inline bool operator==(const Link& a, const Link& b) {
  return a.ifindex == b.ifindex && a.flags == b.flags && a.mtu == b.mtu && a.master == b.master &&
         a.operstate == b.operstate && a.name == b.name && a.address == b.address &&
         a.alias == b.alias && a.port_name == b.port_name && a.kind == b.kind &&
         a.device == b.device && a.bus == b.bus;
}

}  // namespace sriov
