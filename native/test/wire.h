// Netlink bytes as the kernel writes them, for tests to feed to the code under test.
// Independent of netlink/writer.h on purpose, and without its checks: a nest that is too long gets the low
// 16 bits of its length, as nla_nest_end does (include/net/netlink.h).
#pragma once

#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace sriov {

class Wire {
 public:
  std::vector<uint8_t> bytes;

  size_t Begin(uint16_t type, uint16_t flags, uint32_t seq) {
    const size_t at = bytes.size();
    Raw(nlmsghdr{0, type, flags, seq, 0});
    return at;
  }
  void EndMessage(size_t at) {
    const uint32_t length = static_cast<uint32_t>(bytes.size() - at);
    std::memcpy(bytes.data() + at, &length, sizeof length);
    Pad();
  }

  template <typename T>
  void Raw(const T& value) {
    Append(&value, sizeof value);
  }
  void Append(const void* data, size_t size) {
    const uint8_t* from = static_cast<const uint8_t*>(data);
    bytes.insert(bytes.end(), from, from + size);
  }

  void Put(uint16_t type, const void* payload, size_t size) {
    Raw(nlattr{static_cast<uint16_t>(NLA_HDRLEN + size), type});
    Append(payload, size);
    Pad();
  }
  template <typename T>
  void Put(uint16_t type, const T& payload) {
    Put(type, &payload, sizeof payload);
  }

  size_t Nest(uint16_t type) {
    const size_t at = bytes.size();
    Raw(nlattr{0, type});
    return at;
  }
  void EndNest(size_t at) {
    const uint16_t length = static_cast<uint16_t>(bytes.size() - at);
    std::memcpy(bytes.data() + at, &length, sizeof length);
  }

 private:
  void Pad() { bytes.resize((bytes.size() + 3) & ~size_t{3}, 0); }
};

}  // namespace sriov
