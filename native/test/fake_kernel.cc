#include "fake_kernel.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

namespace sriov {
namespace {

constexpr size_t kHeader = NLMSG_HDRLEN;

int TakeFront(std::vector<int>* errors) {
  if (errors->empty()) return 0;
  const int error = errors->front();
  errors->erase(errors->begin());
  return error;
}

}  // namespace

int FakeKernel::Send(const uint8_t* data, size_t size) {
  ++sends;
  if (size > send_limit) return EMSGSIZE;
  if (send_error != 0 && sends > send_error_after) return send_error;
  Bytes rest{data, size};
  while (rest.size >= kHeader) {
    nlmsghdr header;
    std::memcpy(&header, rest.data, sizeof header);
    if (header.nlmsg_len < kHeader || header.nlmsg_len > rest.size) return 0;
    Execute(header, {rest.data + kHeader, header.nlmsg_len - kHeader},
            {rest.data, header.nlmsg_len});
    const size_t step = NLMSG_ALIGN(size_t{header.nlmsg_len});
    const size_t bounded = step < rest.size ? step : rest.size;
    rest = {rest.data + bounded, rest.size - bounded};
  }
  return 0;
}

int FakeKernel::Receive(std::vector<uint8_t>* buffer, size_t* size) {
  ++receives;
  if (overrun_) {
    overrun_ = false;
    return ENOBUFS;
  }
  if (queue_.empty()) return EAGAIN;
  if (buffer->size() < first_buffer) buffer->resize(first_buffer);
  const std::vector<uint8_t> datagram = std::move(queue_.front());
  queue_.pop_front();
  if (queue_.empty()) congested_ = false;
  if (const int error = TakeFront(&receive_errors)) return error;
  if (datagram.size() > buffer->size()) {
    buffer->resize(datagram.size() + datagram.size() / 4);
    return EMSGSIZE;
  }
  std::memcpy(buffer->data(), datagram.data(), datagram.size());
  *size = datagram.size();
  return 0;
}

// One datagram more, unless the queue is full: then it and all that come after it are lost until the reader
// has emptied the queue (netlink_overrun, netlink_rcv_wake).
void FakeKernel::Queue(std::vector<uint8_t> datagram) {
  if (congested_) return;
  if (queue_.size() >= queue_limit) {
    congested_ = true;
    overrun_ = true;
    return;
  }
  queue_.push_back(std::move(datagram));
}

void FakeKernel::Execute(const nlmsghdr& header, Bytes body, Bytes whole) {
  ++messages;
  int error = 0;
  if ((header.nlmsg_flags & NLM_F_REQUEST) != 0 && header.nlmsg_type >= NLMSG_MIN_TYPE) {
    error = Handle(header, body);
  }
  if (cancel != nullptr && messages >= cancel_after_messages) cancel->store(true);
  // netlink_rcv_skb takes -EINTR of a handler to mean that a dump answers: no acknowledgement at all.
  if (error == EINTR) return;
  if (error != 0 || (header.nlmsg_flags & NLM_F_ACK) != 0) Acknowledge(header, whole, error);
}

int FakeKernel::Handle(const nlmsghdr& header, Bytes body) {
  const bool is_read = header.nlmsg_type == RTM_GETLINK;
  if (!is_read && !permitted) return EPERM;
  ifinfomsg info;
  if (!ReadAt(body, 0, &info)) return EINVAL;
  if (messages > gone_after_messages || info.ifi_index != static_cast<int>(kIfindex)) return ENODEV;
  if (is_read) return GetLink(header.nlmsg_seq, body);
  if (header.nlmsg_type != RTM_SETLINK) return EOPNOTSUPP;
  ++setlinks;
  holds.push_back(0);
  return SetLink(body);
}

void FakeKernel::Acknowledge(const nlmsghdr& request, Bytes whole, int error) {
  const bool whole_request = error != 0 && !capped_acks;
  const bool text = error != 0 && !refusal_text.empty() && (error == EPERM || error == ENODEV);
  uint16_t flags = whole_request ? 0 : NLM_F_CAPPED;
  if (text) flags |= NLM_F_ACK_TLVS;
  Wire wire;
  const size_t message = wire.Begin(NLMSG_ERROR, flags, request.nlmsg_seq);
  wire.Raw(int32_t{-error});
  wire.Append(whole.data, whole_request ? whole.size : kHeader);
  if (text) wire.Put(NLMSGERR_ATTR_MSG, refusal_text.c_str(), refusal_text.size() + 1);
  wire.EndMessage(message);
  Queue(std::move(wire.bytes));
}

int FakeKernel::GetLink(uint32_t seq, Bytes body) {
  ++reads;
  uint32_t mask = 0;
  AttributeReader attributes({body.data + sizeof(ifinfomsg), body.size - sizeof(ifinfomsg)});
  Attribute attribute;
  while (attributes.Next(&attribute)) {
    if (attribute.type == IFLA_EXT_MASK && !ReadAt(attribute.payload, 0, &mask)) return ERANGE;
  }
  if (const int error = TakeFront(&read_errors)) return error;
  if ((mask & RTEXT_FILTER_VF) == 0) return EINVAL;  // nobody here should ask for less
  Ripen();
  LinkShape shape = link;
  shape.ifindex = kIfindex;
  shape.stats = (mask & RTEXT_FILTER_SKIP_STATS) == 0;
  Wire wire;
  AppendLink(&wire, seq, shape, shown_);
  Queue(std::move(wire.bytes));
  return 0;
}

// Lets changes appear whose time has come.
void FakeKernel::Ripen() {
  std::vector<Late> unripe;
  for (Late& change : late_) {
    if (--change.reads_left == 0) {
      CopyFields(&shown_[change.vf], change.values, change.fields);
    } else {
      unripe.push_back(change);
    }
  }
  late_ = std::move(unripe);
}

}  // namespace sriov
