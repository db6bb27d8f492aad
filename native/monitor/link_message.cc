#include "monitor/link_message.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace sriov {
namespace {

// Linux 5.14; the headers of older distributions do not have them.
constexpr uint16_t kParentDevName = 56;
constexpr uint16_t kParentDevBusName = 57;

constexpr size_t kMaxAddress = 32;  // MAX_ADDR_LEN, include/linux/netdevice.h

std::string Text(Bytes payload) {
  const char* text = reinterpret_cast<const char*>(payload.data);
  return std::string(text, strnlen(text, payload.size));
}

bool ReadKind(Bytes nest, std::string* kind) {
  AttributeReader attributes(nest);
  Attribute attribute;
  while (attributes.Next(&attribute)) {
    if (attribute.type == IFLA_INFO_KIND) *kind = Text(attribute.payload);
  }
  return !attributes.malformed();
}

// False when the attribute is too short for what it is. Unknown ones are skipped.
bool ReadAttribute(const Attribute& attribute, Link* link, bool* has_mtu) {
  const Bytes payload = attribute.payload;
  switch (attribute.type) {
    case IFLA_IFNAME: link->name = Text(payload); return true;
    case IFLA_IFALIAS: link->alias = Text(payload); return true;
    case IFLA_PHYS_PORT_NAME: link->port_name = Text(payload); return true;
    case kParentDevName: link->parent = Text(payload); return true;
    case kParentDevBusName: link->parent_bus = Text(payload); return true;
    case IFLA_LINKINFO: return ReadKind(payload, &link->kind);
    case IFLA_MASTER: return ReadAt(payload, 0, &link->master);
    case IFLA_OPERSTATE: return ReadAt(payload, 0, &link->operstate);
    case IFLA_MTU: *has_mtu = true; return ReadAt(payload, 0, &link->mtu);
    case IFLA_ADDRESS:
      if (payload.size > kMaxAddress) return false;
      link->address.assign(reinterpret_cast<const char*>(payload.data), payload.size);
      return true;
    default: return true;
  }
}

}  // namespace

LinkMessage ParseLinkMessage(Bytes payload, Link* link) {
  ifinfomsg info;
  if (!ReadAt(payload, 0, &info)) return LinkMessage::kMalformed;
  // Bridges tell the same group about their ports: their RTM_DELLINK means that a port left the bridge
  // (br_info_notify, net/bridge/br_netlink.c).
  if (info.ifi_family != AF_UNSPEC) return LinkMessage::kOther;
  if (info.ifi_index <= 0) return LinkMessage::kMalformed;
  *link = Link();
  link->ifindex = static_cast<uint32_t>(info.ifi_index);
  link->flags = info.ifi_flags & (IFF_UP | IFF_LOWER_UP);
  AttributeReader attributes(
      {payload.data + NLMSG_ALIGN(sizeof info), payload.size - NLMSG_ALIGN(sizeof info)});
  Attribute attribute;
  bool has_mtu = false;
  while (attributes.Next(&attribute)) {
    if (!ReadAttribute(attribute, link, &has_mtu)) return LinkMessage::kMalformed;
  }
  if (attributes.malformed()) return LinkMessage::kMalformed;
  // rtnl_fill_ifinfo writes the MTU always, the wireless extensions do not (rtnetlink_ifinfo_prep,
  // net/wireless/wext-core.c).
  return has_mtu && !link->name.empty() ? LinkMessage::kWhole : LinkMessage::kPartial;
}

}  // namespace sriov
