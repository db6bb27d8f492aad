// Writing netlink messages into a buffer that is kept and reused.
// Owns alignment, padding and the length fields; never decides what is sent.
//
//   MessageWriter writer(&buffer);
//   writer.Begin(RTM_SETLINK, NLM_F_REQUEST, seq);
//   writer.Fixed(ifinfomsg{...});
//   size_t list = writer.OpenNest(IFLA_VFINFO_LIST);
//   uint8_t* p = writer.Reserve(rows * kMaxVfInfoBytes);  ... writer.Commit(end);
//   if (!writer.CloseNest(list)) ...the nest is over 65,535 bytes
//   writer.End();
#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include "netlink/attribute.h"

namespace sriov {

// nla_len has 16 bits: an attribute with its header is at most this long.
constexpr size_t kMaxAttributeBytes = 65535;

class MessageWriter {
 public:
  explicit MessageWriter(std::vector<uint8_t>* buffer) : buffer_(buffer) {}

  size_t size() const { return size_; }
  const uint8_t* data() const { return buffer_->data(); }
  void Clear() { size_ = 0; }

  void Begin(uint16_t type, uint16_t flags, uint32_t seq) {
    start_ = size_;
    const nlmsghdr header{0, type, flags, seq, 0};
    Append(&header, sizeof header);
  }

  template <typename T>
  void Fixed(const T& part) {
    Append(&part, sizeof part);
  }

  void Put(uint16_t type, const void* payload, size_t bytes) {
    const nlattr header{static_cast<uint16_t>(kAttributeHeader + bytes), type};
    Append(&header, sizeof header);
    Append(payload, bytes);
  }
  void PutU32(uint16_t type, uint32_t value) { Put(type, &value, sizeof value); }

  size_t OpenNest(uint16_t type) {
    const size_t at = size_;
    const nlattr header{0, type};
    Append(&header, sizeof header);
    return at;
  }
  // False if the nest is longer than its length field can tell; the kernel would then read garbage.
  [[nodiscard]] bool CloseNest(size_t at) {
    const size_t bytes = size_ - at;
    if (bytes > kMaxAttributeBytes) return false;
    const uint16_t length = static_cast<uint16_t>(bytes);
    std::memcpy(buffer_->data() + at, &length, sizeof length);
    return true;
  }

  // Room for `bytes` at the end, to be filled by the caller, who then says where he stopped.
  uint8_t* Reserve(size_t bytes) {
    Grow(size_ + bytes);
    return buffer_->data() + size_;
  }
  void Commit(const uint8_t* end) { size_ = static_cast<size_t>(end - buffer_->data()); }

  void AddFlags(uint16_t flags) {
    nlmsghdr header;
    std::memcpy(&header, buffer_->data() + start_, sizeof header);
    header.nlmsg_flags |= flags;
    std::memcpy(buffer_->data() + start_, &header, sizeof header);
  }

  void End() {
    const uint32_t length = static_cast<uint32_t>(size_ - start_);
    std::memcpy(buffer_->data() + start_, &length, sizeof length);
  }

 private:
  void Grow(size_t bytes) {
    if (buffer_->size() < bytes) buffer_->resize(bytes + bytes / 2);
  }
  void Append(const void* data, size_t bytes) {
    const size_t padded = AlignAttribute(bytes);
    uint8_t* at = Reserve(padded);
    std::memcpy(at, data, bytes);
    std::memset(at + bytes, 0, padded - bytes);
    size_ += padded;
  }

  std::vector<uint8_t>* buffer_;
  size_t size_ = 0;
  size_t start_ = 0;  // of the message that was begun last
};

}  // namespace sriov
