// Reading the payload of an RTM_NEWLINK or RTM_DELLINK: struct ifinfomsg and its attributes.
// Owns what is taken from one; never decides what it means for the links known so far.
#pragma once

#include "monitor/link.h"
#include "netlink/attribute.h"

namespace sriov {

enum class LinkMessage {
  kWhole,      // the link's whole state
  kPartial,    // about a link, with part of its state: nothing can be concluded from what is absent
  kOther,      // not about a link as such
  kMalformed,  // a length does not fit, or there is no ifindex
};

// Fills *link, all but `device` and `bus`, when the message is whole; only `ifindex` when it is partial.
[[nodiscard]] LinkMessage ParseLinkMessage(Bytes payload, Link* link);

}  // namespace sriov
