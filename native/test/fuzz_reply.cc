// Fuzzes the reading of datagrams: acknowledgements, errors, extended acknowledgements. Must never read outside
// the input, never fail to end, and never yield an errno that is none.
#include <cstdlib>
#include <vector>

#include "netlink/reply.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<uint8_t> datagram(data, data + size);
  sriov::ReplyReader replies({datagram.data(), datagram.size()});
  sriov::Reply reply;
  size_t count = 0;
  size_t text = 0;
  while (replies.Next(&reply)) {
    ++count;
    text += reply.extended_ack.size();
    const uint8_t* const end = reply.payload.data + reply.payload.size;
    if (reply.payload.data < datagram.data() || end > datagram.data() + datagram.size()) std::abort();
    if (reply.error < 0 || reply.error > 4095 || (reply.error != 0 && !reply.is_ack())) std::abort();
  }
  if (count > size / 16 || text > size || replies.Next(&reply)) std::abort();
  return 0;
}
