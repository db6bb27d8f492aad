// Something that the monitor's thread watches for the event loop.
// Owned by the Monitor; `Work` and the two questions are its thread's, everything else is said by the class.
#pragma once

#include <cstdint>

namespace sriov {

class Source {
 public:
  virtual ~Source() = default;

  // What poll(2) watches; -1 for nothing.
  virtual int fd() const = 0;
  // When Work is to be called though nothing is readable, on the clock of base/clock.h; 0 for never.
  virtual uint64_t due_ns() const = 0;
  // Takes in what is there, without waiting for more. True if there is something new to be taken.
  [[nodiscard]] virtual bool Work(uint64_t now_ns) = 0;
};

// Whether what was taken is complete, and since when.
enum class Sync : uint32_t {
  kNone,       // as before
  kFirst,      // from here on nothing is missed
  kAfterLoss,  // something was missed, and this makes up for it
};

// The first thing a source does, and again after each loss, is to read everything. Not more often than this: what
// causes losses is a storm, and each reading holds up others.
constexpr uint64_t kResyncPauseNs = 100'000'000;
// After an error the pause doubles each time; after this many tries, some six seconds, the source gives up.
constexpr uint32_t kMostResyncTries = 7;

}  // namespace sriov
