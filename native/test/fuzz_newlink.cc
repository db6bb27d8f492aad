// Fuzzes the reading of RTM_NEWLINK: the walk over VFs past a wrapped length, their decoding, and the monitor's
// reading of the same message. Must never read outside the input, and never call a table whole that is not.
//
// The input is either the message itself, or changes to a message as the kernel writes it: a blind search would
// spend its time on nests whose lengths disagree.
#include <linux/rtnetlink.h>

#include <cstdlib>

#include "fake_link.h"
#include "monitor/link_message.h"
#include "rtnl/vf_decode.h"

namespace sriov {
namespace {

void Require(bool value) {
  if (!value) std::abort();
}

// A copy of its own length, so that a read past the end is seen.
void Decode(const std::vector<uint8_t>& message) {
  const Bytes payload{message.data(), message.size()};
  Link link;
  (void)ParseLinkMessage(payload, &link);
  VfListHead head;
  if (!FindVfList(payload, &head)) return;
  if (head.list.size > 0) {
    Require(head.list.data >= payload.data);
    Require(head.list.data + head.list.size <= payload.data + payload.size);
  }
  for (const bool stats : {false, true}) {
    std::vector<uint64_t> storage;
    VfTable table;
    if (!DecodeVfList(head, stats, &storage, &table)) continue;
    Require(table.rows() == head.listed && table.num_vf() == head.num_vf);
    for (uint32_t row = 0; row < table.rows(); ++row) Require((table.mask(row) & ~0x7ffu) == 0);
  }
}

std::vector<uint8_t> Changed(const uint8_t* data, size_t size) {
  LinkShape shape;
  shape.num_vf = data[0] & 3 ? data[0] % 8u : 200u + data[0];  // on both sides of where the length wraps
  shape.stats = (data[1] & 1) != 0;
  shape.guids = (data[1] & 2) != 0;
  shape.capped = (data[1] & 4) != 0;
  shape.unreported = data[2];
  Wire wire;
  AppendLink(&wire, 1, shape, DistinctVfs(shape.num_vf));
  std::vector<uint8_t> message(wire.bytes.begin() + NLMSG_HDRLEN, wire.bytes.end());
  for (size_t at = 3; at + 4 <= size; at += 4) {
    const size_t where = (data[at] | data[at + 1] << 8 | (data[at + 2] & 1) << 16) % message.size();
    if ((data[at + 2] & 2) != 0) {
      message.resize(where + 1);
    } else {
      message[where] = data[at + 3];
    }
  }
  return message;
}

}  // namespace
}  // namespace sriov

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 4) return 0;
  if ((data[0] & 0x80) != 0) {
    sriov::Decode(std::vector<uint8_t>(data + 1, data + size));
  } else {
    sriov::Decode(sriov::Changed(data, size));
  }
  return 0;
}
