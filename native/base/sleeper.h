// How a request waits: plainly, or by way of a pool that lets others work meanwhile.
#pragma once

#include <cstdint>

namespace sriov {

class Sleeper {
 public:
  virtual ~Sleeper() = default;
  virtual void Sleep(uint64_t ns) = 0;
};


}  // namespace sriov
