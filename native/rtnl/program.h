// What a request to program VFs asks for and what came of it.
// Owns these types; `programmer.h` does the work.
#pragma once

#include <atomic>
#include <cerrno>
#include <string>
#include <vector>

#include "base/sleeper.h"
#include "rtnl/span.h"

namespace sriov {

// "Not now": a VF in reset, a mailbox in use, a signal while the driver slept.
inline bool IsTransient(int error) { return error == EBUSY || error == EAGAIN || error == EINTR; }

struct ProgramOptions {
  uint64_t max_hold_ns = 10000000;   // longest time one message should hold rtnl
  uint64_t retry_ns = 1000000000;    // how long transient errors are retried and late drivers waited for
  bool verify = false;
  bool atomic = false;
  const std::atomic<bool>* cancelled = nullptr;  // set by another thread to stop between two messages
  Sleeper* sleeper = nullptr;                    // waits between tries; plainly if there is none
};

enum class FailureKind : uint32_t {
  kRefused,      // the kernel said no: `error`
  kNotApplied,   // accepted, but reads back differently
  kNotReported,  // changed, and what was there before is not known
};

struct Failure {
  uint32_t row = 0;
  uint32_t vf = 0;
  uint32_t setting = 0;
  FailureKind kind = FailureKind::kRefused;
  int error = 0;
  std::string extended_ack;
};

struct ProgramResult {
  int error = 0;  // the request as a whole was refused, or the connection to the kernel failed
  std::string extended_ack;
  std::vector<Failure> failures;
  std::vector<Failure> not_restored;
  bool rolled_back = false;
  bool aborted = false;
  uint32_t requested = 0;
  uint32_t applied = 0;
  uint32_t unverified = 0;
  uint32_t messages = 0;
  uint32_t reads = 0;
  uint32_t retries = 0;
  uint32_t num_vf = 0;  // IFLA_NUM_VF if the PF was read on the way, else 0
  uint64_t duration_ns = 0;
};

}  // namespace sriov
