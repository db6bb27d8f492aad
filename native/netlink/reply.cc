#include "netlink/reply.h"

namespace sriov {
namespace {

constexpr size_t kHeader = NLMSG_HDRLEN;

// An error is 0 or a negative errno down to -MAX_ERRNO (include/linux/err.h).
constexpr int kMaxErrno = 4095;

size_t AlignMessage(size_t length) { return (length + NLMSG_ALIGNTO - 1) & ~size_t{NLMSG_ALIGNTO - 1}; }

// The attributes follow the echoed request, of which NETLINK_CAP_ACK leaves the header alone
// (netlink_ack, net/netlink/af_netlink.c).
std::string ExtendedAck(Bytes payload, uint16_t flags) {
  nlmsghdr request;
  if ((flags & NLM_F_ACK_TLVS) == 0 || !ReadAt(payload, sizeof(int), &request)) return {};
  const size_t echoed = (flags & NLM_F_CAPPED) != 0 ? kHeader : AlignMessage(request.nlmsg_len);
  const size_t skip = sizeof(int) + echoed;
  if (skip < echoed || skip > payload.size) return {};
  AttributeReader attributes({payload.data + skip, payload.size - skip});
  Attribute attribute;
  while (attributes.Next(&attribute)) {
    if (attribute.type != NLMSGERR_ATTR_MSG) continue;
    const char* text = reinterpret_cast<const char*>(attribute.payload.data);
    return std::string(text, strnlen(text, attribute.payload.size));
  }
  return {};
}

}  // namespace

bool ReplyReader::Next(Reply* out) {
  if (rest_.size == 0) return false;
  nlmsghdr header;
  if (!ReadAt(rest_, 0, &header) || header.nlmsg_len < kHeader || header.nlmsg_len > rest_.size) {
    malformed_ = true;
    return false;
  }
  out->seq = header.nlmsg_seq;
  out->type = header.nlmsg_type;
  out->flags = header.nlmsg_flags;
  out->payload = {rest_.data + kHeader, header.nlmsg_len - kHeader};
  out->error = 0;
  out->extended_ack.clear();
  if (header.nlmsg_type == NLMSG_ERROR) {
    int error = 0;
    if (!ReadAt(out->payload, 0, &error) || error > 0 || error < -kMaxErrno) {
      malformed_ = true;
      return false;
    }
    out->error = -error;
    if (error != 0) out->extended_ack = ExtendedAck(out->payload, header.nlmsg_flags);
  }
  const size_t step = AlignMessage(header.nlmsg_len);
  const size_t bounded = step < rest_.size ? step : rest_.size;
  rest_ = {rest_.data + bounded, rest_.size - bounded};
  return true;
}

}  // namespace sriov
