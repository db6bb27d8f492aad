// Monotonic time in nanoseconds. Served by the vDSO where the machine has a usable counter, so that
// asking does not cost a system call.
#pragma once

#include <ctime>
#include <cstdint>

namespace sriov {

inline uint64_t MonotonicNs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000000u + static_cast<uint64_t>(now.tv_nsec);
}

// Sleeps for at most `ns`; a signal may cut it short, which callers that poll do not mind.
inline void SleepNs(uint64_t ns) {
  timespec span{static_cast<time_t>(ns / 1000000000u), static_cast<long>(ns % 1000000000u)};
  nanosleep(&span, nullptr);
}

}  // namespace sriov
