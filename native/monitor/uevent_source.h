// The kernel's uevents, and a scan of the devices at the beginning and whenever some were lost.
//
// Owns a queue of bounded length: when the event loop does not come to take it, it is dropped, and a scan makes up
// for it once the loop is there again. Never keeps devices: differences are worked out by the reader.
#pragma once

#include <pthread.h>

#include <memory>
#include <string>
#include <vector>

#include "monitor/device_scan.h"
#include "monitor/inbox.h"
#include "monitor/source.h"

namespace sriov {

struct UeventNews {
  Sync sync = Sync::kNone;
  std::vector<ScannedDevice> scan;   // all devices, if `sync` is not kNone
  std::vector<std::string> uevents;  // after the scan
  int error = 0;                     // errno: the source has given up
};

class UeventSource final : public Source {
 public:
  // Uevents that may wait to be taken.
  static constexpr size_t kMostQueued = 1024;

  // `inbox` is subscribed already; `sysfs` must outlive it.
  UeventSource(std::unique_ptr<Inbox> inbox, const char* sysfs);
  // With a socket of the calling thread's network namespace. nullptr and an errno if it cannot be had.
  static std::unique_ptr<UeventSource> Open(int* error);

  int fd() const override { return failed_ ? -1 : inbox_->fd(); }
  uint64_t due_ns() const override;
  [[nodiscard]] bool Work(uint64_t now_ns) override;

  // From any thread. *work is set if Work is then to be called soon.
  [[nodiscard]] UeventNews Take(bool* work);

 private:
  void Drain(size_t most, bool keep);
  void Rescan(uint64_t now_ns);
  bool Publish() const;

  const std::unique_ptr<Inbox> inbox_;
  const char* const sysfs_;
  std::vector<uint8_t> buffer_;
  uint64_t not_before_ns_ = 0;
  uint32_t tries_ = 0;
  bool lost_ = false;
  bool failed_ = false;
  bool first_ = true;

  mutable pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  // Guarded by mutex_.
  uint64_t due_ns_ = 1;  // the first scan is due at once
  std::vector<std::string> queue_;
  std::vector<ScannedDevice> scan_;
  Sync sync_ = Sync::kNone;
  bool overflowed_ = false;  // the queue was dropped, and nobody has asked since
  int error_ = 0;
};

}  // namespace sriov
