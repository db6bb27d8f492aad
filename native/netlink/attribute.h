// Reading netlink attributes (struct nlattr) out of bytes that came from outside.
// Owns bounds checks and nothing else: what an attribute means is the caller's business.
//
// Every length is checked against the bytes that are there; nothing is read through a cast pointer, since
// attributes are aligned to 4 bytes only and a u64 in one may lie across (lib/nlattr.c, nla_put).
#pragma once

#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sriov {

constexpr size_t kAttributeHeader = NLA_HDRLEN;

constexpr size_t AlignAttribute(size_t length) { return (length + NLA_ALIGNTO - 1) & ~size_t{NLA_ALIGNTO - 1}; }

// A span of constant bytes; owns nothing.
struct Bytes {
  const uint8_t* data = nullptr;
  size_t size = 0;
};

// Reads a T at `offset` of `bytes`; false, and `out` untouched, if it is not wholly there.
template <typename T>
[[nodiscard]] bool ReadAt(Bytes bytes, size_t offset, T* out) {
  if (offset > bytes.size || bytes.size - offset < sizeof(T)) return false;
  std::memcpy(out, bytes.data + offset, sizeof(T));
  return true;
}

struct Attribute {
  uint16_t type = 0;  // without NLA_F_NESTED and NLA_F_NET_BYTEORDER
  Bytes payload;
};

// Walks the attributes of one nest. `Next` gives false at the end and at the first one that does not fit;
// `malformed` then tells the two apart.
class AttributeReader {
 public:
  explicit AttributeReader(Bytes nest) : rest_(nest) {}

  [[nodiscard]] bool Next(Attribute* out) {
    if (rest_.size < kAttributeHeader) {
      malformed_ = malformed_ || rest_.size != 0;
      return false;
    }
    nlattr header;
    std::memcpy(&header, rest_.data, sizeof header);
    if (header.nla_len < kAttributeHeader || header.nla_len > rest_.size) {
      malformed_ = true;
      return false;
    }
    out->type = header.nla_type & NLA_TYPE_MASK;
    out->payload = {rest_.data + kAttributeHeader, header.nla_len - kAttributeHeader};
    Skip(AlignAttribute(header.nla_len));
    return true;
  }

  // Where the next attribute starts. For the one caller that must walk past a length that wrapped.
  Bytes rest() const { return rest_; }
  void Skip(size_t bytes) {
    const size_t step = bytes < rest_.size ? bytes : rest_.size;
    rest_ = {rest_.data + step, rest_.size - step};
  }
  bool malformed() const { return malformed_; }

 private:
  Bytes rest_;
  bool malformed_ = false;
};

}  // namespace sriov
