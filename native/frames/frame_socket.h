// A packet socket on one net device: whole Ethernet frames out and in, with the VLAN tag told apart.
//
// Owns the socket. Used by the checks of a data path, never by what programs VFs. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/unique_fd.h"

namespace sriov {

// A frame as received.
struct Frame {
  // Bytes of the frame as the kernel has them, without the outer tag; not more than the buffer holds.
  size_t length = 0;
  // The kernel takes the outermost tag out of a frame before anyone sees it (net/core/dev.c:
  // skb_vlan_untag) and tells it beside the frame (PACKET_AUXDATA).
  bool tagged = false;
  uint16_t tci = 0;
  uint16_t tpid = 0;
};

class FrameSocket {
 public:
  // Opens a socket that sees every frame the device receives. 0 or a negative errno: -EPERM without
  // CAP_NET_RAW, -ENODEV, -ENETDOWN while the device is down.
  int Open(uint32_t ifindex, bool promiscuous);
  void Close() { fd_ = UniqueFd(); }
  bool is_open() const { return fd_.valid(); }

  // Sends one frame, from the destination address on. 0 or a negative errno.
  int Send(const uint8_t* frame, size_t length);

  // Takes one received frame: 1, or 0 when there is none now, or a negative errno.
  int Receive(uint8_t* buffer, size_t capacity, Frame* frame);

 private:
  UniqueFd fd_;
};

}  // namespace sriov
