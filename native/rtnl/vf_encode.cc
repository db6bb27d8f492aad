#include "rtnl/vf_encode.h"

namespace sriov {
namespace {

uint8_t* Guid(uint16_t type, uint32_t vf, uint64_t guid, uint8_t* out) {
  ifla_vf_guid payload{};
  payload.vf = vf;
  payload.guid = guid;
  static_assert(sizeof payload % NLA_ALIGNTO == 0, "needs padding");
  const nlattr header{static_cast<uint16_t>(NLA_HDRLEN + sizeof payload), type};
  std::memcpy(out, &header, sizeof header);
  std::memcpy(out + NLA_HDRLEN, &payload, sizeof payload);
  return out + NLA_HDRLEN + sizeof payload;
}

}  // namespace

uint8_t* VfEncoder::Rate(uint32_t row, uint32_t vf, uint8_t* out) const {
  const uint32_t max = Cell(kColumnRateMax, row);
  if ((Cell(kColumnMask, row) & kFieldRateMin) == 0) return Switch(IFLA_VF_TX_RATE, vf, max, out);
  Head<ifla_vf_rate>(IFLA_VF_RATE, vf, out);
  Put(out + 8, Words(Cell(kColumnRateMin, row), max));
  return out + NLA_HDRLEN + sizeof(ifla_vf_rate);
}

uint8_t* VfEncoder::Others(uint32_t row, Settings which, uint32_t vf, uint8_t* start, uint8_t* out) const {
  if (which & Bit(kSetRate)) out = Rate(row, vf, out);
  if (which & Bit(kSetLinkState)) out = Switch(IFLA_VF_LINK_STATE, vf, Cell(kColumnLinkState, row), out);
  if (which & Bit(kSetRssQuery)) out = Switch(IFLA_VF_RSS_QUERY_EN, vf, Cell(kColumnRssQuery, row), out);
  if (which & Bit(kSetTrust)) out = Switch(IFLA_VF_TRUST, vf, Cell(kColumnTrust, row), out);
  if (which & Bit(kSetNodeGuid)) out = Guid(IFLA_VF_IB_NODE_GUID, vf, guids_[row], out);
  if (which & Bit(kSetPortGuid)) {
    // do_setvfinfo returns right after the node GUID, so a port GUID beside it would never be applied.
    if (which & Bit(kSetNodeGuid)) {
      Close(start, out);
      start = out;
      out += NLA_HDRLEN;
    }
    out = Guid(IFLA_VF_IB_PORT_GUID, vf, guids_[capacity_ + row], out);
  }
  Close(start, out);
  return out;
}

}  // namespace sriov
